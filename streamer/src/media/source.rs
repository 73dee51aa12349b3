//! Where the pictures come from.
//!
//! Our own source grabs what the X server says has changed, when it changes, and nothing while
//! nothing does. It needs the extensions DAMAGE and MIT-SHM; without them `ximagesrc` polls the whole
//! display at a fixed rate.

use gstreamer::{self as gst, prelude::*};
use gstreamer_app::AppSink;
use streamspace_protocol::DisplaySize;
use streamspace_streamer_core::{Capture, VideoTarget};

use super::{Frame, MediaError, VideoSettings, pipeline::Pipeline, video::ENCODER};

/// The source's name in [`Source::description`].
pub(super) const SOURCE: &str = "display";

/// The longest that a still picture is sharpened, in frames: the lowest bitrates need seconds.
const MOST_REFINEMENTS: u16 = 300;
/// A repeated picture that takes no more bytes than that brings no more sharpness...
const EMPTY_BYTES: usize = 400;
/// ...unless the encoder has only paused: so many in a row are the end of it.
const EMPTY_FRAMES: u32 = 3;

/// A way to get pictures of a display.
#[derive(Debug)]
pub(super) enum Source {
    /// Follows its changes, and its size.
    Following,
    Polling,
}

impl Source {
    /// The best way that this X server allows.
    pub(super) fn choose(display: &str) -> Self {
        match streamspace_capture::can_follow(display) {
            Ok(()) => Self::Following,
            Err(error) => {
                tracing::warn!(%error, "changes cannot be followed, so the display is polled");
                Self::Polling
            }
        }
    }

    /// GStreamer text from the display to raw frames.
    ///
    /// The pointer is left out: browsers draw it. Encoders are told of the most frames that the
    /// session may have, so that fewer for a while need no new encoder.
    pub(super) fn description(&self, settings: &VideoSettings) -> String {
        let VideoSettings {
            display, fps, size, ..
        } = settings;
        match self {
            Self::Following => format!(
                "{} name={SOURCE} display-name={display} max-fps={} downscale={} \
                 refinements={MOST_REFINEMENTS} part=\"{}\" \
                 ! video/x-raw,framerate={fps}/1,colorimetry={}",
                streamspace_capture::ELEMENT,
                settings.target.fps,
                settings.target.downscale,
                part(settings),
                settings.encoder.codec().colorimetry(),
            ),
            Self::Polling => polling(
                display,
                settings.origin.unwrap_or_default(),
                even(*size),
                *fps,
            ),
        }
    }

    /// Our own source's element, which can be told things while it plays.
    pub(super) fn controls(self, pipeline: &Pipeline) -> Result<Controls, MediaError> {
        match self {
            Self::Following => Ok(Controls(Some(pipeline.element(SOURCE)?))),
            Self::Polling => Ok(Controls(None)),
        }
    }
}

/// What a running source can be told; nothing, if it is `ximagesrc`.
#[derive(Debug)]
pub(super) struct Controls(Option<gst::Element>);

impl Controls {
    pub(super) fn follows_size(&self) -> bool {
        self.0.is_some()
    }

    /// Makes a frame soon, even if nothing changes: a keyframe needs one to be in.
    pub(super) fn refresh(&self) {
        if let Some(source) = &self.0 {
            source.emit_by_name::<()>("refresh", &[]);
        }
    }

    /// `true` if there are as many frames as that from now on.
    pub(super) fn set_target(&self, target: VideoTarget) -> bool {
        if let Some(source) = &self.0 {
            source.set_property("max-fps", u32::from(target.fps));
            source.set_property("downscale", u32::from(target.downscale));
        }
        self.0.is_some()
    }

    /// Shows what these settings say of the display.
    pub(super) fn set_part(&self, settings: &VideoSettings) {
        if let Some(source) = &self.0 {
            source.set_property("part", part(settings));
        }
    }

    pub(super) fn set_capture(&self, capture: Capture) {
        if let Some(source) = &self.0 {
            source.set_property("hold", capture == Capture::Hold);
        }
    }
}

/// Tells when a still picture is as sharp as it gets: by the encoder's word, or from what it makes.
#[derive(Debug, Default)]
pub(super) struct Sharpness {
    empty: u32,
}

