//! How fast bytes may go on.

use std::time::{Duration, Instant};

/// What may go at once after a pause, in time at the full rate.
const BURST: Duration = Duration::from_millis(250);

/// A rate that is kept by waiting: each piece puts off the next.
#[derive(Debug, Clone)]
pub struct Throttle {
    bytes_per_second: u32,
    /// When all that has gone would have gone at the rate.
    paid: Option<Instant>,
}

impl Throttle {
    pub fn new(bytes_per_second: u32) -> Self {
        Self {
            bytes_per_second: bytes_per_second.max(1),
            paid: None,
        }
    }

    /// The largest piece to take at once, so that no one wait is long.
    pub fn piece(&self) -> usize {
        usize::try_from(self.bytes_per_second / 8)
            .unwrap_or(usize::MAX)
            .max(512)
    }

    /// When the next piece may be taken.
    pub fn ready(&self, now: Instant) -> Instant {
        match self.paid {
            Some(paid) => paid.checked_sub(BURST).unwrap_or(now).max(now),
            None => now,
        }
    }

    /// A piece of so many bytes goes on.
    pub fn spend(&mut self, bytes: usize, now: Instant) {
        let seconds = bytes as f64 / f64::from(self.bytes_per_second);
        let from = self.paid.map_or(now, |paid| paid.max(now));
        self.paid = Some(from + Duration::from_secs_f64(seconds.min(3600.0)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn never_more_goes_in_a_time_than_the_rate_and_a_burst(
            pieces in prop::collection::vec(1usize..20_000, 1..100),
            rate in 1_000u32..10_000_000,
        ) {
            let start = Instant::now();
            let mut throttle = Throttle::new(rate);
            let mut now = start;
            let mut before_last = 0;
            let mut sum = 0;
            for piece in pieces {
                now = throttle.ready(now);
                throttle.spend(piece, now);
                before_last = sum;
                sum += piece;
            }
            let seconds = (now - start + BURST).as_secs_f64();
            prop_assert!(before_last as f64 <= seconds * f64::from(rate) + 1.0);
        }
    }

    #[test]
    fn a_pause_saves_up_no_more_than_a_burst() {
        let start = Instant::now();
        let mut throttle = Throttle::new(1000);
        throttle.spend(1000, start);
        let later = start + Duration::from_secs(60);
        assert_eq!(throttle.ready(later), later);
        throttle.spend(1000, later);
        assert_eq!(throttle.ready(later), later + Duration::from_millis(750));
    }
}
