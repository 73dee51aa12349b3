//! The session's sound, recorded from its sound server and encoded.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
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
        let pipeline = Pipeline::play(
            &description,
            move |_, sample| {
                let Some(map) = sample
                    .buffer()
                    .and_then(|buffer| buffer.map_readable().ok())
                else {
                    return;
                };
                let data = Bytes::copy_from_slice(&map);
                let sound = Sound {
                    data,
                    captured: Instant::now(),
                };
                // A lost 10 ms of sound is concealed; waiting would delay all that follow.
                drop(events.try_send(MediaEvent::Sound(Arc::new(sound))));
            },
            move |_, error| drop(failures.try_send(MediaEvent::AudioFailed { error })),
        )?;
        Ok(Self {
            _pipeline: pipeline,
        })
    }
}