impl Sharpness {
    /// Whether a frame of this many bytes, the next one, shows that there is no more to gain.
    fn is_reached(&mut self, bytes: usize) -> bool {
        self.empty = if bytes <= EMPTY_BYTES {
            self.empty + 1
        } else {
            0
        };
        self.empty >= EMPTY_FRAMES
    }

    /// Takes a frame that the pipeline has made, and stops its source's repeating in time.
    pub(super) fn see(&mut self, frame: &Frame, sink: &AppSink) {
        let Some(pipeline) = sink.parent().and_downcast::<gst::Pipeline>() else {
            return;
        };
        let told = pipeline.by_name(ENCODER).and_then(|encoder| {
            (encoder.has_property("sharp")).then(|| encoder.property::<bool>("sharp"))
        });
        if !told.unwrap_or_else(|| self.is_reached(frame.data.len())) {
            return;
        }
        let source = pipeline.by_name(SOURCE);
        let is_ours = |source: &gst::Element| source.is::<streamspace_capture::XSource>();
        if let Some(source) = source.filter(is_ours) {
            source.emit_by_name::<()>("sharp", &[]);
        }
    }
}

/// The part of the display to show; all of it is whatever size it has.
fn part(settings: &VideoSettings) -> String {
    let VideoSettings { size, origin, .. } = settings;
    let part = |(x, y)| format!("{}x{}+{x}+{y}", size.width, size.height);
    origin.map(part).unwrap_or_default()
}

/// A queue that holds one picture and drops the older one: a slow encoder never delays the newest.
fn polling(display: &str, (x, y): (u16, u16), size: DisplaySize, fps: u16) -> String {
    format!(
        "ximagesrc name={SOURCE} display-name={display} show-pointer=false use-damage=false \
         startx={x} starty={y} endx={} endy={} ! video/x-raw,framerate={fps}/1 \
         ! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0 leaky=downstream \
         ! videoconvert n-threads=2 ! video/x-raw,format=(string){{I420,NV12}}",
        x.saturating_add(size.width - 1),
        y.saturating_add(size.height - 1)
    )
}

/// Sizes are even, since the colour planes are half as large, and at least something that encoders take: an
/// odd edge that another client's resize leaves is cut off.
fn even(size: DisplaySize) -> DisplaySize {
    DisplaySize {
        width: size.width.max(MIN_SIDE) & !1,
        height: size.height.max(MIN_SIDE) & !1,
    }
}

const MIN_SIDE: u16 = 64;

#[cfg(test)]
mod tests {
    use streamspace_gpu::{Encoder, EncoderTarget};

    use super::*;

    #[test]
    fn a_picture_is_sharp_when_repeating_it_has_brought_nothing_for_a_while() {
        let mut sharpness = Sharpness::default();
        let frames = [9000, 100, 100, 5000, 100, 100, 100, 100, 2000];
        let reached = frames.map(|bytes| sharpness.is_reached(bytes));
        let expected = [false, false, false, false, false, false, true, true, false];
        assert_eq!(reached, expected);
    }

    #[test]
    fn what_is_polled_fits_the_software_encoders() {
        crate::media::start().expect("GStreamer");
        let size = DisplaySize {
            width: 641,
            height: 479,
        };
        let target = EncoderTarget {
            bitrate_bps: 1_000_000,
            fps: 30,
        };
        let source = polling(":0", (0, 0), even(size), 30);
        // The same, but of something that is there without a display.
        let source = source.replacen(
            source.split(" ! ").next().unwrap_or(""),
            "videotestsrc num-buffers=2",
            1,
        );
        for encoder in [Encoder::X264, Encoder::OpenH264] {
            let description = format!("{source} ! {} ! fakesink", encoder.pipeline(target));
            let pipeline = gst::parse::launch(&description).expect("it can be parsed");
            pipeline.set_state(gst::State::Playing).expect("it plays");
            let bus = pipeline.bus().expect("a pipeline has one");
            let wanted = [gst::MessageType::Eos, gst::MessageType::Error];
            let end = bus.timed_pop_filtered(gst::ClockTime::from_seconds(20), &wanted);
            assert_eq!(
                end.expect("in time").type_(),
                gst::MessageType::Eos,
                "{encoder}"
            );
            pipeline.set_state(gst::State::Null).expect("it stops");
        }
    }
}
