//! When the next packet may leave.
//!
//! Two limits. A burst leaves at [`PEAK`] times the estimate, so that a frame is out within a few
//! milliseconds. And what the burst is ahead of the estimate is kept under [`BURST`]: a link that carries
//! exactly the estimate then never queues longer than that, and a shallow buffer holds it.

use std::time::{Duration, Instant};

/// How much faster than the estimate a burst leaves.
const PEAK: f64 = 2.5;
/// How far packets may run ahead of the estimate.
const BURST: Duration = Duration::from_millis(25);
/// The least that a burst may be: low estimates still send a few packets at once.
const BURST_BYTES: f64 = 3_000.0;
/// A driver that wakes this late makes up for it; later than that, time is lost.
const LATE: Duration = Duration::from_millis(2);
/// A pause this much longer than the pace asks for ends a train.
const TRAIN_GAP: Duration = Duration::from_millis(4);

#[derive(Debug)]
pub(super) struct Pacer {
    rate_bps: f64,
    /// When the peak rate allows the next packet.
    free_at: Option<Instant>,
    /// Bytes sent ahead of the estimate, as of `settled_at`.
    ahead_bytes: f64,
    settled_at: Option<Instant>,
    train: u64,
}

impl Pacer {
    pub(super) fn new(rate_bps: f64) -> Self {
        Self {
            rate_bps,
            free_at: None,
            ahead_bytes: 0.0,
            settled_at: None,
            train: 0,
        }
    }

    pub(super) fn set_rate(&mut self, rate_bps: f64, now: Instant) {
        self.settle(now);
        self.rate_bps = rate_bps;
    }

    /// When the next packet may leave; `None` says that it never had to wait.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        let excess = self.ahead_bytes - self.allowance();
        let settled = self.settled_at.map(|at| at + self.at_rate(excess, 1.0));
        self.free_at.max(settled)
    }

    /// Notes that a packet leaves, and says which train it belongs to: packets of one train left back
    /// to back at the peak rate.
    pub(super) fn left(&mut self, bytes: usize, now: Instant) -> u64 {
        let bytes = bytes as f64;
        self.settle(now);
        if self.free_at.is_none_or(|free| now > free + TRAIN_GAP) {
            self.train += 1;
        }
        self.ahead_bytes += bytes;
        let earliest = now.checked_sub(LATE).unwrap_or(now);
        let start = self.free_at.map_or(now, |free| free.max(earliest));
        self.free_at = Some(start + self.at_rate(bytes, PEAK));
        self.train
    }

    /// How long this many bytes take to leave from now on.
    pub(super) fn time_for(&self, bytes: usize, now: Instant) -> Duration {
        if bytes == 0 {
            return Duration::ZERO;
        }
        let bytes = bytes as f64;
        let excess = self.ahead(now) + bytes - self.allowance();
        self.at_rate(bytes, PEAK).max(self.at_rate(excess, 1.0))
    }

    fn settle(&mut self, now: Instant) {
        self.ahead_bytes = self.ahead(now);
        self.settled_at = self.settled_at.max(Some(now));
    }

    fn ahead(&self, now: Instant) -> f64 {
        let passed = self
            .settled_at
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        (self.ahead_bytes - passed.as_secs_f64() * self.rate_bps / 8.0).max(0.0)
    }

    fn allowance(&self) -> f64 {
        (self.rate_bps / 8.0 * BURST.as_secs_f64()).max(BURST_BYTES)
    }

    fn at_rate(&self, bytes: f64, factor: f64) -> Duration {
        Duration::from_secs_f64((bytes * 8.0 / (self.rate_bps * factor)).clamp(0.0, 60.0))
    }
}
