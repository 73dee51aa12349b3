//! How much video to make: one encode serves every viewer.

use std::collections::BTreeMap;

use streamspace_protocol::{DisplaySize, ViewerId};

/// The least that keeps text readable, in bits a second.
const FLOOR_BPS: u32 = 500_000;
const CEILING_BPS: u32 = 25_000_000;
/// Bits a pixel that a full-motion desktop still gains from.
const BITS_PER_PIXEL: f64 = 0.2;
/// The part of an estimate that video may use; sound, repair and signaling use the rest.
const VIDEO_SHARE: f64 = 0.85;
/// A viewer slower than this part of the fastest does not slow the others down further.
const SLOWEST_SHARE: f64 = 0.25;
/// Changes smaller than this are not worth disturbing the encoder's rate control.
const STEP: f64 = 0.1;

/// Turns each viewer's bandwidth estimate into the encoder's bitrate.
#[derive(Debug)]
pub(crate) struct Rate {
    estimates: BTreeMap<ViewerId, f64>,
    target_bps: u32,
}

impl Rate {
    pub(crate) fn new(display: DisplaySize, fps: u16) -> Self {
        Self {
            estimates: BTreeMap::new(),
            target_bps: most_useful(display, fps),
        }
    }

    pub(crate) fn target_bps(&self) -> u32 {
        self.target_bps
    }

    /// A viewer's link is estimated to carry this many bits a second.
    pub(crate) fn estimate(&mut self, viewer: ViewerId, bps: f64) {
        if bps.is_finite() && bps > 0.0 {
            self.estimates.insert(viewer, bps);
        }
    }

    pub(crate) fn left(&mut self, viewer: ViewerId) {
        self.estimates.remove(&viewer);
    }

    /// The bitrate to set, if it is another than before.
    pub(crate) fn take(&mut self, display: DisplaySize, fps: u16) -> Option<u32> {
        let most = most_useful(display, fps);
        let target = self
            .shared()
            .map_or(most, |bps| (bps as u32).clamp(FLOOR_BPS, most));
        let change = (f64::from(target) / f64::from(self.target_bps) - 1.0).abs();
        let at_limit = target != self.target_bps && (target == most || target == FLOOR_BPS);
        if change < STEP && !at_limit {
            return None;
        }
        self.target_bps = target;
        Some(target)
    }

    fn shared(&self) -> Option<f64> {
        let slowest = self.estimates.values().copied().reduce(f64::min)?;
        let fastest = self.estimates.values().copied().reduce(f64::max)?;
        Some(slowest.max(fastest * SLOWEST_SHARE) * VIDEO_SHARE)
    }
}

fn most_useful(display: DisplaySize, fps: u16) -> u32 {
    let pixels_per_s = f64::from(display.width) * f64::from(display.height) * f64::from(fps);
    ((pixels_per_s * BITS_PER_PIXEL) as u32).clamp(FLOOR_BPS, CEILING_BPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISPLAY: DisplaySize = DisplaySize {
        width: 1280,
        height: 720,
    };

    fn target(estimates: &[f64]) -> u32 {
        let mut rate = Rate::new(DISPLAY, 60);
        for (viewer, &bps) in estimates.iter().enumerate() {
            rate.estimate(ViewerId(viewer as u32), bps);
        }
        rate.take(DISPLAY, 60).unwrap_or(rate.target_bps())
    }

    #[test]
    fn the_target_follows_the_slowest_viewer_down_to_a_part_of_the_fastest() {
        assert_eq!(target(&[4e6]), 3_400_000);
        assert_eq!(target(&[4e6, 8e6]), 3_400_000);
        assert_eq!(target(&[1e4, 8e6]), 1_700_000);
    }

    #[test]
    fn the_target_stays_within_what_is_useful() {
        assert_eq!(target(&[]), 11_059_200);
        assert_eq!(target(&[1e12]), 11_059_200);
        assert_eq!(target(&[1.0]), FLOOR_BPS);
        assert_eq!(target(&[f64::NAN, -1.0, f64::INFINITY]), 11_059_200);
    }

    #[test]
    fn small_changes_leave_the_encoder_alone() {
        let mut rate = Rate::new(DISPLAY, 60);
        rate.estimate(ViewerId(1), 4e6);
        assert!(rate.take(DISPLAY, 60).is_some());
        rate.estimate(ViewerId(1), 4.1e6);
        assert_eq!(rate.take(DISPLAY, 60), None);
    }

    #[test]
    fn a_slow_viewer_that_leaves_slows_nobody() {
        let mut rate = Rate::new(DISPLAY, 60);
        rate.estimate(ViewerId(1), 1e6);
        rate.estimate(ViewerId(2), 8e6);
        rate.take(DISPLAY, 60);
        rate.left(ViewerId(1));
        assert_eq!(rate.take(DISPLAY, 60), Some(6_800_000));
    }
}
