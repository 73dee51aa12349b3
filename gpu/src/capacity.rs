//! What an encoder carries, found by giving it more and more sessions.

use serde::{Deserialize, Serialize};

use crate::{Encoder, Machine};

/// What was measured of a machine's encoders, for `doctor` to show and for schedulers to plan with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Calibration {
    /// The machine as it was; on another one, or with another driver, this says nothing.
    pub machine: Machine,
    /// In the order of [`Encoder::ALL`].
    pub encoders: Vec<EncoderCapacity>,
}

/// What one encoder carries in all sessions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncoderCapacity {
    pub encoder: Encoder,
    pub megapixels_per_second: u32,
    /// As many run at once, and one more does not start; `None` if as many as were tried did.
    pub sessions: Option<u32>,
}

impl EncoderCapacity {
    /// How many desktops of this size that change all the time, at so many frames a second.
    pub fn desktops(&self, pixels: u32, fps: u32) -> u32 {
        let needed = (u64::from(pixels) * u64::from(fps)).max(1);
        let carried = u64::from(self.megapixels_per_second) * 1_000_000 / needed;
        let carried = u32::try_from(carried).unwrap_or(u32::MAX);
        self.sessions.map_or(carried, |most| carried.min(most))
    }
}

/// More sessions at once than that are not tried.
const MOST_SESSIONS: u32 = 16;
/// Less than that more, in percent, is no more.
const GAIN_PERCENT: u64 = 10;

/// How many sessions are to be tried next, until more bring nothing or fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Climb {
    sessions: u32,
    best: u32,
    /// That many worked.
    worked: u32,
    limit: Option<u32>,
}

impl Default for Climb {
    fn default() -> Self {
        Self {
            sessions: 1,
            best: 0,
            worked: 0,
            limit: None,
        }
    }
}

impl Climb {
    /// So many are to be tried now.
    pub fn sessions(&self) -> u32 {
        self.sessions
    }

    /// They carried that much together; whether more are to be tried.
    pub fn carried(&mut self, megapixels_per_second: u32) -> bool {
        let (before, now) = (u64::from(self.best), u64::from(megapixels_per_second));
        self.worked = self.sessions;
        self.best = self.best.max(megapixels_per_second);
        let gained = now * 100 > before * (100 + GAIN_PERCENT);
        self.sessions *= 2;
        gained && self.sessions <= MOST_SESSIONS
    }

    /// So many of them started, and the next did not.
    pub fn failed(&mut self, started: u32) {
        self.limit = Some(started.max(self.worked));
    }

    /// Nothing if not even one session worked.
    pub fn capacity(&self, encoder: Encoder) -> Option<EncoderCapacity> {
        (self.worked > 0).then_some(EncoderCapacity {
            encoder,
            megapixels_per_second: self.best,
            sessions: self.limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Climbs on an encoder that carries `each` a session, `all` in all, in `most` sessions.
    fn climb(each: u32, all: u32, most: u32) -> Option<EncoderCapacity> {
        let mut climb = Climb::default();
        loop {
            let sessions = climb.sessions();
            if sessions > most {
                climb.failed(most);
                break;
            }
            if !climb.carried(all.min(each * sessions)) {
                break;
            }
        }
        climb.capacity(Encoder::Nvenc)
    }

    #[test]
    fn sessions_are_added_until_they_bring_no_more() {
        let found = climb(100, 350, 99).expect("it works");
        assert_eq!((found.megapixels_per_second, found.sessions), (350, None));
        let found = climb(10, 1000, 99).expect("it works");
        assert_eq!((found.megapixels_per_second, found.sessions), (160, None));
    }

    #[test]
    fn the_most_sessions_are_found_where_there_are_too_few() {
        let found = climb(100, 1000, 3).expect("it works");
        assert_eq!(
            (found.megapixels_per_second, found.sessions),
            (200, Some(3))
        );
        assert_eq!(climb(100, 1000, 0), None);
    }

    #[test]
    fn desktops_are_bounded_by_both() {
        let capacity = |sessions| EncoderCapacity {
            encoder: Encoder::Nvenc,
            megapixels_per_second: 1000,
            sessions,
        };
        assert_eq!(capacity(None).desktops(1920 * 1080, 60), 8);
        assert_eq!(capacity(Some(3)).desktops(1920 * 1080, 60), 3);
        assert_eq!(capacity(None).desktops(0, 0), 1_000_000_000);
    }
}
