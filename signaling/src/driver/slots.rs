//! How many connections there may be.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use streamspace_protocol::SessionId;

use crate::Refusal;

/// The most connections at once; the next one is refused with `limit-reached`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// WebSockets of the whole gateway, whether they have said hello or not.
    pub connections: usize,
    /// WebSockets of one session, of those whose token was good.
    pub viewers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            viewers: 64,
        }
    }
}

#[derive(Debug)]
pub(super) struct Slots {
    limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    connections: usize,
    viewers: HashMap<SessionId, usize>,
}

/// Room for one connection, given back when dropped.
#[derive(Debug)]
pub(super) struct ConnectionSlot(Arc<Slots>);

/// Room for one viewer of one session, given back when dropped.
#[derive(Debug)]
pub(super) struct ViewerSlot(Arc<Slots>, SessionId);

impl Slots {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            taken: Mutex::default(),
        }
    }

    pub(super) fn connection(self: &Arc<Self>) -> Result<ConnectionSlot, Refusal> {
        let limit = self.limits.connections;
        let mut taken = self.taken();
        if taken.connections >= limit {
            return Err(Refusal::TooManyConnections { limit });
        }
        taken.connections += 1;
        Ok(ConnectionSlot(Arc::clone(self)))
    }

    pub(super) fn viewer(self: &Arc<Self>, session: &SessionId) -> Result<ViewerSlot, Refusal> {
        let limit = self.limits.viewers;
        let mut taken = self.taken();
        let viewers = taken.viewers.entry(session.clone()).or_default();
        if *viewers >= limit {
            return Err(Refusal::TooManyViewers { limit });
        }
        *viewers += 1;
        Ok(ViewerSlot(Arc::clone(self), session.clone()))
    }

    pub(super) fn connections(&self) -> usize {
        self.taken().connections
    }

    /// Counts stay true even if a task panics with the lock held: each change is one step.
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.0.taken().connections -= 1;
    }
}

impl Drop for ViewerSlot {
    fn drop(&mut self) {
        let mut taken = self.0.taken();
        if let Some(viewers) = taken.viewers.get_mut(&self.1) {
            *viewers -= 1;
            if *viewers == 0 {
                taken.viewers.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_free_again_once_it_is_dropped() {
        let limits = Limits {
            connections: 2,
            viewers: 1,
        };
        let slots = Arc::new(Slots::new(limits));
        let (a, b) = ("a".parse().expect("a name"), "b".parse().expect("a name"));
        let first = slots.viewer(&a).expect("room");
        let _other = slots.viewer(&b).expect("room in another session");
        assert_eq!(
            slots.viewer(&a).expect_err("the session is full"),
            Refusal::TooManyViewers { limit: 1 }
        );
        drop(first);
        let _again = slots.viewer(&a).expect("room again");

        let connections = [slots.connection(), slots.connection()];
        assert!(slots.connection().is_err());
        drop(connections);
        assert!(slots.connection().is_ok());
        assert_eq!(slots.taken().viewers.len(), 2);
    }
}
