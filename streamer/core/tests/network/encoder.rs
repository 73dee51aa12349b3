//! An encoder that follows the estimate, and a microphone that doesn't.

use std::time::Duration;

use streamspace_streamer_core::network::{Content, FlowState, Outgoing};

use crate::random::Random;

/// Of the estimate, for the picture: the rest is for sound and repairs.
const VIDEO_SHARE: f64 = 0.85;
/// A longer queue than this and the encoder skips the frame.
const LONGEST_QUEUE: Duration = Duration::from_millis(50);
const PACKET_BYTES: usize = 1_200;
const HEADER_BYTES: usize = 60;
const AUDIO_BYTES: usize = 200;

/// A packet as the receiver understands it.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) sequence_number: u16,
    pub(crate) bytes: usize,
    pub(crate) part: Option<Part>,
}

/// Which part of which frame.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) frame: u64,
    pub(crate) keyframe: bool,
    pub(crate) first: bool,
    pub(crate) last: bool,
    pub(crate) captured: Duration,
}

/// What is on the screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) fps: u32,
    /// More than this many bits a second the picture can't use.
    pub(crate) useful_bps: f64,
    /// Until then nothing moves but one frame a second.
    pub(crate) still_until: Duration,
    /// The part of what it may use that the encoder makes of it: rate control keeps a distance.
    pub(crate) yield_share: f64,
}

impl Screen {
    pub(crate) fn moving(fps: u32) -> Self {
        Self {
            fps,
            useful_bps: 25e6,
            still_until: Duration::ZERO,
            yield_share: 1.0,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Encoder {
    screen: Screen,
    random: Random,
    sequence_number: u16,
    audio_sequence_number: u16,
    frame: u64,
    wants_keyframe: bool,
    /// What keyframes took ahead of the rate, to be saved on the frames after.
    owed_bytes: f64,
    pub(crate) keyframes: u32,
    pub(crate) skipped: u32,
}

impl Encoder {
    pub(crate) fn new(screen: Screen, seed: u64) -> Self {
        Self {
            screen,
            random: Random::seeded(seed ^ 0xe0c),
            sequence_number: 65_000,
            audio_sequence_number: 0,
            frame: 0,
            wants_keyframe: true,
            owed_bytes: 0.0,
            keyframes: 0,
            skipped: 0,
        }
    }

    pub(crate) fn request_keyframe(&mut self) {
        self.wants_keyframe = true;
    }

    pub(crate) fn interval(&self, now: Duration) -> Duration {
        if now < self.screen.still_until {
            return Duration::from_secs(1).min(self.screen.still_until - now);
        }
        Duration::from_secs_f64(1.0 / f64::from(self.screen.fps))
    }

    pub(crate) fn audio(&mut self) -> Outgoing<Packet> {
        self.audio_sequence_number = self.audio_sequence_number.wrapping_add(1);
        Outgoing {
            content: Content::Audio,
            sequence_number: self.audio_sequence_number,
            bytes: AUDIO_BYTES,
            packet: Packet {
                sequence_number: self.audio_sequence_number,
                bytes: AUDIO_BYTES,
                part: None,
            },
        }
    }

    /// The packets of the frame that is captured now.
    pub(crate) fn encode(&mut self, state: &FlowState, now: Duration) -> Vec<Outgoing<Packet>> {
        if state.queue > LONGEST_QUEUE {
            self.skipped += 1;
            return Vec::new();
        }
        let keyframe = std::mem::take(&mut self.wants_keyframe);
        self.keyframes += u32::from(keyframe);
        self.frame += 1;
        let bytes = self.frame_bytes(state, keyframe);
        self.packets(bytes, keyframe, now)
    }

    fn frame_bytes(&mut self, state: &FlowState, keyframe: bool) -> usize {
        let share = VIDEO_SHARE * self.screen.yield_share;
        let bps = (state.target_bps as f64 * share).min(self.screen.useful_bps);
        let normal = bps / 8.0 / f64::from(self.screen.fps);
        if keyframe {
            let bytes = normal * self.random.between(4.0, 8.0);
            self.owed_bytes = bytes - normal;
            return bytes as usize;
        }
        let saved = self.owed_bytes.min(normal * 0.3);
        self.owed_bytes -= saved;
        ((normal - saved) * self.random.between(0.7, 1.3)).max(150.0) as usize
    }

    fn packets(&mut self, bytes: usize, keyframe: bool, now: Duration) -> Vec<Outgoing<Packet>> {
        let count = bytes.div_ceil(PACKET_BYTES);
        let frame = self.frame;
        let part = |index: usize| Part {
            frame,
            keyframe,
            first: index == 0,
            last: index + 1 == count,
            captured: now,
        };
        (0..count)
            .map(|index| {
                self.sequence_number = self.sequence_number.wrapping_add(1);
                let bytes = bytes / count + HEADER_BYTES;
                Outgoing {
                    content: Content::Video {
                        frame,
                        keyframe,
                        last: index + 1 == count,
                    },
                    sequence_number: self.sequence_number,
                    bytes,
                    packet: Packet {
                        sequence_number: self.sequence_number,
                        bytes,
                        part: Some(part(index)),
                    },
                }
            })
            .collect()
    }
}
