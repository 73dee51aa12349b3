//! The display's picture, captured and encoded.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use gstreamer::{self as gst, prelude::*};
use gstreamer_app::AppSink;
use gstreamer_video::UpstreamForceKeyUnitEvent;
use streamspace_capture::Stages;
use streamspace_gpu::{Codec, Encoder, EncoderTarget};
use streamspace_protocol::{DisplaySize, Screen};
use streamspace_streamer_core::{Capture, VideoTarget};

use super::{
    Frame, FrameStages, MediaError, MediaEvent, MediaFailure, MediaSenders,
    pipeline::{Pipeline, SINK},
    source::{Controls, Sharpness, Source},
    watchdog::Watchdog,
};

/// What to capture, and with what.
#[derive(Debug, Clone)]
pub(crate) struct VideoSettings {
    pub(crate) display: String,
    pub(crate) screen: Screen,
    pub(crate) size: DisplaySize,
    /// Where it begins, if it is a part of the X server's picture and not all of it.
    pub(crate) origin: Option<(u16, u16)>,
    pub(crate) encoder: Encoder,
    /// The most frames a second that the session may have.
    pub(crate) fps: u16,
    /// What to begin with.
    pub(crate) target: VideoTarget,
}

/// A running capture and encoder; dropping it stops both.
#[derive(Debug)]
pub(crate) struct Video {
    /// Before the pipeline, whose end it would take for a failure.
    _watchdog: Watchdog,
    _pipeline: Pipeline,
    controls: Controls,
    encoder: gst::Element,
    settings: VideoSettings,
    news: Arc<News>,
}

/// What the pipeline's threads and the studio's share.
#[derive(Debug)]
struct News {
    /// The pipeline's number in what it tells.
    generation: AtomicU64,
    failed: AtomicBool,
    /// Locked while a frame is handed out, so that none follows the end.
    ended: Mutex<bool>,
}

impl News {
    fn new(generation: u64) -> Self {
        Self {
            generation: generation.into(),
            failed: false.into(),
            ended: false.into(),
        }
    }

    /// A thread that panicked with the lock left a plain value behind it.
    fn ended(&self) -> MutexGuard<'_, bool> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Video {
    /// Starts; frames and failures go to `senders`.
    pub(crate) fn start(
        settings: &VideoSettings,
        generation: u64,
        numbers: Arc<AtomicU64>,
        senders: &MediaSenders,
    ) -> Result<Self, MediaError> {
        let source = Source::choose(&settings.display);
        let description = format!(
            "{} ! {} ! appsink name={SINK} sync=false max-buffers=4 drop=true",
            source.description(settings),
            settings.encoder.pipeline(EncoderTarget {
                bitrate_bps: settings.target.bitrate_bps,
                fps: settings.fps,
            }),
        );
        let news = Arc::new(News::new(generation));
        let pipeline = Pipeline::build(
            &description,
            hand_out(
                (settings.screen, settings.encoder.codec()),
                news.clone(),
                numbers,
                senders.clone(),
            ),
            report(news.clone(), senders.clone()),
        )?;
        let encoder = pipeline.element(ENCODER)?;
        let reports = report(news.clone(), senders.clone());
        let reports = move |error| reports(ENCODER, error);
        let _watchdog = Watchdog::watch(&encoder, settings.encoder, reports);
        pipeline.start()?;
        let video = Self {
            controls: source.controls(&pipeline)?,
            encoder,
            _watchdog,
            _pipeline: pipeline,
            settings: settings.clone(),
            news,
        };
        video.set_target(settings.target);
        Ok(video)
    }

    /// Goes on with these settings under this number, if they need no new pipeline: the source
    /// follows the display's size by itself.
    pub(crate) fn adopt(&mut self, settings: &VideoSettings, generation: u64) -> bool {
        let same = self.settings.display == settings.display
            && self.settings.encoder == settings.encoder
            && self.settings.fps == settings.fps;
        let place = |settings: &VideoSettings| (settings.size, settings.origin);
        let moved = place(&self.settings) != place(settings) && self.controls.follows_size();
        if !same || !moved {
            return false;
        }
        self.news.generation.store(generation, Ordering::SeqCst);
        // A failure before that was under the old number, and went unheard.
        if self.has_failed() {
            return false;
        }
        self.settings = settings.clone();
        self.controls.set_part(settings);
        self.set_target(settings.target);
        true
    }

    /// Changes what is made from the next frame on.
    pub(crate) fn set_target(&self, target: VideoTarget) {
        let planned_fps = self.settings.fps;
        let fps = if self.controls.set_target(target) {
            target.fps
        } else {
            planned_fps
        };
        let encoder = self.settings.encoder;
        let bitrate = encoder.bitrate(target.bitrate_bps, fps, planned_fps);
        let property = encoder.bitrate_property().name;
        self.encoder.set_property_from_str(property, &bitrate);
    }

