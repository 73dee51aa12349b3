//! How much video to make: one encode serves every viewer.
//!
//! The links' estimates drive the bitrate; where that leaves too few bits for a frame, the frame rate;
//! and where even a few frames a second would be a blur, the resolution. The slowest viewers do not
//! drag the others down without end: who is far slower than the fastest is not waited for.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use streamspace_protocol::{DisplaySize, ViewerId};

use crate::io::{Capture, Link, VideoTarget};

/// The least that keeps text readable, in bits a second.
const FLOOR_BPS: u32 = 250_000;
const CEILING_BPS: u32 = 25_000_000;
/// Bits a pixel that a full-motion desktop still gains from.
const MOST_BITS_PER_PIXEL: f64 = 0.2;
/// Bits a pixel below which fewer frames look better than more.
const LEAST_BITS_PER_PIXEL: f64 = 0.03;
/// Frames a second to choose from where the link does not carry all.
const FRAME_RATES: [u16; 5] = [60, 30, 20, 15, 10];
/// The part of an estimate that video may use; sound, repair and signaling use the rest.
const VIDEO_SHARE: f64 = 0.85;
/// A viewer slower than this part of the fastest does not slow the others down further.
const SLOWEST_SHARE: f64 = 0.25;
/// Changes smaller than this are not worth disturbing the encoder's rate control.
const STEP: f64 = 0.1;
/// A link has to carry this much more than a better picture needs before that is tried.
const BETTER: f64 = 1.25;
/// And for so long before the picture becomes larger: every change of size costs a keyframe.
const LARGER_AFTER: Duration = Duration::from_secs(2);

/// Turns the state of every viewer's link into what the encoder should make.
#[derive(Debug)]
pub(crate) struct Rate {
    links: BTreeMap<ViewerId, Link>,
    /// The most that viewers want, in bits a second.
    limits: BTreeMap<ViewerId, f64>,
    target: VideoTarget,
    capture: Capture,
    /// Since when the links have carried a larger picture.
    larger_since: Option<Instant>,
}

impl Rate {
    pub(crate) fn new(display: DisplaySize, fps: u16) -> Self {
        Self {
            links: BTreeMap::new(),
            limits: BTreeMap::new(),
            target: VideoTarget {
                bitrate_bps: most_useful(display, fps),
                fps,
                downscale: 1,
            },
            capture: Capture::Run,
            larger_since: None,
        }
    }

    pub(crate) fn target(&self) -> VideoTarget {
        self.target
    }

    pub(crate) fn link(&mut self, viewer: ViewerId, link: Link) {
        if link.target_bps.is_finite() && link.target_bps > 0.0 {
            self.links.insert(viewer, link);
        }
    }

    /// A viewer wants no more than this, in bits a second: its link counts as one that carries that.
    pub(crate) fn limit(&mut self, viewer: ViewerId, max_bps: Option<u32>) {
        match max_bps {
            Some(bps) => self.limits.insert(viewer, bps.into()),
            None => self.limits.remove(&viewer),
        };
    }

    pub(crate) fn left(&mut self, viewer: ViewerId) {
        self.links.remove(&viewer);
        self.limits.remove(&viewer);
    }

    /// Whether the encode is made to fit this viewer's link.
    pub(crate) fn is_served(&self, viewer: ViewerId) -> bool {
        self.bps_of(viewer)
            .is_none_or(|bps| bps >= self.fastest() * SLOWEST_SHARE)
    }

    /// What the encoder should make, if it is something else than before.
    pub(crate) fn take_target(
        &mut self,
        display: DisplaySize,
        fps: u16,
        now: Instant,
    ) -> Option<VideoTarget> {
        let most = most_useful(display, fps);
        let bitrate_bps = self
            .shared()
            .map_or(most, |bps| (bps as u32).clamp(FLOOR_BPS.min(most), most));
        let (frames, downscale) = self.sized(bitrate_bps, display, fps, now);
        let change = (f64::from(bitrate_bps) / f64::from(self.target.bitrate_bps) - 1.0).abs();
        let at_limit = bitrate_bps != self.target.bitrate_bps
            && (bitrate_bps == most || bitrate_bps == FLOOR_BPS);
        let same_frames = (frames, downscale) == (self.target.fps, self.target.downscale);
        if change < STEP && !at_limit && same_frames {
            return None;
        }
        self.target = VideoTarget {
            bitrate_bps,
            fps: frames,
            downscale,
        };
        Some(self.target)
    }

