//! The figures of each second in which something was encoded.

use std::time::{Duration, Instant};

use streamspace_protocol::StreamStats;

use crate::io::Encoded;

const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Tally {
    encoder: String,
    encoder_reason: String,
    second: Second,
}

/// The sums of the second under way.
#[derive(Debug, Default)]
struct Second {
    since: Option<Instant>,
    frames: u32,
    bytes: usize,
    encoding: Duration,
}

impl Tally {
    pub(crate) fn encoder(&mut self, name: String, reason: String) {
        (self.encoder, self.encoder_reason) = (name, reason);
    }

    pub(crate) fn add(&mut self, encoded: Encoded, now: Instant) {
        self.second.since.get_or_insert(now);
        self.second.frames += 1;
        self.second.bytes += encoded.bytes;
        self.second.encoding += encoded.took;
    }

    /// The figures of a second that is over.
    pub(crate) fn take(&mut self, target_bps: u32, now: Instant) -> Option<StreamStats> {
        let elapsed = now.saturating_duration_since(self.second.since?);
        if elapsed < INTERVAL {
            return None;
        }
        let second = std::mem::take(&mut self.second);
        let bits = second.bytes as f64 * 8.0;
        Some(StreamStats {
            encoder: self.encoder.clone(),
            encoder_reason: self.encoder_reason.clone(),
            frames: second.frames,
            video_bps: (bits / elapsed.as_secs_f64()) as u32,
            target_bps,
            encode_ms: second.encoding.as_secs_f32() * 1e3 / second.frames.max(1) as f32,
        })
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.second.since.map(|since| since + INTERVAL)
    }
}
