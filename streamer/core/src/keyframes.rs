//! When to ask the encoder for a keyframe.
//!
//! A keyframe costs many times a normal frame, so requests that come close together share one, and a
//! viewer that asks on and on cannot make the stream keyframes only.

use std::time::{Duration, Instant};

/// The least time between two keyframes.
const MIN_INTERVAL: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
pub(crate) struct Keyframes {
    last: Option<Instant>,
    wanted: bool,
}

impl Keyframes {
    pub(crate) fn request(&mut self) {
        self.wanted = true;
    }

    /// Whether to ask the encoder now.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let due = self.wanted && self.last.is_none_or(|last| last + MIN_INTERVAL <= now);
        if due {
            self.wanted = false;
            self.last = Some(now);
        }
        due
    }

    /// When a wanted keyframe may be asked for, if not at once.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let last = self.last?;
        self.wanted.then_some(last + MIN_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_close_together_share_a_keyframe() {
        #[expect(
            clippy::disallowed_methods,
            reason = "any instant will do to count from"
        )]
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut keyframes = Keyframes::default();
        assert!(!keyframes.take(at(0)));
        let mut taken = Vec::new();
        for ms in 0..1000 {
            keyframes.request();
            if keyframes.take(at(ms)) {
                taken.push(ms);
            }
        }
        assert_eq!(taken, [0, 250, 500, 750]);
        assert_eq!(keyframes.poll_timeout(), Some(at(1000)));
    }
}
