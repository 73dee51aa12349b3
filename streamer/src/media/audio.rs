//! The session's sound, recorded from its sound server and encoded.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use gstreamer as gst;
use tokio::sync::mpsc;

use super::{
    MediaError, MediaEvent, Sound,
    pipeline::{Pipeline, SINK},
};

/// A running recorder and encoder; dropping it stops both.
#[derive(Debug)]
pub(crate) struct Audio {
    _pipeline: Pipeline,
}

impl Audio {
    /// Starts recording `source` of the sound server at `server`.
    pub(crate) fn start(
        server: &str,
        source: &str,
        events: mpsc::Sender<MediaEvent>,
    ) -> Result<Self, MediaError> {
        let description = format!(
            "pulsesrc server={server} device={source} buffer-time=40000 latency-time=10000 \
             ! audio/x-raw,rate=48000,channels=2 ! audioconvert ! audioresample \
             ! opusenc frame-size=10 audio-type=restricted-lowdelay bitrate=128000 \
             ! appsink name={SINK} sync=false max-buffers=8 drop=true"
        );
        let failures = events.clone();
        let mut clock = SampleClock::default();
        let pipeline = Pipeline::play(
            &description,
            move |_, sample| {
                if let Some(sound) = sample.buffer().and_then(|buffer| clock.sound(buffer)) {
                    // A lost 10 ms of sound is concealed; waiting would delay all that follow.
                    drop(events.try_send(MediaEvent::Sound(Arc::new(sound))));
                }
            },
            move |_, error| drop(failures.try_send(MediaEvent::AudioFailed { error })),
        )?;
        Ok(Self {
            _pipeline: pipeline,
        })
    }
}

/// When sound was recorded, by the recorder's own clock.
///
/// Packets arrive in bursts, but each is exactly 10 ms after the one before it; times of arrival would
/// make a decoder stretch and squeeze them.
#[derive(Debug, Default)]
struct SampleClock {
    /// The instant of time zero.
    epoch: Option<Instant>,
}

impl SampleClock {
    fn sound(&mut self, buffer: &gst::BufferRef) -> Option<Sound> {
        let time = Duration::from(buffer.pts()?);
        let now = Instant::now();
        let epoch = *self
            .epoch
            .get_or_insert(now.checked_sub(time).unwrap_or(now));
        let data = Bytes::copy_from_slice(&buffer.map_readable().ok()?);
        Some(Sound {
            data,
            captured: epoch + time,
        })
    }
}
