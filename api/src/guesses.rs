//! How often an address may be wrong about a secret.
//!
//! Nobody guesses 256 random bits. This keeps those who try from the disk, and their tries few.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Wrong guesses that an address has at once, and when it gets each back.
const CREDIT: u32 = 20;
const CREDIT_INTERVAL: Duration = Duration::from_secs(3);
/// Addresses that are remembered. When there are more, those that have long been quiet give way, and
/// then any: to fill it takes more addresses than a guesser gains by it.
const REMEMBERED: usize = 4096;

/// Where a request comes from: by its connection, or as a trusted proxy tells (`peers`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PeerAddress(pub(crate) IpAddr);

impl PeerAddress {
    /// Of a request that no network brought.
    pub(crate) const NONE: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// Whoever has one IPv6 address has the 2^64 beside it.
    pub(crate) fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
            }
        }
    }
}

/// When each address has its full credit again; each wrong guess puts that off.
#[derive(Debug, Default)]
pub(crate) struct Guesses(Mutex<HashMap<IpAddr, Instant>>);

impl Guesses {
    pub(crate) fn may_guess(&self, from: PeerAddress, now: Instant) -> bool {
        let full = self.full().get(&from.network()).copied();
        full.is_none_or(|full| full + CREDIT_INTERVAL <= now + CREDIT * CREDIT_INTERVAL)
    }

    pub(crate) fn was_wrong(&self, from: PeerAddress, now: Instant) {
        let mut full = self.full();
        if full.len() >= REMEMBERED && !full.contains_key(&from.network()) {
            full.retain(|_, full| *full > now);
            if full.len() >= REMEMBERED {
                full.clear();
            }
        }
        let of_this = full.entry(from.network()).or_insert(now);
        *of_this = (*of_this).max(now) + CREDIT_INTERVAL;
    }

    /// Each change is one step, so it stays true even if a task panics with the lock held.
    fn full(&self) -> MutexGuard<'_, HashMap<IpAddr, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> PeerAddress {
        PeerAddress(text.parse().expect("an address"))
    }

    /// How many wrong guesses an address has until it has to wait.
    fn guesses_of(guesses: &Guesses, from: &str, now: Instant) -> u32 {
        let from = address(from);
        let mut count = 0;
        while guesses.may_guess(from, now) && count < 1000 {
            guesses.was_wrong(from, now);
            count += 1;
        }
        count
    }

    #[test]
    fn an_address_that_is_wrong_too_often_waits_and_others_do_not() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        assert_eq!(guesses_of(&guesses, "192.0.2.1", now), CREDIT);
        assert_eq!(guesses_of(&guesses, "192.0.2.1", now), 0);
        assert_eq!(guesses_of(&guesses, "192.0.2.2", now), CREDIT);
        let later = now + 5 * CREDIT_INTERVAL;
        assert_eq!(guesses_of(&guesses, "192.0.2.1", later), 5);
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_share_their_guesses() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        assert_eq!(guesses_of(&guesses, "2001:db8::1", now), CREDIT);
        assert_eq!(guesses_of(&guesses, "2001:db8::2", now), 0);
        assert_eq!(guesses_of(&guesses, "2001:db8:0:1::1", now), CREDIT);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for n in 0..10_000u32 {
            guesses.was_wrong(PeerAddress(IpAddr::V4(Ipv4Addr::from(n))), now);
        }
        assert!(guesses.full().len() <= REMEMBERED);
    }
}
