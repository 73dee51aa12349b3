//! Join tokens are good once. A gateway sees to that for those that it redeems; for all gateways together
//! the session does.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use streamspace_protocol::Ticket;

/// Far more than viewers come in the seconds that a token is good.
const MOST_REMEMBERED: usize = 16_384;

/// The tickets that viewers have come by, until they are no good anyway. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsedTickets(Arc<Mutex<BTreeSet<Ticket>>>);

impl UsedTickets {
    /// Whether nobody has come by this ticket before. When too many came to remember another, nobody comes:
    /// forgetting one would let it be used again.
    pub(super) fn take(&self, ticket: Ticket, now: Timestamp) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.as_millisecond();
        while used
            .first()
            .is_some_and(|first| first.expires_unix_ms <= now)
        {
            used.pop_first();
        }
        used.len() < MOST_REMEMBERED && used.insert(ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("in range")
    }

    fn ticket(expires_unix_ms: i64, nonce: u8) -> Ticket {
        Ticket {
            expires_unix_ms,
            nonce: [nonce; 16],
        }
    }

    #[test]
    fn nobody_comes_by_a_ticket_twice_and_each_is_forgotten_when_it_is_no_good_any_more() {
        let used = UsedTickets::default();
        assert!(used.take(ticket(15, 1), at(0)));
        assert!(used.take(ticket(15, 2), at(1)));
        assert!(!used.clone().take(ticket(15, 1), at(14)));
        assert!(used.take(ticket(99, 1), at(15)));
        assert_eq!(used.0.lock().expect("no panic").len(), 1);
    }

    #[test]
    fn when_too_many_are_remembered_nobody_comes() {
        let used = UsedTickets::default();
        for expires in 1..=MOST_REMEMBERED {
            let expires = i64::try_from(expires).expect("few");
            assert!(used.take(ticket(expires, 0), at(0)));
        }
        assert!(!used.take(ticket(i64::MAX, 0), at(0)));
        assert!(used.take(ticket(i64::MAX, 0), at(1)));
    }
}
