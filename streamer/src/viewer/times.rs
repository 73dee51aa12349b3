//! Where the time of each frame went, told to the viewer a few times a second.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use streamspace_protocol::{FrameTimes, ServerMessage};

use crate::{media::Frame, transport::SentFrame};

/// Frames that have not left yet; the oldest are forgotten.
const MAX_QUEUED: usize = 64;
/// How long the times of frames are gathered for one message.
const INTERVAL: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(super) struct Times {
    epoch: Instant,
    queued: VecDeque<Queued>,
    gathered: Vec<FrameTimes>,
    due: Option<Instant>,
}

#[derive(Debug)]
struct Queued {
    rtp_timestamp: u32,
    encoded: Instant,
    damage: Duration,
    grab: Duration,
    convert: Duration,
    encode: Duration,
}

impl Times {
    /// `epoch` is zero of the clock that viewers are told.
    pub(super) fn new(epoch: Instant) -> Self {
        Self {
            epoch,
            queued: VecDeque::new(),
            gathered: Vec::new(),
            due: None,
        }
    }

    /// A frame is on its way to the pacer.
    pub(super) fn queued(&mut self, rtp_timestamp: u32, frame: &Frame) {
        if self.queued.len() == MAX_QUEUED {
            self.queued.pop_front();
        }
        self.queued.push_back(Queued {
            rtp_timestamp,
            encoded: frame.encoded,
            damage: frame.stages.damage,
            grab: frame.stages.grab,
            convert: frame.stages.convert,
            encode: frame.stages.encode,
        });
    }

    /// A frame's last packet has left.
    pub(super) fn sent(&mut self, sent: SentFrame) {
        let found = self
            .queued
            .iter()
            .position(|queued| queued.rtp_timestamp == sent.rtp_timestamp);
        let Some(index) = found else {
            return;
        };
        // Those before it never left.
        let Some(queued) = self.queued.drain(..=index).next_back() else {
            return;
        };
        let sent_us = sent.left.saturating_duration_since(self.epoch).as_micros();
        let queue = sent.left.saturating_duration_since(queued.encoded);
        self.gathered.push(FrameTimes {
            rtp_timestamp: queued.rtp_timestamp,
            sent_us: u64::try_from(sent_us).unwrap_or(u64::MAX),
            damage_us: microseconds(queued.damage),
            grab_us: microseconds(queued.grab),
            convert_us: microseconds(queued.convert),
            encode_us: microseconds(queued.encode),
            queue_us: microseconds(queue),
        });
        self.due.get_or_insert(sent.left + INTERVAL);
    }

    /// Waits until there is something to tell.
    pub(super) async fn due(&self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due.into()).await,
            None => std::future::pending().await,
        }
    }

    pub(super) fn take(&mut self) -> ServerMessage {
        self.due = None;
        ServerMessage::Frames {
            frames: std::mem::take(&mut self.gathered),
        }
    }
}

fn microseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::FrameStages;

    fn frame(encoded: Instant) -> Frame {
        Frame {
            codec: streamspace_gpu::Codec::H264,
            screen: streamspace_protocol::Screen::First,
            number: 0,
            data: bytes::Bytes::new(),
            keyframe: false,
            captured: encoded,
            encoded,
            stages: FrameStages {
                damage: Duration::from_micros(100),
                grab: Duration::from_micros(900),
                convert: Duration::from_micros(400),
                encode: Duration::from_micros(3000),
            },
        }
    }

    fn sent(rtp_timestamp: u32, left: Instant) -> SentFrame {
        SentFrame {
            rtp_timestamp,
            left,
        }
    }

    #[test]
    fn the_stages_of_a_frame_end_where_its_last_packet_leaves() {
        let epoch = Instant::now();
        let mut times = Times::new(epoch);
        let encoded = epoch + Duration::from_millis(10);
        times.queued(7, &frame(encoded));
        times.sent(sent(7, encoded + Duration::from_millis(2)));
        let expected = FrameTimes {
            rtp_timestamp: 7,
            sent_us: 12_000,
            damage_us: 100,
            grab_us: 900,
            convert_us: 400,
            encode_us: 3000,
            queue_us: 2000,
        };
        let frames = vec![expected];
        assert_eq!(times.take(), ServerMessage::Frames { frames });
        assert_eq!(times.take(), ServerMessage::Frames { frames: vec![] });
    }

    #[test]
    fn frames_that_never_leave_are_forgotten() {
        let epoch = Instant::now();
        let mut times = Times::new(epoch);
        for timestamp in 0..1000 {
            times.queued(timestamp, &frame(epoch));
        }
        assert_eq!(times.queued.len(), MAX_QUEUED);
        times.sent(sent(999, epoch));
        times.sent(sent(998, epoch));
        times.sent(sent(7, epoch));
        assert_eq!((times.queued.len(), times.gathered.len()), (0, 1));
    }
}
