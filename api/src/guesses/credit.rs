//! Tries that somebody has: so many at once, and one more in each interval.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

/// Keys that are remembered. When there are more, those that have their full credit again give way,
/// and then the one that has the most: who is guessed at is not forgotten for those who are not.
pub(super) const REMEMBERED: usize = 4096;

/// When each key has its full credit again; each try puts that off.
#[derive(Debug)]
pub(crate) struct Credit<K> {
    at_once: u32,
    interval: Duration,
    full_at: HashMap<K, Instant>,
}

impl<K: Eq + Hash + Clone> Credit<K> {
    pub(crate) fn new(at_once: u32, interval: Duration) -> Self {
        Self {
            at_once,
            interval,
            full_at: HashMap::new(),
        }
    }

    /// How long it takes until there is a try to take; nothing if there is one.
    pub(crate) fn wait<Q>(&self, key: &Q, now: Instant) -> Option<Duration>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let full_at = self.full_at.get(key)?;
        let all = self.at_once * self.interval;
        let wait = (*full_at + self.interval).saturating_duration_since(now + all);
        (!wait.is_zero()).then_some(wait)
    }

    pub(crate) fn take(&mut self, key: K, now: Instant) {
        if self.full_at.len() >= REMEMBERED && !self.full_at.contains_key(&key) {
            self.make_room(now);
        }
        let full_at = self.full_at.entry(key).or_insert(now);
        *full_at = (*full_at).max(now) + self.interval;
    }

    /// How many tries there are to take.
    pub(crate) fn left<Q>(&self, key: &Q, now: Instant) -> u32
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let full_at = self.full_at.get(key).copied().unwrap_or(now);
        let used = full_at.saturating_duration_since(now).as_nanos();
        let used = used.div_ceil(self.interval.as_nanos().max(1));
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        self.at_once.saturating_sub(used)
    }

    fn make_room(&mut self, now: Instant) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= REMEMBERED {
            let most = self.full_at.iter().min_by_key(|(_, full_at)| **full_at);
            if let Some(key) = most.map(|(key, _)| key.clone()) {
                self.full_at.remove(&key);
            }
        }
    }

    /// Undoes one [`Self::take`].
    pub(super) fn give_back<Q>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some(full_at) = self.full_at.get_mut(key) {
            *full_at = full_at.checked_sub(self.interval).unwrap_or(*full_at);
        }
    }

    /// Gives all tries back.
    pub(super) fn forget<Q>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.full_at.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(60);

    fn credit() -> Credit<u32> {
        Credit::new(3, INTERVAL)
    }

    /// How many tries there are until one has to wait.
    fn tries(credit: &mut Credit<u32>, key: u32, now: Instant) -> u32 {
        let mut count = 0;
        while credit.wait(&key, now).is_none() && count < 1000 {
            credit.take(key, now);
            count += 1;
        }
        count
    }

    #[test]
    fn who_has_used_them_up_waits_for_the_next_and_others_do_not() {
        let (mut credit, now) = (credit(), Instant::now());
        assert_eq!(tries(&mut credit, 1, now), 3);
        assert_eq!(credit.wait(&1, now), Some(INTERVAL));
        let sooner = now + INTERVAL - Duration::from_secs(1);
        assert_eq!(credit.wait(&1, sooner), Some(Duration::from_secs(1)));
        assert_eq!(tries(&mut credit, 1, now + INTERVAL), 1);
        assert_eq!(tries(&mut credit, 2, now), 3);
        assert_eq!(tries(&mut credit, 1, now + 1000 * INTERVAL), 3);
    }

    #[test]
    fn what_is_given_back_was_never_taken() {
        let (mut credit, now) = (credit(), Instant::now());
        assert_eq!(tries(&mut credit, 1, now), 3);
        credit.give_back(&1);
        assert_eq!(tries(&mut credit, 1, now), 1);
        credit.forget(&1);
        assert_eq!(tries(&mut credit, 1, now), 3);
        credit.give_back(&9);
        assert_eq!(tries(&mut credit, 9, now), 3);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_who_is_guessed_at_stays() {
        let (mut credit, now) = (credit(), Instant::now());
        assert_eq!(tries(&mut credit, 0, now), 3);
        for key in 1..10_000 {
            credit.take(key, now);
            assert!(credit.full_at.len() <= REMEMBERED);
        }
        assert_eq!(credit.wait(&0, now), Some(INTERVAL));
    }
}
