//! How fast all transfers of a session together may be.

use std::{
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

/// What is read or written at once, unless a low rate asks for less.
const PIECE_BYTES: u64 = 256 * 1024;

/// Books what is transferred, one piece after the other, whoever's it is.
#[derive(Debug)]
pub(crate) struct Pace {
    bytes_per_second: u64,
    /// When what is booked will have gone through.
    free: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(bytes_per_second: u64, now: Instant) -> Self {
        Self {
            bytes_per_second,
            free: Mutex::new(now),
        }
    }

    /// How much to transfer before the next [`wait`](Self::wait): a tenth of a second's worth.
    pub(crate) fn piece(&self) -> u64 {
        (self.bytes_per_second / 10).clamp(1, PIECE_BYTES)
    }

    /// Waits for these bytes' turn.
    pub(crate) fn wait(&self, bytes: u64) {
        let delay = self.book(bytes, Instant::now());
        if !delay.is_zero() {
            sleep(delay);
        }
    }

    fn book(&self, bytes: u64, now: Instant) -> Duration {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let start = (*free).max(now);
        *free = start + Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64);
        start - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_transfers_together_keep_to_the_rate() {
        let start = Instant::now();
        let pace = Pace::new(1000, start);
        let mut now = start;
        for _ in 0..40 {
            // Two transfers in turn, each of which waits for its own bytes only.
            now += pace.book(100, now);
        }
        let seconds = (now - start).as_secs_f64();
        assert!((3.8..=4.0).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_pause_is_no_credit() {
        let start = Instant::now();
        let pace = Pace::new(1000, start);
        let late = start + Duration::from_secs(60);
        assert_eq!(pace.book(1000, late), Duration::ZERO);
        assert_eq!(pace.book(1, late), Duration::from_secs(1));
    }

    #[test]
    fn a_piece_is_a_part_of_what_the_rate_allows() {
        let piece = |rate| Pace::new(rate, Instant::now()).piece();
        assert_eq!(
            (piece(u64::MAX), piece(1000), piece(5)),
            (PIECE_BYTES, 100, 1)
        );
    }
}
