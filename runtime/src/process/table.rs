//! A look at `/proc`: every process with its parent and its POSIX session (proc(5)).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    /// Process id of whoever called `setsid`; survives in zombies and in orphans.
    pub(crate) session: u32,
    pub(crate) zombie: bool,
    /// In clock ticks since the machine was started.
    pub(crate) started: u64,
}

impl Process {
    /// Nothing if there is no such process.
    pub(crate) fn read(pid: u32) -> Option<Self> {
        parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }
}

/// All processes at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProcessTable(BTreeMap<u32, Process>);

impl ProcessTable {
    /// # Errors
    /// `/proc` cannot be read. A process that ends meanwhile is left out.
    pub(crate) fn read() -> io::Result<Self> {
        let pids = fs::read_dir("/proc")?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        Ok(pids.filter_map(Process::read).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Process> {
        self.0.values()
    }

    /// Whether this very process is there, and not another that got its process id.
    pub(crate) fn has(&self, process: &Process) -> bool {
        self.0
            .get(&process.pid)
            .is_some_and(|other| other.started == process.started)
    }

    pub(crate) fn children(&self, parent: u32) -> impl Iterator<Item = &Process> {
        self.iter().filter(move |process| process.parent == parent)
    }

    /// Everything below `ancestor`, itself not included.
    pub(crate) fn descendants(&self, ancestor: u32) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        let mut unvisited = vec![ancestor];
        while let Some(parent) = unvisited.pop() {
            let new = self.children(parent).map(|process| process.pid);
            unvisited.extend(new.filter(|&pid| pid != ancestor && found.insert(pid)));
        }
        found
    }

    /// `roots`, with everything that shares a POSIX session with one of them or descends from one.
    ///
    /// Some programs overwrite their environment, and with it the mark that makes a process a root
    /// (Chromium, to set its title); their POSIX session and parents still tell whose they are.
    /// `protected`, the caller's own POSIX session, is never included.
    pub(crate) fn kin(&self, roots: BTreeSet<u32>, protected: u32) -> BTreeSet<u32> {
        let mut kin: BTreeSet<u32> = roots;
        loop {
            let sessions: BTreeSet<u32> = kin
                .iter()
                .filter_map(|pid| Some(self.0.get(pid)?.session))
                .collect();
            let more: Vec<u32> = self
                .iter()
                .filter(|process| {
                    kin.contains(&process.parent) || sessions.contains(&process.session)
                })
                .filter(|process| process.session != protected)
                .map(|process| process.pid)
                .filter(|pid| !kin.contains(pid))
                .collect();
            if more.is_empty() {
                kin.retain(|pid| {
                    self.0
                        .get(pid)
                        .is_none_or(|process| process.session != protected)
                });
                return kin;
            }
            kin.extend(more);
        }
    }
}

impl FromIterator<Process> for ProcessTable {
    fn from_iter<I: IntoIterator<Item = Process>>(processes: I) -> Self {
        Self(
            processes
                .into_iter()
                .map(|process| (process.pid, process))
                .collect(),
        )
    }
}

/// Reads `/proc/PID/stat`. The name in parentheses may itself hold spaces and parentheses.
fn parse_stat(text: &str) -> Option<Process> {
    let pid = text.split(' ').next()?.parse().ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let _group = fields.next()?;
    let session = fields.next()?.parse().ok()?;
    // Field 22 of proc(5).
    let started = fields.nth(15)?.parse().ok()?;
    Some(Process {
        pid,
        parent,
        session,
        zombie: matches!(state, "Z" | "X"),
        started,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn process(pid: u32, parent: u32, session: u32) -> Process {
        Process {
            pid,
            parent,
            session,
            zombie: false,
            started: 0,
        }
    }

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        assert_eq!(
            parse_stat("42 (a) S (b)) Z 7 8 9 0 -1 4 0 0 0 0 1 2 3 4 20 0 1 0 5678 9 9"),
            Some(Process {
                zombie: true,
                started: 5678,
                ..process(42, 7, 9)
            })
        );
    }

    #[test]
    fn this_process_is_in_the_table_under_its_parent() {
        let table = ProcessTable::read().expect("/proc is there");
        let me = std::process::id();
        let parent = std::os::unix::process::parent_id();
        assert!(table.children(parent).any(|process| process.pid == me));
        assert!(table.descendants(parent).contains(&me));
    }

    #[test]
    fn kin_are_found_through_sessions_and_parents_but_never_in_the_own_session() {
        let table: ProcessTable = [
            process(1, 0, 1),
            process(10, 1, 10),
            process(20, 1, 20),
            process(21, 1, 20),
            process(22, 21, 22),
            process(23, 1, 22),
            process(30, 20, 10),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            table.kin([20].into(), 10),
            [20, 21, 22, 23].into_iter().collect()
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            let _ = parse_stat(&text);
        }

        #[test]
        fn descendants_end_even_where_parents_form_a_ring(parents in proptest::collection::vec(0u32..12, 12)) {
            let table: ProcessTable = parents.iter().zip(0..).map(|(&parent, pid)| process(pid, parent, 0)).collect();
            prop_assert!(table.descendants(0).len() <= 12);
        }
    }
}
