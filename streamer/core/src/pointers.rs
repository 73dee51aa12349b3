//! Where persons point, for the others: gathered, and told some twenty times a second.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use streamspace_protocol::{PersonPointer, Pointers, ViewerId};

const INTERVAL: Duration = Duration::from_millis(50);

/// One message for all: how much of it there is does not grow with who moves how fast.
#[derive(Debug, Default)]
pub(crate) struct PointerNews {
    moved: BTreeMap<ViewerId, (u16, u16)>,
    told: Option<Instant>,
}

impl PointerNews {
    pub(crate) fn moved(&mut self, viewer: ViewerId, x: u16, y: u16) {
        self.moved.insert(viewer, (x, y));
    }

    pub(crate) fn left(&mut self, viewer: ViewerId) {
        self.moved.remove(&viewer);
    }

    pub(crate) fn take(&mut self, now: Instant) -> Option<Pointers> {
        if self.moved.is_empty() || self.poll_timeout().is_some_and(|due| due > now) {
            return None;
        }
        self.told = Some(now);
        let moved = std::mem::take(&mut self.moved).into_iter();
        let pointer = |(viewer, (x, y))| PersonPointer { viewer, x, y };
        Some(Pointers {
            pointers: moved.map(pointer).collect(),
        })
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let told = self.told.filter(|_| !self.moved.is_empty())?;
        Some(told + INTERVAL)
    }
}
