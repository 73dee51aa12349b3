//! A competing flow: TCP Reno without time-outs. One packet more a round trip, half after a loss.

use std::time::Duration;

pub(crate) const BYTES: usize = 1_260;

#[derive(Debug)]
pub(crate) struct Rival {
    window: f64,
    threshold: f64,
    in_flight: f64,
    /// Losses until then belong to a window that was halved already.
    recovered_at: Duration,
    round_trip: Duration,
    pub(crate) delivered: usize,
}

impl Rival {
    pub(crate) fn new(round_trip: Duration) -> Self {
        Self {
            window: 10.0,
            threshold: f64::INFINITY,
            in_flight: 0.0,
            recovered_at: Duration::ZERO,
            round_trip,
            delivered: 0,
        }
    }

    /// Whether another packet may leave; it then has.
    pub(crate) fn take(&mut self) -> bool {
        let may = self.in_flight + 1.0 <= self.window;
        if may {
            self.in_flight += 1.0;
        }
        may
    }

    pub(crate) fn acknowledged(&mut self, round_trip: Duration) {
        self.round_trip = round_trip;
        self.in_flight -= 1.0;
        self.delivered += BYTES;
        self.window += if self.window < self.threshold {
            1.0
        } else {
            1.0 / self.window
        };
    }

    pub(crate) fn lost(&mut self, now: Duration) {
        self.in_flight -= 1.0;
        if now < self.recovered_at {
            return;
        }
        self.recovered_at = now + self.round_trip;
        self.window = (self.window / 2.0).max(2.0);
        self.threshold = self.window;
    }

    pub(crate) fn round_trip(&self) -> Duration {
        self.round_trip
    }
}
