//! When to ask the encoder for a keyframe.
//!
//! A keyframe costs many times a normal frame, so requests that come close together share one, and a
//! viewer that asks on and on soon gets one a second and no more. Viewers whose links are far too
//! slow for the stream lose frames all the time: they get a picture now and then, at a price that
//! the others do not feel.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use streamspace_protocol::ViewerId;

use crate::Allowance;

/// The least time between two keyframes.
const MIN_INTERVAL: Duration = Duration::from_millis(250);
/// The least time since the last keyframe to one that only a viewer needs who cannot follow.
const LAGGING_INTERVAL: Duration = Duration::from_secs(3);

/// Keyframes that one viewer may cause in a row, and when each may be caused again.
const IN_A_ROW: u32 = 8;
const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Keyframes {
    allowances: BTreeMap<ViewerId, Allowance>,
    last: Option<Instant>,
    /// How long after the last one the next is wanted.
    wanted: Option<Duration>,
}

impl Keyframes {
    pub(crate) fn request(&mut self) {
        self.wanted = Some(MIN_INTERVAL);
    }

    /// For a viewer that has lost its picture. Beyond its allowance it waits as one that cannot follow.
    pub(crate) fn request_of(&mut self, viewer: ViewerId, now: Instant) {
        if self.wanted == Some(MIN_INTERVAL) {
            return;
        }
        let fresh = || Allowance::new(IN_A_ROW, INTERVAL);
        if self
            .allowances
            .entry(viewer)
            .or_insert_with(fresh)
            .spend(now)
        {
            self.request();
        } else {
            self.request_for_lagging();
        }
    }

    pub(crate) fn left(&mut self, viewer: ViewerId) {
        self.allowances.remove(&viewer);
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

    fn taken(until_ms: u64, mut request: impl FnMut(&mut Keyframes, u64)) -> Vec<u64> {
        taken_at(until_ms, |keyframes, ms, _| request(keyframes, ms))
    }

    /// When keyframes are made, in ms, if one is requested each millisecond for a while.
    fn taken_at(until_ms: u64, mut request: impl FnMut(&mut Keyframes, u64, Instant)) -> Vec<u64> {
        #[expect(
            clippy::disallowed_methods,
            reason = "any instant will do to count from"
        )]
        let start = Instant::now();
        let mut keyframes = Keyframes::default();
        let mut taken = Vec::new();
        for ms in 0..until_ms {
            let now = start + Duration::from_millis(ms);
            request(&mut keyframes, ms, now);
            if keyframes.take(now) {
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

    #[test]
    fn a_viewer_that_asks_on_and_on_soon_gets_one_a_second() {
        let hostile = ViewerId(1);
        let times = taken_at(20_000, |keyframes, _, now| {
            keyframes.request_of(hostile, now)
        });
        let in_second = |second: u64| times.iter().filter(|&&ms| ms / 1000 == second).count();
        assert_eq!((in_second(0), in_second(1)), (4, 4));
        for second in 4..20 {
            assert!(in_second(second) <= 1, "{times:?}");
        }
    }

    #[test]
    fn one_viewer_does_not_spend_what_another_one_has() {
        let (hostile, honest) = (ViewerId(1), ViewerId(2));
        let times = taken_at(20_500, |keyframes, ms, now| {
            if ms < 20_000 {
                keyframes.request_of(hostile, now);
            } else if ms == 20_100 {
                keyframes.request_of(honest, now);
            }
        });
        assert!(
            times.iter().any(|&ms| (20_100..=20_350).contains(&ms)),
            "{times:?}"
        );
    }
}