    /// When to call [`Self::take_target`] though nothing has changed.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.larger_since.map(|since| since + LARGER_AFTER)
    }

    /// Whether to make frames, if that has changed.
    pub(crate) fn take_capture(&mut self) -> Option<Capture> {
        let congested = self
            .links
            .iter()
            .any(|(&viewer, link)| link.congested && self.is_served(viewer));
        let capture = if congested {
            Capture::Hold
        } else {
            Capture::Run
        };
        (std::mem::replace(&mut self.capture, capture) != capture).then_some(capture)
    }

    /// Frames a second and size for these bits; a larger picture only when it is likely to stay.
    fn sized(
        &mut self,
        bitrate_bps: u32,
        display: DisplaySize,
        fps: u16,
        now: Instant,
    ) -> (u16, u8) {
        let current = self.target.downscale;
        let (frames, downscale) = self.frames(bitrate_bps, display, fps, 1);
        if downscale >= current {
            self.larger_since = None;
            return (frames, downscale);
        }
        let since = *self.larger_since.get_or_insert(now);
        if now.saturating_duration_since(since) < LARGER_AFTER {
            return self.frames(bitrate_bps, display, fps, current);
        }
        self.larger_since = None;
        (frames, downscale)
    }

    /// The most frames a second, and the largest picture, that these bits can make worth looking at.
    fn frames(
        &self,
        bitrate_bps: u32,
        display: DisplaySize,
        fps: u16,
        least_downscale: u8,
    ) -> (u16, u8) {
        let now = self.target;
        let pixels = f64::from(display.width) * f64::from(display.height);
        let enough = |frames: u16, downscale: u8| {
            let area = pixels / f64::from(downscale).powi(2);
            let better =
                downscale < now.downscale || (downscale == now.downscale && frames > now.fps);
            let needed = area * f64::from(frames) * LEAST_BITS_PER_PIXEL;
            f64::from(bitrate_bps) >= needed * if better { BETTER } else { 1.0 }
        };
        let rates = || {
            [fps]
                .into_iter()
                .chain(FRAME_RATES)
                .filter(move |&frames| frames <= fps)
        };
        let found = (least_downscale..=2).find_map(|downscale| {
            let frames = rates().find(|&frames| enough(frames, downscale))?;
            Some((frames, downscale))
        });
        found.unwrap_or((fps.min(FRAME_RATES[4]), 2))
    }

    fn shared(&self) -> Option<f64> {
        let slowest = self.bps().reduce(f64::min)?;
        Some(slowest.max(self.fastest() * SLOWEST_SHARE) * VIDEO_SHARE)
    }

    fn fastest(&self) -> f64 {
        self.bps().fold(0.0, f64::max)
    }

    fn bps(&self) -> impl Iterator<Item = f64> {
        self.links.keys().filter_map(|&viewer| self.bps_of(viewer))
    }

    fn bps_of(&self, viewer: ViewerId) -> Option<f64> {
        let bps = self.links.get(&viewer)?.target_bps;
        let limit = self.limits.get(&viewer).copied();
        Some(bps.min(limit.unwrap_or(f64::INFINITY)))
    }
}

