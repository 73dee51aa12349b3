//! How often somebody may do something that costs others.

use std::time::{Duration, Instant};

/// So many in a row, and one more each `interval`: the generic cell rate algorithm (ITU-T I.371).
#[derive(Debug, Clone)]
pub struct Allowance {
    interval: Duration,
    row: Duration,
    /// When all of it is there again; each use puts that off.
    full: Option<Instant>,
}

impl Allowance {
    #[must_use]
    pub fn new(in_a_row: u32, interval: Duration) -> Self {
        Self {
            interval,
            row: interval * in_a_row,
            full: None,
        }
    }

    /// Whether it may be done once more; if so, that is taken off.
    pub fn spend(&mut self, now: Instant) -> bool {
        let full = self.full.map_or(now, |full| full.max(now)) + self.interval;
        let may = full <= now + self.row;
        if may {
            self.full = Some(full);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do as a start")]
    fn what_is_spent_in_a_row_comes_back_one_by_one() {
        let second = Duration::from_secs(1);
        let mut allowance = Allowance::new(3, second);
        let start = Instant::now();
        let mut spent = |at: Duration| (0..10).filter(|_| allowance.spend(start + at)).count();
        assert_eq!(spent(Duration::ZERO), 3);
        assert_eq!(spent(second / 2), 0);
        assert_eq!(spent(second * 2), 2);
        assert_eq!(spent(second * 60), 3);
    }
}
