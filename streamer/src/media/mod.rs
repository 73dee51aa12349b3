//! GStreamer: the display's picture and the session's sound, encoded.

pub(crate) mod audio;
mod capture;
mod pipeline;
pub(crate) mod video;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;

/// An encoded picture: one H.264 access unit (Annex B byte stream).
#[derive(Debug)]
pub(crate) struct Frame {
    /// Counts up by one; a gap means that a frame was dropped before it came here.
    pub(crate) number: u64,
    pub(crate) data: Bytes,
    pub(crate) keyframe: bool,
    pub(crate) captured: Instant,
    /// From the captured picture to its encoded form.
    pub(crate) took: Duration,
}

/// 10 ms of sound: one Opus packet.
#[derive(Debug)]
pub(crate) struct Sound {
    pub(crate) data: Bytes,
    pub(crate) captured: Instant,
}

/// News from a pipeline. A pipeline that was replaced may still have news under way, so each names
/// the one it comes from.
#[derive(Debug)]
pub(crate) enum MediaEvent {
    Frame(Arc<Frame>),
    Sound(Arc<Sound>),
    /// `encoder` tells whether the encoder failed, or something before or after it.
    VideoFailed {
        generation: u64,
        encoder: bool,
        error: String,
    },
    AudioFailed {
        error: String,
    },
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum MediaError {
    #[error("the pipeline cannot be built: {0}")]
    Build(#[from] gstreamer::glib::Error),
    #[error("the pipeline lacks its element {0}")]
    NoElement(&'static str),
    #[error("the pipeline does not start")]
    Start,
}
