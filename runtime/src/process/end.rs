//! Ending processes.

use std::{collections::BTreeSet, fs, io, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use super::{POLL, ProcessTable};

/// An environment variable that every process of a session inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark(Vec<u8>);

impl Mark {
    /// Name of the variable that holds a session's id.
    pub(crate) const SESSION: &'static str = "STREAMSPACE_SESSION";
    /// Name of the variable that holds the server's data folder.
    pub(crate) const DATA: &'static str = "STREAMSPACE_DATA";

    pub(crate) fn new(name: &str, value: &str) -> Self {
        Self(format!("{name}={value}").into_bytes())
    }

    /// The living processes that carry the mark, this process not included.
    pub(crate) fn carriers(&self, table: &ProcessTable) -> BTreeSet<u32> {
        let me = std::process::id();
        table
            .iter()
            .map(|process| process.pid)
            .filter(|&pid| pid != me && self.is_carried_by(pid))
            .collect()
    }

    fn is_carried_by(&self, pid: u32) -> bool {
        // Processes of other users cannot be read, and are not ours.
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| {
            environ
                .split(|&byte| byte == 0)
                .any(|entry| entry == self.0)
        })
    }
}

/// What became of processes that were sent a signal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signalled {
    /// Every process that was found.
    pub(crate) found: BTreeSet<u32>,
    /// Those that did not end in time.
    pub(crate) alive: BTreeSet<u32>,
}

/// Sends `signal` once to each process that `find` finds, looking again until it finds none alive.
///
/// Gives up after `limit`.
///
/// # Errors
/// `/proc` cannot be read.
pub(crate) async fn signal_until_gone(
    signal: Signal,
    limit: Duration,
    find: impl Fn(&ProcessTable) -> BTreeSet<u32>,
) -> io::Result<Signalled> {
    let deadline = Instant::now() + limit;
    let mut found = BTreeSet::new();
    loop {
        let table = ProcessTable::read()?;
        let alive = living(&table, find(&table));
        for &pid in &alive {
            if found.insert(pid) {
                send(pid, signal);
            }
        }
        if alive.is_empty() || Instant::now() >= deadline {
            return Ok(Signalled { found, alive });
        }
        sleep(POLL).await;
    }
}

fn living(table: &ProcessTable, mut pids: BTreeSet<u32>) -> BTreeSet<u32> {
    for process in table.iter().filter(|process| process.zombie) {
        pids.remove(&process.pid);
    }
    pids
}

fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may have ended since the table was read.
        let _ = kill_process(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn a_process_that_outlives_its_limit_is_told() {
        let mut child = Command::new("sleep").arg("1000").spawn().expect("sleep");
        let pid = child.id();
        let find = |_: &ProcessTable| [pid].into();
        let ask = |signal, limit| signal_until_gone(signal, limit, find);
        // Does nothing to a process that has no terminal.
        let ignored = ask(Signal::WINCH, Duration::ZERO).await.expect("/proc");
        assert_eq!(ignored.alive, [pid].into());
        let killed = ask(Signal::KILL, Duration::from_secs(30)).await;
        let killed = killed.expect("/proc");
        assert_eq!((killed.found, killed.alive), ([pid].into(), [].into()));
        child.wait().expect("collected");
    }
}
