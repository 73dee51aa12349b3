//! How often somebody may be wrong about a password or a code.
//!
//! Tries count for the address and for the name, so neither many names from one place nor many places
//! with one name get far. One-time links take no tries, so they let in whoever is locked out.

use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{PeerAddress, credit::Credit};

/// For a name: ten at once, 288 a day.
const OF_NAME: (u32, Duration) = (10, Duration::from_secs(5 * 60));
/// For an address, behind which a whole office may sit.
const OF_ADDRESS: (u32, Duration) = (30, Duration::from_secs(20));
/// No user's name is longer: these are all of nobody, and only their address pays.
const MAX_NAME_BYTES: usize = 64;

/// Who tries.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Attempt<'a> {
    /// Somebody who says to be this user.
    SignIn { name: &'a str, from: PeerAddress },
    /// Somebody whose browser or key is this user's already. Strangers cannot use these tries up.
    Owner { name: &'a str },
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    Wrong,
    /// Neither: it was not looked at, or something is still missing.
    Open,
}

#[derive(Debug)]
pub(crate) struct Lockout(Mutex<Tries>);

#[derive(Debug)]
struct Tries {
    addresses: Credit<IpAddr>,
    names: Credit<String>,
    owners: Credit<String>,
}

impl Default for Lockout {
    fn default() -> Self {
        Self(Mutex::new(Tries {
            addresses: Credit::new(OF_ADDRESS.0, OF_ADDRESS.1),
            names: Credit::new(OF_NAME.0, OF_NAME.1),
            owners: Credit::new(OF_NAME.0, OF_NAME.1),
        }))
    }
}

impl Lockout {
    /// Takes a try, before it is looked at: of many at once, none is free.
    ///
    /// # Errors
    /// How long to wait for the next one.
    pub(crate) fn begin(&self, attempt: Attempt<'_>, now: Instant) -> Result<(), Duration> {
        let mut tries = self.tries();
        match attempt {
            Attempt::SignIn { name, from } => {
                let address = tries.addresses.wait(&from.network(), now);
                let wait = address.max(tries.names.wait(name, now));
                wait.map_or(Ok(()), Err)?;
                tries.addresses.take(from.network(), now);
                if name.len() <= MAX_NAME_BYTES {
                    tries.names.take(name.to_owned(), now);
                }
            }
            Attempt::Owner { name } => {
                tries.owners.wait(name, now).map_or(Ok(()), Err)?;
                tries.owners.take(name.to_owned(), now);
            }
        }
        Ok(())
    }

    /// Tells what came of a try that began.
    ///
    /// Being right makes up for the name's wrong tries, but not for those of the address: else
    /// somebody with an account would have as many as they like.
    pub(crate) fn settle(&self, attempt: Attempt<'_>, verdict: Verdict) {
        let mut tries = self.tries();
        match (verdict, attempt) {
            (Verdict::Wrong, _) => {}
            (Verdict::Open, Attempt::SignIn { name, from }) => {
                tries.addresses.give_back(&from.network());
                tries.names.give_back(name);
            }
            (Verdict::Right, Attempt::SignIn { name, from }) => {
                tries.addresses.give_back(&from.network());
                tries.names.forget(name);
            }
            (Verdict::Open, Attempt::Owner { name }) => tries.owners.give_back(name),
            (Verdict::Right, Attempt::Owner { name }) => tries.owners.forget(name),
        }
    }

    /// Each change is one step, so it stays true even if a task panics with the lock held.
    fn tries(&self) -> MutexGuard<'_, Tries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> PeerAddress {
        PeerAddress(text.parse().expect("an address"))
    }

    fn sign_in(name: &str, address: &str) -> Attempt<'static> {
        Attempt::SignIn {
            name: name.to_owned().leak(),
            from: from(address),
        }
    }

    /// How many wrong tries there are until one has to wait.
    fn wrong_tries(lockout: &Lockout, attempt: Attempt<'_>, now: Instant) -> u32 {
        let mut count = 0;
        while lockout.begin(attempt, now).is_ok() && count < 1000 {
            lockout.settle(attempt, Verdict::Wrong);
            count += 1;
        }
        count
    }

    #[test]
    fn a_name_is_locked_from_everywhere_and_for_a_while() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        let (most, interval) = OF_NAME;
        assert_eq!(
            wrong_tries(&lockout, sign_in("ada", "192.0.2.1"), now),
            most
        );
        let elsewhere = sign_in("ada", "192.0.2.2");
        assert_eq!(lockout.begin(elsewhere, now), Err(interval));
        assert_eq!(wrong_tries(&lockout, elsewhere, now + interval), 1);
        assert_eq!(
            wrong_tries(&lockout, sign_in("eve", "192.0.2.3"), now),
            most
        );
    }

    #[test]
    fn an_address_is_locked_whatever_the_name() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        let (most, interval) = OF_ADDRESS;
        for n in 0..most {
            let attempt = sign_in(&format!("user{n}"), "192.0.2.1");
            assert_eq!(lockout.begin(attempt, now), Ok(()));
            lockout.settle(attempt, Verdict::Wrong);
        }
        let next = sign_in("another", "192.0.2.1");
        assert_eq!(lockout.begin(next, now), Err(interval));
        assert_eq!(lockout.begin(next, now + interval), Ok(()));
        assert_eq!(lockout.begin(sign_in("another", "192.0.2.2"), now), Ok(()));
    }

    #[test]
    fn a_right_password_makes_up_for_the_wrong_ones_of_its_name_alone() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        let mine = sign_in("eve", "192.0.2.1");
        let victims = sign_in("ada", "192.0.2.1");
        let mut guesses = 0;
        while guesses < 1000 && lockout.begin(mine, now).is_ok() {
            lockout.settle(mine, Verdict::Right);
            if lockout.begin(victims, now).is_err() {
                break;
            }
            lockout.settle(victims, Verdict::Wrong);
            guesses += 1;
        }
        assert_eq!(guesses, OF_NAME.0);
    }

    #[test]
    fn tries_that_begin_at_once_all_count() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        let attempt = sign_in("ada", "192.0.2.1");
        let begun = (0..1000).filter(|_| lockout.begin(attempt, now).is_ok());
        assert_eq!(begun.count(), OF_NAME.0 as usize);
    }

    #[test]
    fn what_was_not_looked_at_costs_no_try() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        let attempt = sign_in("ada", "192.0.2.1");
        for _ in 0..1000 {
            assert_eq!(lockout.begin(attempt, now), Ok(()));
            lockout.settle(attempt, Verdict::Open);
        }
        assert_eq!(wrong_tries(&lockout, attempt, now), OF_NAME.0);
    }

    #[test]
    fn strangers_do_not_lock_out_who_is_signed_in() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        assert_eq!(
            wrong_tries(&lockout, sign_in("ada", "192.0.2.1"), now),
            OF_NAME.0
        );
        let owner = Attempt::Owner { name: "ada" };
        assert_eq!(wrong_tries(&lockout, owner, now), OF_NAME.0);
    }

    #[test]
    fn names_that_nobody_can_have_are_not_remembered() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        assert_eq!(
            wrong_tries(&lockout, sign_in(&long, "192.0.2.1"), now),
            OF_ADDRESS.0
        );
        let elsewhere = lockout.begin(sign_in(&long, "192.0.2.2"), now);
        assert_eq!(elsewhere, Ok(()));
    }
}
