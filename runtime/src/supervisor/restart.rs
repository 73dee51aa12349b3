//! How long to wait before a streamer that went down is started again.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

const FIRST_DELAY: Duration = Duration::from_millis(200);
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// This many ends within [`WINDOW`] are no accident: from then on tries are far apart.
const MANY: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);
const DELAY_AFTER_MANY: Duration = Duration::from_secs(10);

/// Doubles the delay with each end of the last minute; never gives up, because what is missing
/// (memory, a GPU's encoder) may come back, and VNC works meanwhile.
#[derive(Debug, Default)]
pub(super) struct RestartPolicy {
    ends: VecDeque<Instant>,
}

impl RestartPolicy {
    /// The streamer went down at `now`; how long to wait.
    pub(super) fn delay(&mut self, now: Instant) -> Duration {
        self.ends.retain(|&end| now.duration_since(end) < WINDOW);
        self.ends.push_back(now);
        if self.ends.len() > MANY {
            self.ends.pop_front();
        }
        if self.ends.len() >= MANY {
            return DELAY_AFTER_MANY;
        }
        let doublings = u32::try_from(self.ends.len() - 1).unwrap_or(u32::MAX);
        FIRST_DELAY
            .saturating_mul(2u32.saturating_pow(doublings))
            .min(LONGEST_DELAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_get_rarer_while_the_streamer_keeps_going_down_and_start_over_after_a_quiet_minute() {
        let start = Instant::now();
        let mut policy = RestartPolicy::default();
        let mut delays = |at: u64| policy.delay(start + Duration::from_secs(at)).as_millis();
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 20].map(&mut delays),
            [200, 400, 800, 1600, 10_000, 10_000, 10_000]
        );
        assert_eq!(delays(100), 200);
    }
}