fn most_useful(display: DisplaySize, fps: u16) -> u32 {
    let pixels_per_s = f64::from(display.width) * f64::from(display.height) * f64::from(fps);
    ((pixels_per_s * MOST_BITS_PER_PIXEL) as u32).clamp(FLOOR_BPS, CEILING_BPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISPLAY: DisplaySize = DisplaySize {
        width: 1280,
        height: 720,
    };

    fn link(target_bps: f64) -> Link {
        Link {
            target_bps,
            congested: false,
        }
    }

    fn rate(links: &[f64]) -> Rate {
        let mut rate = Rate::new(DISPLAY, 60);
        for (viewer, &bps) in links.iter().enumerate() {
            rate.link(ViewerId(viewer as u32), link(bps));
        }
        rate.take_target(DISPLAY, 60, any_instant());
        rate
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "any instant will do to count from"
    )]
    fn any_instant() -> Instant {
        Instant::now()
    }

    fn bitrate(links: &[f64]) -> u32 {
        rate(links).target().bitrate_bps
    }

    #[test]
    fn the_bitrate_follows_the_slowest_viewer_down_to_a_part_of_the_fastest() {
        assert_eq!(bitrate(&[4e6]), 3_400_000);
        assert_eq!(bitrate(&[4e6, 8e6]), 3_400_000);
        assert_eq!(bitrate(&[1e4, 8e6]), 1_700_000);
    }

    #[test]
    fn a_viewer_s_own_limit_counts_as_a_slower_link() {
        let mut rate = rate(&[8e6]);
        rate.limit(ViewerId(0), Some(2_000_000));
        let limited = rate.take_target(DISPLAY, 60, any_instant());
        assert_eq!(limited.map(|target| target.bitrate_bps), Some(1_700_000));
        rate.limit(ViewerId(0), None);
        let free = rate.take_target(DISPLAY, 60, any_instant());
        assert_eq!(free.map(|target| target.bitrate_bps), Some(6_800_000));
    }

    #[test]
    fn the_bitrate_stays_within_what_is_useful() {
        assert_eq!(bitrate(&[]), 11_059_200);
        assert_eq!(bitrate(&[1e12]), 11_059_200);
        assert_eq!(bitrate(&[1.0]), FLOOR_BPS);
        assert_eq!(bitrate(&[f64::NAN, -1.0, f64::INFINITY]), 11_059_200);
    }

    #[test]
    fn small_changes_leave_the_encoder_alone() {
        let mut rate = rate(&[4e6]);
        rate.link(ViewerId(0), link(4.1e6));
        assert_eq!(rate.take_target(DISPLAY, 60, any_instant()), None);
    }

    #[test]
    fn a_slow_viewer_that_leaves_slows_nobody() {
        let mut rate = rate(&[1e6, 8e6]);
        rate.left(ViewerId(0));
        let target = rate
            .take_target(DISPLAY, 60, any_instant())
            .expect("another target");
        assert_eq!(target.bitrate_bps, 6_800_000);
    }

    #[test]
    fn fewer_bits_make_fewer_frames_and_then_a_smaller_picture() {
        let frames = |bps| {
            let target = rate(&[bps / VIDEO_SHARE]).target();
            (target.fps, target.downscale)
        };
        assert_eq!(frames(4e6), (60, 1));
        assert_eq!(frames(1e6), (30, 1));
        assert_eq!(frames(5e5), (15, 1));
        assert_eq!(frames(2.6e5), (30, 2));
    }

    #[test]
    fn a_better_picture_is_tried_only_with_bits_to_spare() {
        let mut rate = rate(&[1e6 / VIDEO_SHARE]);
        let mut frames = |bps: f64| {
            rate.link(ViewerId(0), link(bps / VIDEO_SHARE));
            rate.take_target(DISPLAY, 60, any_instant());
            rate.target().fps
        };
        // 60 frames of 1280x720 need 1.66 Mbit/s.
        assert_eq!(frames(1.8e6), 30);
        assert_eq!(frames(2.2e6), 60);
        assert_eq!(frames(1.8e6), 60);
    }

    #[test]
    fn a_larger_picture_comes_when_the_links_have_carried_it_for_a_while() {
        let start = any_instant();
        let mut rate = rate(&[2.6e5 / VIDEO_SHARE]);
        let mut downscale = |bps: f64, ms| {
            rate.link(ViewerId(0), link(bps / VIDEO_SHARE));
            rate.take_target(DISPLAY, 60, start + Duration::from_millis(ms));
            (rate.target().downscale, rate.poll_timeout().is_some())
        };
        assert_eq!(downscale(1e6, 0), (2, true));
        assert_eq!(downscale(2.6e5, 1000), (2, false));
        assert_eq!(downscale(1e6, 1500), (2, true));
        assert_eq!(downscale(1e6, 3000), (2, true));
        assert_eq!(downscale(1e6, 3500), (1, false));
        assert_eq!(downscale(2.6e5, 3600), (2, false));
    }

    #[test]
    fn frames_wait_for_congested_links_but_not_for_one_far_slower_than_the_rest() {
        let congested = |bps| Link {
            target_bps: bps,
            congested: true,
        };
        let mut rate = rate(&[1e6, 8e6]);
        rate.link(ViewerId(0), congested(1e6));
        assert_eq!(rate.take_capture(), None);
        rate.link(ViewerId(1), congested(8e6));
        assert_eq!(rate.take_capture(), Some(Capture::Hold));
        assert_eq!(rate.take_capture(), None);
        rate.left(ViewerId(1));
        rate.link(ViewerId(0), link(1e6));
        assert_eq!(rate.take_capture(), Some(Capture::Run));
    }
}