    /// Hands out no more frames, whatever the pipeline still makes.
    pub(crate) fn end(&self) {
        *self.news.ended() = true;
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.news.failed.load(Ordering::SeqCst)
    }

    /// Stops making frames, or goes on.
    pub(crate) fn set_capture(&self, capture: Capture) {
        self.controls.set_capture(capture);
    }

    /// Makes the next frame a keyframe.
    pub(crate) fn force_keyframe(&self) {
        let event = UpstreamForceKeyUnitEvent::builder()
            .all_headers(true)
            .build();
        self.encoder.send_event(event);
        self.controls.refresh();
    }
}

/// The encoder's name in every pipeline that `gpu` writes.
pub(crate) const ENCODER: &str = "encoder";

fn hand_out(
    made: (Screen, Codec),
    news: Arc<News>,
    numbers: Arc<AtomicU64>,
    senders: MediaSenders,
) -> impl FnMut(&AppSink, &gst::Sample) + Send + 'static {
    let mut sharpness = Sharpness::default();
    move |sink, sample| {
        let ended = news.ended();
        if *ended {
            return;
        }
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let frame = sink
            .current_running_time()
            .and_then(|running| frame(sample, made, number, running));
        if let Some(frame) = frame {
            sharpness.see(&frame, sink);
            let event = MediaEvent::Frame(Arc::new(frame));
            if senders.events.try_send(event).is_err() {
                senders.fail(MediaFailure::FrameDropped(made.0));
            }
        }
    }
}

fn report(news: Arc<News>, senders: MediaSenders) -> impl Fn(&str, String) + Clone + Send + Sync {
    move |element, error| {
        news.failed.store(true, Ordering::SeqCst);
        senders.fail(MediaFailure::Video {
            generation: news.generation.load(Ordering::SeqCst),
            encoder: element == ENCODER,
            error,
        });
    }
}

/// What came out of the encoder when the pipeline had run for `running`.
fn frame(
    sample: &gst::Sample,
    (screen, codec): (Screen, Codec),
    number: u64,
    running: gst::ClockTime,
) -> Option<Frame> {
    let buffer = sample.buffer()?;
    let encoded = Instant::now();
    let (captured, stages) = stages(sample, running);
    let ago = Duration::from(running.saturating_sub(captured));
    Some(Frame {
        screen,
        number,
        codec,
        data: Bytes::copy_from_slice(&buffer.map_readable().ok()?),
        keyframe: !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT),
        captured: encoded.checked_sub(ago).unwrap_or(encoded),
        encoded,
        stages,
    })
}

/// When the frame's grab began, and how long each stage took.
fn stages(sample: &gst::Sample, now: gst::ClockTime) -> (gst::ClockTime, FrameStages) {
    let between =
        |from: gst::ClockTime, to: gst::ClockTime| Duration::from(to.saturating_sub(from));
    if let Some(moments) = sample.buffer().and_then(Stages::of) {
        let stages = FrameStages {
            damage: between(moments.damaged, moments.began),
            grab: between(moments.began, moments.grabbed),
            convert: between(moments.grabbed, moments.converted),
            encode: between(moments.converted, now),
        };
        return (moments.began, stages);
    }
    // A frame of ximagesrc tells only when it was captured, and encoders may shift that; the segment
    // undoes it.
    let segment = sample
        .segment()
        .and_then(|segment| segment.downcast_ref::<gst::ClockTime>());
    let captured = sample
        .buffer()
        .and_then(|buffer| segment?.to_running_time(buffer.pts()?))
        .unwrap_or(now);
    let stages = FrameStages {
        encode: between(captured, now),
        ..FrameStages::default()
    };
    (captured, stages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_takes_time_whatever_the_encoder_does_to_time_stamps() {
        crate::media::start().expect("GStreamer");
        let target = EncoderTarget {
            bitrate_bps: 1_000_000,
            fps: 30,
        };
        let description = format!(
            "videotestsrc is-live=true num-buffers=3 ! video/x-raw,width=320,height=240 \
             ! {} ! appsink name={SINK} sync=false",
            Encoder::X264.pipeline(target),
        );
        let (sender, frames) = std::sync::mpsc::channel();
        let pipeline = Pipeline::play(
            &description,
            move |sink, sample| {
                let running = sink.current_running_time().expect("it plays");
                let made = (Screen::First, Codec::H264);
                let _ = sender.send(frame(sample, made, 0, running).expect("a frame"));
            },
            |_, _| {},
        );
        let pipeline = pipeline.expect("it starts");
        for _ in 0..3 {
            let frame = frames
                .recv_timeout(Duration::from_secs(20))
                .expect("in time");
            let encode = frame.stages.encode;
            assert!(encode > Duration::ZERO && encode < Duration::from_secs(20));
            assert_eq!(frame.encoded - frame.captured, encode);
        }
        drop(pipeline);
    }
}
