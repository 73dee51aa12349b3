//! Collecting ended children that nobody waits for.
//!
//! Servers and supervisors are child subreapers (prctl(2)): a process whose parent ends becomes
//! their child, so that nothing of a session gets out of sight. The price is that they collect
//! such processes' exit statuses.

use std::{
    collections::BTreeSet,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::{Pid, WaitOptions, waitpid};

use tokio::time::{Instant, sleep};

use super::{
    POLL,
    table::{Process, ProcessTable},
};

/// Collects every ended child of this process but those in `kept`, which someone waits for.
pub(crate) fn reap_all_but(kept: &BTreeSet<u32>, table: &ProcessTable) {
    let me = std::process::id();
    for child in table.children(me).filter(|child| child.zombie) {
        if !kept.contains(&child.pid) {
            collect(child.pid);
        }
    }
}

/// Collects every child of this process, all of which have been killed.
///
/// A killed process with many threads is a zombie before it can be collected, so this may take more
/// than one look. Gives up after `limit`.
///
/// # Errors
/// `/proc` cannot be read.
pub(crate) async fn reap_killed(limit: Duration) -> io::Result<()> {
    let me = std::process::id();
    reap_until_none(limit, |table| table.children(me).copied().collect()).await
}

/// Collects the ended ones of [`orphans`], as [`reap_killed`] does. This process's own children are
/// left to whoever started them.
pub(crate) async fn reap_orphans(limit: Duration) -> io::Result<()> {
    reap_until_none(limit, orphans).await
}

async fn reap_until_none(
    limit: Duration,
    find: impl Fn(&ProcessTable) -> Vec<Process>,
) -> io::Result<()> {
    let deadline = Instant::now() + limit;
    loop {
        let mut zombies = find(&ProcessTable::read()?);
        zombies.retain(|process| process.zombie);
        if zombies.is_empty() || Instant::now() >= deadline {
            return Ok(());
        }
        let left = zombies.iter().filter(|zombie| !collect(zombie.pid)).count();
        if left > 0 {
            sleep(POLL).await;
        }
    }
}

/// What this server has taken over from processes that ended, such as supervisors that were killed:
/// its children in foreign POSIX sessions that it did not start as supervisors.
fn orphans(table: &ProcessTable) -> Vec<Process> {
    let own_session = own_session();
    let supervisors = Supervisors::lock();
    table
        .children(std::process::id())
        .filter(|child| child.session != own_session && !supervisors.0.contains(&child.pid))
        .copied()
        .collect()
}

/// The POSIX session of this process.
///
/// It is 0 where the session's leader is outside of this process's PID namespace, as of the first
/// process in a container; getsid(2) has no type for that.
pub(crate) fn own_session() -> u32 {
    let me = std::process::id();
    Process::read(me).map_or(me, |process| process.session)
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

/// Whether it has been collected, now or before.
fn collect(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return true;
    };
    !matches!(waitpid(Some(pid), WaitOptions::NOHANG), Ok(None))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    #[ignore = "started by the next test in a PID namespace of its own"]
    fn a_session_from_outside_is_number_0() {
        assert_eq!(own_session(), 0);
    }

    #[test]
    fn the_own_session_is_known_in_a_container_too() {
        let enter = [
            "--user",
            "--map-root-user",
            "--pid",
            "--fork",
            "--mount-proc",
        ];
        let unshare = || {
            let mut command = Command::new("unshare");
            command.args(enter);
            command
        };
        if !unshare()
            .arg("true")
            .status()
            .is_ok_and(|done| done.success())
        {
            eprintln!("not tested: this machine has no PID namespaces for us");
            return;
        }
        let done = unshare()
            .arg(std::env::current_exe().expect("this program"))
            .args(["--ignored", "--exact"])
            .arg("process::reap::tests::a_session_from_outside_is_number_0")
            .output()
            .expect("it runs");
        assert!(done.status.success(), "{done:?}");
    }
}
