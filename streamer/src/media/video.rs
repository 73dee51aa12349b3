//! The display's picture, captured and encoded.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use gstreamer::{self as gst, prelude::*};
use gstreamer_app::AppSink;
use gstreamer_video::UpstreamForceKeyUnitEvent;
use streamspace_gpu::{Encoder, EncoderTarget};
use streamspace_protocol::DisplaySize;
use streamspace_streamer_core::VideoTarget;

use super::{
    Frame, FrameStages, MediaError, MediaEvent, MediaFailure, MediaSenders,
    capture::{self, Capture, Source},
    pipeline::{Pipeline, SINK},
};

/// What to capture, and with what.
#[derive(Debug, Clone)]
pub(crate) struct VideoSettings {
    pub(crate) display: String,
    pub(crate) size: DisplaySize,
    pub(crate) encoder: Encoder,
    /// The most frames a second that the session may have.
    pub(crate) fps: u16,
    /// What to begin with.
    pub(crate) target: VideoTarget,
}

/// A running capture and encoder; dropping it stops both.
#[derive(Debug)]
pub(crate) struct Video {
    /// Before the pipeline, so that it ends first.
    capture: Capture,
    _pipeline: Pipeline,
    element: gst::Element,
    encoder: Encoder,
}

impl Video {
    /// Starts; frames and failures go to `senders`.
    pub(crate) fn start(
        settings: &VideoSettings,
        generation: u64,
        numbers: Arc<AtomicU64>,
        senders: &MediaSenders,
    ) -> Result<Self, MediaError> {
        let VideoSettings {
            display,
            size,
            encoder,
            fps,
            target,
        } = settings;
        let encoder_target = EncoderTarget {
            bitrate_bps: target.bitrate_bps,
            fps: *fps,
        };
        let source = Source::open(display);
        let description = format!(
            "{} ! {} ! appsink name={SINK} sync=false max-buffers=4 drop=true",
            source.description(*size, *fps),
            encoder.pipeline(encoder_target),
        );
        let (made, failed) = (senders.clone(), senders.clone());
        let pipeline = Pipeline::play(
            &description,
            move |sink, sample| {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                if let Some(frame) = frame(sink, sample, number)
                    && made
                        .events
                        .try_send(MediaEvent::Frame(Arc::new(frame)))
                        .is_err()
                {
                    made.fail(MediaFailure::FrameDropped);
                }
            },
            move |element, error| {
                let encoder = element == ENCODER;
                failed.fail(MediaFailure::Video {
                    generation,
                    encoder,
                    error,
                });
            },
        )?;
        let element = pipeline.element(ENCODER)?;
        let appsrc = pipeline
            .element(capture::APPSRC)
            .ok()
            .and_then(|e| e.downcast().ok());
        let capture = source.start(appsrc, *size, *fps);
        Ok(Self {
            capture,
            _pipeline: pipeline,
            element,
            encoder: *encoder,
        })
    }

    /// Changes what is made from the next frame on.
    pub(crate) fn set_target(&self, target: VideoTarget) {
        let property = self.encoder.bitrate_property();
        let value = (target.bitrate_bps / property.unit_bps).to_string();
        self.element.set_property_from_str(property.name, &value);
    }

    /// Stops making frames, or goes on.
    pub(crate) fn set_capture(&self, capture: streamspace_streamer_core::Capture) {
        tracing::trace!(?capture, "capture");
    }

    /// Makes the next frame a keyframe.
    pub(crate) fn force_keyframe(&self) {
        let event = UpstreamForceKeyUnitEvent::builder()
            .all_headers(true)
            .build();
        self.element.send_event(event);
        self.capture.refresh();
    }
}

/// The encoder's name in every pipeline that `gpu` writes.
const ENCODER: &str = "encoder";

fn frame(sink: &AppSink, sample: &gst::Sample, number: u64) -> Option<Frame> {
    let buffer = sample.buffer()?;
    let running = sink.current_running_time();
    let took = match (running, buffer.pts()) {
        (Some(now), Some(captured)) => Duration::from(now.saturating_sub(captured)),
        _ => Duration::ZERO,
    };
    let data = Bytes::copy_from_slice(&buffer.map_readable().ok()?);
    let now = Instant::now();
    Some(Frame {
        number,
        data,
        keyframe: !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT),
        captured: now.checked_sub(took).unwrap_or(now),
        encoded: now,
        stages: FrameStages {
            encode: took,
            ..FrameStages::default()
        },
    })
}
