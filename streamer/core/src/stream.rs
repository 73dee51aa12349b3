//! What belongs to one display's picture, and to those who watch it.

use std::time::Instant;

use streamspace_protocol::{DisplaySize, Screen};

use crate::{io::Output, keyframes::Keyframes, pointers::PointerNews, rate::Rate, tally::Tally};

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) keyframes: Keyframes,
    pub(crate) rate: Rate,
    pub(crate) tally: Tally,
    pub(crate) pointers: PointerNews,
}

impl Stream {
    pub(crate) fn new(display: DisplaySize, fps: u16) -> Self {
        Self {
            keyframes: Keyframes::default(),
            rate: Rate::new(display, fps),
            tally: Tally::default(),
            pointers: PointerNews::default(),
        }
    }

    /// What is due of a display of this size, which is to have so many frames a second.
    pub(crate) fn due(
        &mut self,
        screen: Screen,
        display: DisplaySize,
        fps: u16,
        now: Instant,
    ) -> Vec<Output> {
        let keyframe = self
            .keyframes
            .take(now)
            .then_some(Output::ForceKeyframe(screen));
        let target = self.rate.take_target(display, fps, now);
        let target = target.map(|target| Output::SetVideo(screen, target));
        let capture = self.rate.take_capture();
        let capture = capture.map(|capture| Output::Capture(screen, capture));
        let pointers = self.pointers.take(now);
        let pointers = pointers.map(|pointers| Output::TellPointers(screen, pointers));
        let due = [pointers, keyframe, target, capture];
        due.into_iter().flatten().collect()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let timeouts = [
            self.pointers.poll_timeout(),
            self.keyframes.poll_timeout(),
            self.rate.poll_timeout(),
            self.tally.poll_timeout(),
        ];
        timeouts.into_iter().flatten().min()
    }
}
