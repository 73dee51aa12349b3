//! What happens when: events in the order of their times, and of their making at one time.

use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Agenda<E> {
    events: BTreeMap<(Duration, u64), E>,
    made: u64,
}

impl<E> Agenda<E> {
    pub(crate) fn new() -> Self {
        Self {
            events: BTreeMap::new(),
            made: 0,
        }
    }

    pub(crate) fn add(&mut self, at: Duration, event: E) {
        self.made += 1;
        self.events.insert((at, self.made), event);
    }

    pub(crate) fn next(&mut self) -> Option<(Duration, E)> {
        let ((at, _), event) = self.events.pop_first()?;
        Some((at, event))
    }
}
