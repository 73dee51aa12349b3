//! The session's sound, recorded from its sound server and encoded.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use gstreamer as gst;

use super::{
    MediaError, MediaEvent, MediaFailure, MediaSenders, Sound,
    pipeline::{Pipeline, SINK},
};

/// What to record.
#[derive(Debug, Clone)]
pub(crate) struct AudioSettings {
    /// The sound server, such as `unix:/run/user/1000/pulse`.
    pub(crate) server: String,
    /// Such as `session.monitor`.
    pub(crate) source: String,
}

/// A running recorder and encoder; dropping it stops both.
#[derive(Debug)]
pub(super) struct Audio {
    _pipeline: Pipeline,
}

impl Audio {
    pub(super) fn start(
        AudioSettings { server, source }: &AudioSettings,
        generation: u64,
        senders: &MediaSenders,
    ) -> Result<Self, MediaError> {
        let description = format!(
            "pulsesrc server={server} device={source} buffer-time=40000 latency-time=10000 \
             ! audio/x-raw,rate=48000,channels=2 ! audioconvert ! audioresample \
             ! opusenc frame-size=10 audio-type=restricted-lowdelay bitrate=128000 \
             ! appsink name={SINK} sync=false max-buffers=8 drop=true"
        );
        let (made, failed) = (senders.events.clone(), senders.clone());
        let mut clock = SampleClock::default();
        let pipeline = Pipeline::play(
            &description,
            move |_, sample| {
                if let Some(sound) = sample.buffer().and_then(|buffer| clock.sound(buffer)) {
                    // A lost 10 ms of sound is concealed; waiting would delay all that follow.
                    drop(made.try_send(MediaEvent::Sound(Arc::new(sound))));
                }
            },
            move |_, error| failed.fail(MediaFailure::Audio { generation, error }),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_that_arrive_together_keep_their_distance() {
        gst::init().expect("GStreamer");
        let mut clock = SampleClock::default();
        let mut recorded = |ms| {
            let mut buffer = gst::Buffer::with_size(4).expect("a buffer");
            let writable = buffer.get_mut().expect("the only reference");
            writable.set_pts(gst::ClockTime::from_mseconds(ms));
            clock.sound(&buffer).expect("sound").captured
        };
        let times = [1000, 1010, 1020].map(&mut recorded);
        assert_eq!(times[1] - times[0], Duration::from_millis(10));
        assert_eq!(times[2] - times[1], Duration::from_millis(10));
    }
}
