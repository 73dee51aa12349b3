//! Where the time of a frame goes, from the change on the display to the browser's picture.

use serde::{Deserialize, Serialize};

use crate::DecodeError;

/// A part of the way. Each begins where the one before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// From the X server's report of a change until the grab begins.
    Damage,
    /// Reading the changed pixels.
    Grab,
    /// From the display's pixels to the encoder's colours.
    Convert,
    Encode,
    /// Until the frame's last packet has left the pacer.
    Queue,
    /// Until its last packet has arrived, repairs included.
    Network,
    /// Until the decoder has begun.
    JitterBuffer,
    Decode,
    /// From the decoded picture until it is handed to the screen.
    Present,
    /// All of the way.
    Total,
}

/// The streamer's part of one frame's way; durations in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FrameTimes {
    /// As in the frame's RTP packets, by which the browser knows it.
    pub rtp_timestamp: u32,
    /// When the last packet left, by the clock that a pong tells.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub sent_us: u64,
    pub damage_us: u32,
    pub grab_us: u32,
    pub convert_us: u32,
    pub encode_us: u32,
    pub queue_us: u32,
}

/// A viewer's account of its last frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Latency {
    /// How many frames the percentiles are of.
    pub frames: u32,
    /// Each stage once.
    pub stages: Vec<StageLatency>,
}

/// Percentiles of one stage, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StageLatency {
    pub stage: Stage,
    pub p50_us: u32,
    pub p95_us: u32,
    pub p99_us: u32,
}

impl Latency {
    pub(crate) fn check(&self) -> Result<(), DecodeError> {
        let mut seen: Vec<Stage> = self.stages.iter().map(|entry| entry.stage).collect();
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() == count {
            Ok(())
        } else {
            Err(DecodeError::OutOfRange { field: "stages" })
        }
    }
}
