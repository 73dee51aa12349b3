//! GStreamer: the display's picture and the session's sound, encoded; viewers' microphones, played.

mod audio;
mod line;
mod microphone;
mod pipeline;
mod proof;
mod scan;
mod source;
mod studio;
mod traffic;
mod video;
mod watchdog;

pub(crate) use audio::AudioSettings;
pub(crate) use line::Line;
pub(crate) use microphone::{MicrophoneSettings, Microphones};
pub(crate) use proof::decoder;
pub(crate) use studio::{Studio, StudioHangs};
pub(crate) use video::{ENCODER, VideoSettings};

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use bytes::Bytes;
use streamspace_gpu::Codec;
use streamspace_protocol::Screen;
use tokio::sync::mpsc;

/// Starts GStreamer, and makes our own elements known to it; needed before anything else here.
pub(crate) fn start() -> anyhow::Result<()> {
    scan::guarded(gstreamer::init).context("GStreamer does not start")?;
    streamspace_capture::register().context("GStreamer refuses our source")?;
    #[cfg(feature = "x264")]
    streamspace_encode::register().context("GStreamer refuses our encoder")?;
    Ok(())
}

/// An encoded picture: of H.264 one access unit (Annex B byte stream), of others one frame.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Of which display it is.
    pub(crate) screen: Screen,
    /// Counts up by one for each display; a gap means that a frame was dropped before it came here.
    pub(crate) number: u64,
    pub(crate) codec: Codec,
    pub(crate) data: Bytes,
    pub(crate) keyframe: bool,
    pub(crate) captured: Instant,
    pub(crate) encoded: Instant,
    pub(crate) stages: FrameStages,
}

/// Where a frame's time went; each stage begins where the one before it ends.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FrameStages {
    /// From the X server's report of the first change in it until the grab began.
    pub(crate) damage: Duration,
    pub(crate) grab: Duration,
    pub(crate) convert: Duration,
    pub(crate) encode: Duration,
}

/// 10 ms of sound: one Opus packet.
#[derive(Debug)]
pub(crate) struct Sound {
    pub(crate) data: Bytes,
    pub(crate) captured: Instant,
}

/// What the pipelines make. A full queue loses the newest.
#[derive(Debug)]
pub(crate) enum MediaEvent {
    Frame(Arc<Frame>),
    Sound(Arc<Sound>),
}

/// What goes wrong with them, apart from the rest so that it is never lost among frames.
///
/// A pipeline that was replaced may still have news under way, so each names the one it comes from.
#[derive(Debug)]
pub(crate) enum MediaFailure {
    /// A frame found its queue full: decoders need a keyframe.
    FrameDropped(Screen),
    Video {
        generation: u64,
        /// Whether the encoder failed, or something before or after it.
        encoder: bool,
        error: String,
    },
    Audio {
        generation: u64,
        error: String,
    },
}

/// Where pipelines put what they make, and what goes wrong.
#[derive(Debug, Clone)]
pub(crate) struct MediaSenders {
    pub(crate) events: mpsc::Sender<MediaEvent>,
    pub(crate) failures: mpsc::Sender<MediaFailure>,
}

impl MediaSenders {
    fn fail(&self, failure: MediaFailure) {
        // A pipeline fails once, frames are dropped many times: room for all is enough for the first.
        if self.failures.try_send(failure).is_err() {
            tracing::debug!("the room knows of failures already, or ends");
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum MediaError {
    #[error("the pipeline cannot be built: {0}")]
    Build(#[from] gstreamer::glib::Error),
    #[error("the pipeline lacks its element {0}")]
    NoElement(&'static str),
    #[error("the pipeline does not start")]
    Start,
    #[error("the pipeline does not start, and one of its elements has said why")]
    StartReported,
}

impl MediaError {
    /// Whether another encoder might do better.
    fn is_of_encoder(&self) -> bool {
        match self {
            Self::Start => true,
            Self::StartReported | Self::Build(_) | Self::NoElement(_) => false,
        }
    }
}
