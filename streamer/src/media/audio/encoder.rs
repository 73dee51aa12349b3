//! Encodes one stretch of sound.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use gstreamer::{self as gst, prelude::*};
use gstreamer_app::AppSrc;

use super::{AudioError, slices::SLICE};
use crate::media::{
    MediaError, MediaEvent, MediaFailure, MediaSenders, Sound,
    pipeline::{Pipeline, SINK},
};

const SOURCE: &str = "in";

/// Lives from the first sound after silence to the next silence: so it costs nothing in between, and
/// its clock starts with the sound.
#[derive(Debug)]
pub(super) struct Encoder {
    _pipeline: Pipeline,
    input: AppSrc,
    slices: u32,
}

impl Encoder {
    /// `began` is when the first slice was played.
    pub(super) fn start(
        began: Instant,
        generation: u64,
        senders: &MediaSenders,
    ) -> Result<Self, AudioError> {
        let description = format!(
            "appsrc name={SOURCE} format=time is-live=true max-buffers=50 leaky-type=downstream \
             caps=audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2 \
             ! opusenc frame-size=10 audio-type=restricted-lowdelay bitrate=128000 \
             ! appsink name={SINK} sync=false max-buffers=8 drop=true"
        );
        let (made, failed) = (senders.events.clone(), senders.clone());
        let pipeline = Pipeline::play(
            &description,
            move |_, sample| {
                if let Some(sound) = sample.buffer().and_then(|buffer| packet(buffer, began)) {
                    // A lost 10 ms of sound is concealed; waiting would delay all that follow.
                    drop(made.try_send(MediaEvent::Sound(Arc::new(sound))));
                }
            },
            move |_, error| failed.fail(MediaFailure::Audio { generation, error }),
        )?;
        let input = pipeline
            .element(SOURCE)?
            .downcast::<AppSrc>()
            .map_err(|_| MediaError::NoElement(SOURCE))?;
        Ok(Self {
            _pipeline: pipeline,
            input,
            slices: 0,
        })
    }

    /// Encodes the slice that follows the one before it.
    pub(super) fn encode(&mut self, slice: Vec<u8>) -> Result<(), AudioError> {
        let mut buffer = gst::Buffer::from_mut_slice(slice);
        let time = gst::ClockTime::try_from(SLICE * self.slices).ok();
        buffer
            .get_mut()
            .expect("a new buffer has no other owner")
            .set_pts(time);
        self.slices = self.slices.saturating_add(1);
        match self.input.push_buffer(buffer) {
            Ok(_) => Ok(()),
            Err(_) => Err(AudioError::EncoderEnded),
        }
    }
}

fn packet(buffer: &gst::BufferRef, began: Instant) -> Option<Sound> {
    Some(Sound {
        data: Bytes::copy_from_slice(&buffer.map_readable().ok()?),
        captured: began + to_slice(buffer.pts()?.into()),
    })
}

/// Packets carry a slice each, but all after the first bear a time that is earlier by the encoder's
/// look-ahead, 2.5 ms.
fn to_slice(time: Duration) -> Duration {
    let slices = (time + SLICE / 2).as_millis() / SLICE.as_millis();
    SLICE * u32::try_from(slices).unwrap_or(u32::MAX)
}
