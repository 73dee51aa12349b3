//! Collecting ended children that nobody waits for.
//!
//! Servers and supervisors are child subreapers (prctl(2)): a process whose parent ends becomes
//! their child, so that nothing of a session gets out of sight. The price is that they collect
//! such processes' exit statuses.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::process::{Pid, WaitOptions, getpid, getsid, waitpid};

use super::table::{Process, ProcessTable};

/// Collects every ended child of this process but those in `kept`, which someone waits for.
pub(crate) fn reap_all_but(kept: &BTreeSet<u32>, table: &ProcessTable) {
    let me = std::process::id();
    for child in table.children(me).filter(|child| child.zombie) {
        if !kept.contains(&child.pid) {
            collect(child.pid);
        }
    }
}

/// Collects the ended ones of [`orphans`]. This process's own children are left to whoever started
/// them.
pub(crate) fn reap_orphans(table: &ProcessTable) {
    for orphan in orphans(table).into_iter().filter(|orphan| orphan.zombie) {
        collect(orphan.pid);
    }
}

/// What this server has taken over from processes that ended, such as supervisors that were killed:
/// its children in foreign POSIX sessions that it did not start as supervisors.
pub(crate) fn orphans(table: &ProcessTable) -> Vec<Process> {
    let own_session = own_session();
    let supervisors = Supervisors::lock();
    table
        .children(std::process::id())
        .filter(|child| child.session != own_session && !supervisors.0.contains(&child.pid))
        .copied()
        .collect()
}

/// The POSIX session of this process.
pub(crate) fn own_session() -> u32 {
    getsid(None).map_or_else(|_| raw(getpid()), raw)
}

/// Supervisors that this process started and waits for.
///
/// Of the whole process, because being a subreaper is: two runtimes in one process share orphans.
pub(crate) struct Supervisors(MutexGuard<'static, BTreeSet<u32>>);

static SUPERVISORS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

impl Supervisors {
    /// While this is held no orphan is collected, so that a supervisor which ends at once is seen
    /// by its own waiter.
    pub(crate) fn lock() -> Self {
        Self(SUPERVISORS.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn add(&mut self, pid: u32) {
        self.0.insert(pid);
    }

    pub(crate) fn remove(&mut self, pid: u32) {
        self.0.remove(&pid);
    }
}

fn raw(pid: Pid) -> u32 {
    pid.as_raw_pid().unsigned_abs()
}

fn collect(pid: u32) {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return;
    };
    // It may have been collected since the table was read.
    let _ = waitpid(Some(pid), WaitOptions::NOHANG);
}
