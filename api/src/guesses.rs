//! How often somebody may be wrong about a secret.
//!
//! Nobody guesses 256 random bits: [`Guesses`] keeps those who try to from the disk, and their tries
//! few. Passwords are another matter: [`Lockout`].

pub(crate) mod credit;
mod lockout;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use self::credit::Credit;
pub(crate) use self::lockout::{Attempt, Lockout, Verdict};

/// Wrong guesses that an address has at once, and when it gets each back.
const CREDIT: u32 = 20;
const CREDIT_INTERVAL: Duration = Duration::from_secs(3);

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

/// Of share links, by address.
#[derive(Debug)]
pub(crate) struct Guesses(Mutex<Credit<IpAddr>>);

impl Default for Guesses {
    fn default() -> Self {
        Self(Mutex::new(Credit::new(CREDIT, CREDIT_INTERVAL)))
    }
}

impl Guesses {
    /// How long the address has to wait, if it has to.
    pub(crate) fn wait(&self, from: PeerAddress, now: Instant) -> Option<Duration> {
        self.credit().wait(&from.network(), now)
    }

    pub(crate) fn was_wrong(&self, from: PeerAddress, now: Instant) {
        self.credit().take(from.network(), now);
    }

    /// Each change is one step, so it stays true even if a task panics with the lock held.
    fn credit(&self) -> MutexGuard<'_, Credit<IpAddr>> {
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
        while guesses.wait(from, now).is_none() && count < 1000 {
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
}
