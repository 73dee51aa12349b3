//! Who descends from a supervisor, remembered beyond its end.

use std::collections::{BTreeMap, BTreeSet};

use super::{Process, ProcessTable};

/// A process and all that was ever seen below it and is still there.
///
/// Once a supervisor has been killed, its orphans are children of the server like any other's, for
/// example a browser that was opened for the server's user. Only who was seen below the supervisor
/// is known to be the session's.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) ancestor: Process,
    members: BTreeMap<u32, Process>,
}

impl Family {
    pub(crate) fn of(ancestor: Process) -> Self {
        Self {
            ancestor,
            members: BTreeMap::new(),
        }
    }

    /// Takes note of who is there now. Nobody leaves the family while the ancestor, a subreaper,
    /// lives; and nobody joins it afterwards.
    pub(crate) fn look(&mut self, table: &ProcessTable) {
        self.members.retain(|_, member| table.has(member));
        if table.has(&self.ancestor) {
            let descendants = table.descendants(self.ancestor.pid);
            let new = table
                .iter()
                .filter(|process| descendants.contains(&process.pid));
            self.members
                .extend(new.map(|&process| (process.pid, process)));
        }
    }

    /// Those of the family who are in the table.
    pub(crate) fn present(&self, table: &ProcessTable) -> BTreeSet<u32> {
        self.members
            .values()
            .chain([&self.ancestor])
            .filter(|member| table.has(member))
            .map(|member| member.pid)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: u32, started: u64) -> Process {
        Process {
            pid,
            parent,
            session: pid,
            zombie: false,
            started,
        }
    }

    fn table(processes: &[Process]) -> ProcessTable {
        processes.iter().copied().collect()
    }

    #[test]
    fn orphans_are_known_again_and_strangers_of_the_same_number_are_not() {
        let supervisor = process(10, 1, 100);
        let mut family = Family::of(supervisor);
        let [stray, gone] = [process(11, 10, 101), process(12, 11, 102)];
        family.look(&table(&[process(1, 0, 0), supervisor, stray, gone]));
        let orphan = process(11, 1, 101);
        let browser = process(13, 1, 103);
        let other = process(12, 1, 104);
        let after = table(&[process(1, 0, 0), orphan, browser, other]);
        assert_eq!(family.present(&after), [11].into());
        family.look(&after);
        assert_eq!(family.present(&after), [11].into());
    }

    #[test]
    fn who_descends_from_another_process_with_the_ancestors_number_is_no_member() {
        let mut family = Family::of(process(10, 1, 100));
        let reused = table(&[process(10, 1, 200), process(11, 10, 201)]);
        family.look(&reused);
        assert_eq!(family.present(&reused), BTreeSet::new());
    }
}
