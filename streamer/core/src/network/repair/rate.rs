//! How much has passed lately.

use std::time::{Duration, Instant};

/// What is this old counts a third.
const MEMORY: Duration = Duration::from_secs(1);

/// An exponentially weighted rate.
#[derive(Debug, Default)]
pub(super) struct Rate {
    bps: f64,
    as_of: Option<Instant>,
}

impl Rate {
    pub(super) fn add(&mut self, bytes: usize, now: Instant) {
        let passed = self
            .as_of
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.as_of = self.as_of.max(Some(now));
        let kept = (-passed.as_secs_f64() / MEMORY.as_secs_f64()).exp();
        self.bps = self.bps * kept + bytes as f64 * 8.0 / MEMORY.as_secs_f64();
    }

    /// In bits a second, as of what was added last.
    pub(super) fn bps(&self) -> f64 {
        self.bps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as a start")]
    fn a_steady_rate_is_found_and_a_pause_forgets_it() {
        let mut rate = Rate::default();
        let mut now = Instant::now();
        for _ in 0..1000 {
            now += Duration::from_millis(10);
            rate.add(1000, now);
        }
        assert!(
            (rate.bps() / 800_000.0 - 1.0).abs() < 0.01,
            "{}",
            rate.bps()
        );
        rate.add(1000, now + Duration::from_secs(10));
        assert!(rate.bps() < 10_000.0, "{}", rate.bps());
    }
}
