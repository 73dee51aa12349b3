//! Which frames a viewer's decoder can use.

use crate::media::Frame;

/// Keeps a decoder from frames whose references it has not seen.
#[derive(Debug, Default)]
pub(super) struct Continuity {
    /// The number of the frame that can be decoded next; without one only a keyframe can.
    expected: Option<u64>,
    asked: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Send,
    Skip,
    SkipAndAsk,
}

impl Continuity {
    /// Frames that were to be sent were left out after all.
    pub(super) fn lost(&mut self) {
        self.expected = None;
        self.asked = true;
    }

    pub(super) fn next(&mut self, frame: &Frame) -> Step {
        if frame.keyframe || self.expected == Some(frame.number) {
            self.expected = Some(frame.number + 1);
            self.asked = false;
            return Step::Send;
        }
        self.expected = None;
        if std::mem::replace(&mut self.asked, true) {
            Step::Skip
        } else {
            Step::SkipAndAsk
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::media::FrameStages;

    fn frame(number: u64, keyframe: bool) -> Frame {
        Frame {
            codec: streamspace_gpu::Codec::H264,
            screen: streamspace_protocol::Screen::First,
            number,
            data: bytes::Bytes::new(),
            keyframe,
            captured: Instant::now(),
            encoded: Instant::now(),
            stages: FrameStages::default(),
        }
    }

    #[test]
    fn after_a_lost_frame_nothing_is_sent_until_a_keyframe_which_is_asked_for_once() {
        let mut continuity = Continuity::default();
        let steps = [
            (0, false, Step::SkipAndAsk),
            (1, true, Step::Send),
            (2, false, Step::Send),
            (4, false, Step::SkipAndAsk),
            (5, false, Step::Skip),
            (6, true, Step::Send),
            (7, false, Step::Send),
        ];
        for (number, keyframe, step) in steps {
            assert_eq!(continuity.next(&frame(number, keyframe)), step, "{number}");
        }
    }

    #[test]
    fn after_frames_were_left_out_on_the_way_only_a_keyframe_will_do() {
        let mut continuity = Continuity::default();
        assert_eq!(continuity.next(&frame(0, true)), Step::Send);
        continuity.lost();
        assert_eq!(continuity.next(&frame(1, false)), Step::Skip);
        assert_eq!(continuity.next(&frame(2, true)), Step::Send);
        assert_eq!(continuity.next(&frame(3, false)), Step::Send);
    }
}
