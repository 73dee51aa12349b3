//! GStreamer's search for plugins, which asks drivers and must not hang with them.
//!
//! It is done by a child process of GStreamer's. If that one dies, GStreamer leaves out the plugin that it
//! was at, remembers that, and goes on with the next: so one that hangs is killed.

use std::{
    fs,
    sync::mpsc::{RecvTimeoutError, sync_channel},
    time::Duration,
};

use rustix::process::{Pid, Signal, getpid, kill_process};

use super::watchdog;

/// A scanner that has used no processor time for this long hangs...
const LOOK: Duration = Duration::from_secs(10);
/// ...and so does one that is still busy at the same after so many looks.
const MOST_LOOKS: u32 = 6;
/// As the kernel cuts off `gst-plugin-scanner`.
const NAME: &str = "gst-plugin-scan";

/// Runs GStreamer's start, and ends scanners that hang meanwhile.
pub(super) fn guarded<T>(start: impl FnOnce() -> T) -> T {
    let (started, starts) = sync_channel::<()>(0);
    watchdog::start("scan", move || {
        let mut before = None;
        while starts.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            before = look(before);
        }
    });
    let result = start();
    drop(started);
    result
}

/// A scanner at work.
#[derive(Debug, Clone, Copy)]
struct Scanner {
    pid: Pid,
    /// Processor time, in the kernel's ticks.
    used: u64,
    looks: u32,
}

impl Scanner {
    fn hangs(&self, before: Option<Self>) -> bool {
        let idle = before.is_some_and(|before| before.pid == self.pid && before.used == self.used);
        idle || self.looks >= MOST_LOOKS
    }
}

fn look(before: Option<Scanner>) -> Option<Scanner> {
    let mut now = find()?;
    if let Some(before) = before.filter(|before| before.pid == now.pid) {
        now.looks = before.looks + 1;
    }
    if !now.hangs(before) {
        return Some(now);
    }
    let killed = kill_process(now.pid, Signal::KILL);
    tracing::warn!(
        ?killed,
        "GStreamer's scanner hangs, and leaves a plugin out"
    );
    None
}

/// Our own child of that name.
fn find() -> Option<Scanner> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok())
        .find_map(|stat| parse(&stat, getpid()))
}

/// From a line of `/proc/PID/stat` (proc_pid_stat(5)), if it is of a scanner that is a child of `parent`.
fn parse(stat: &str, parent: Pid) -> Option<Scanner> {
    let (pid, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // The fields after the name, from the state on, which is the third of all.
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let is_ours = name == NAME && number(1) == u64::try_from(parent.as_raw_nonzero().get()).ok();
    is_ours.then_some(Scanner {
        pid: Pid::from_raw(pid.parse().ok()?)?,
        used: number(11)? + number(12)?,
        looks: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_scanner_of_our_own_is_found() {
        let parent = Pid::from_raw(40).expect("a number");
        let stat = |name: &str, parent: u32| {
            format!("41 ({name}) S {parent} 40 40 0 -1 0 1 2 3 4 500 60 0 0 20 0 1 0 99 1 1")
        };
        let found = parse(&stat(NAME, 40), parent).expect("ours");
        assert_eq!((found.pid.as_raw_nonzero().get(), found.used), (41, 560));
        assert!(parse(&stat(NAME, 39), parent).is_none());
        assert!(parse(&stat("sh) (", 40), parent).is_none());
        assert!(parse("", parent).is_none());
    }

    #[test]
    fn a_scanner_hangs_that_does_nothing_or_the_same_for_long() {
        let scanner = |used, looks| Scanner {
            pid: getpid(),
            used,
            looks,
        };
        assert!(!scanner(5, 0).hangs(None));
        assert!(!scanner(6, 1).hangs(Some(scanner(5, 0))));
        assert!(scanner(5, 1).hangs(Some(scanner(5, 0))));
        assert!(scanner(99, MOST_LOOKS).hangs(Some(scanner(98, 5))));
    }
}
