//! When to ask the encoder for a keyframe.
//!
//! A keyframe costs many times a normal frame, so requests that come close together share one, and a
//! viewer that asks on and on cannot make the stream keyframes only. Viewers whose links are far too
//! slow for the stream lose frames all the time: they get a picture now and then, at a price that
//! the others do not feel.

use std::time::{Duration, Instant};

/// The least time between two keyframes.
const MIN_INTERVAL: Duration = Duration::from_millis(250);
/// The least time since the last keyframe to one that only a viewer needs who cannot follow.
const LAGGING_INTERVAL: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
pub(crate) struct Keyframes {
    last: Option<Instant>,
    /// How long after the last one the next is wanted.
    wanted: Option<Duration>,
}

impl Keyframes {
    pub(crate) fn request(&mut self) {
        self.wanted = Some(MIN_INTERVAL);
    }

    /// For a viewer whose link does not carry the stream.
    pub(crate) fn request_for_lagging(&mut self) {
        self.wanted.get_or_insert(LAGGING_INTERVAL);
    }

    /// Whether to ask the encoder now.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let due = self
            .due()
            .is_some_and(|due| due.is_none_or(|due| due <= now));
        if due {
            self.wanted = None;
            self.last = Some(now);
        }
        due
    }

    /// When a wanted keyframe may be asked for, if not at once.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.due()?
    }

    /// When the wanted keyframe is due; `Some(None)` means at once.
    fn due(&self) -> Option<Option<Instant>> {
        let interval = self.wanted?;
        Some(self.last.map(|last| last + interval))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When keyframes are made, in ms, if one is requested each millisecond for a while.
    fn taken(until_ms: u64, mut request: impl FnMut(&mut Keyframes, u64)) -> Vec<u64> {
        #[expect(
            clippy::disallowed_methods,
            reason = "any instant will do to count from"
        )]
        let start = Instant::now();
        let mut keyframes = Keyframes::default();
        let mut taken = Vec::new();
        for ms in 0..until_ms {
            request(&mut keyframes, ms);
            if keyframes.take(start + Duration::from_millis(ms)) {
                taken.push(ms);
            }
        }
        taken
    }

    #[test]
    fn nothing_is_made_that_nobody_wants() {
        assert_eq!(taken(1000, |_, _| {}), [0; 0]);
    }

    #[test]
    fn requests_close_together_share_a_keyframe() {
        let times = taken(1000, |keyframes, _| keyframes.request());
        assert_eq!(times, [0, 250, 500, 750]);
    }

    #[test]
    fn a_viewer_that_cannot_follow_gets_a_picture_now_and_then_and_shares_those_of_others() {
        let times = taken(7000, |keyframes, ms| {
            keyframes.request_for_lagging();
            if ms == 1000 {
                keyframes.request();
            }
        });
        assert_eq!(times, [0, 1000, 4000]);
    }
}
