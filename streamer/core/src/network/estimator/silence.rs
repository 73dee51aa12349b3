//! Whether packets leave and nothing is heard of them.

/// Unanswered for this many seconds beyond the round trip: the link, or the way back, is gone.
const LONGEST: f64 = 0.6;
/// A pause in sending of this many seconds; silence after it means nothing.
const PAUSE: f64 = 0.3;

#[derive(Debug, Default)]
pub(super) struct Silence {
    since: Option<f64>,
    last_left: f64,
}

impl Silence {
    /// A packet leaves. Says whether it has been silent for too long, and then counts anew.
    pub(super) fn left(&mut self, now: f64, round_trip: f64) -> bool {
        if now - self.last_left > PAUSE {
            self.since = None;
        }
        self.last_left = now;
        let since = *self.since.get_or_insert(now);
        let too_long = now - since > LONGEST + round_trip;
        if too_long {
            self.since = Some(now);
        }
        too_long
    }

    /// The receiver reported something.
    pub(super) fn broken(&mut self) {
        self.since = None;
    }
}
