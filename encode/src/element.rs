//! The GStreamer element.

use std::{
    num::NonZeroU16,
    sync::{
        LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use gstreamer::{self as gst, glib, prelude::*, subclass::prelude::*};
use gstreamer_video::{
    VideoCapsBuilder, VideoCodecFrame, VideoCodecFrameFlags, VideoCodecState, VideoColorMatrix,
    VideoEncoder, VideoFormat, VideoFrameExt, VideoFrameRef, VideoInfo, prelude::*,
    subclass::prelude::*, video_codec_state::Readable,
};
use streamspace_capture::{Area, Changes};
use streamspace_x264::{
    Colour, EncodeError, Encoder, Frame, OpenError, Picture, Plane, Search, Settings,
};

use crate::{
    macroblocks::Macroblocks,
    rate::{RateControl, SHARPEST},
};

glib::wrapper! {
    /// The element `streamspacex264enc`; see the crate.
    pub struct X264Encoder(ObjectSubclass<Implementation>)
        @extends VideoEncoder, gst::Element, gst::Object;
}

#[derive(Debug)]
pub struct Implementation {
    bitrate_kbps: AtomicU32,
    /// 0: as many as fit this machine.
    threads: AtomicU32,
    /// The last frame left nothing to sharpen.
    sharp: AtomicBool,
    encoding: Mutex<Option<Encoding>>,
}

const DEFAULT_BITRATE_KBPS: u32 = 4000;

impl Default for Implementation {
    fn default() -> Self {
        Self {
            bitrate_kbps: DEFAULT_BITRATE_KBPS.into(),
            threads: 0.into(),
            sharp: false.into(),
            encoding: Mutex::default(),
        }
    }
}

#[glib::object_subclass]
impl ObjectSubclass for Implementation {
    const NAME: &'static str = "StreamspaceX264Encoder";
    type Type = X264Encoder;
    type ParentType = VideoEncoder;
}

impl ObjectImpl for Implementation {
    fn properties() -> &'static [glib::ParamSpec] {
        static ALL: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
            vec![
                glib::ParamSpecUInt::builder("bitrate")
                    .nick("Bitrate")
                    .blurb("The most that is sent on average, in kbit/s")
                    .minimum(1)
                    .maximum(2_000_000)
                    .default_value(DEFAULT_BITRATE_KBPS)
                    .mutable_playing()
                    .build(),
                glib::ParamSpecUInt::builder("threads")
                    .nick("Threads")
                    .blurb("Slices of a frame that are encoded at once; 0: by the processor")
                    .maximum(16)
                    .mutable_ready()
                    .build(),
                glib::ParamSpecBoolean::builder("sharp")
                    .nick("Sharp")
                    .blurb("Whether repeating the last frame would bring nothing more")
                    .read_only()
                    .build(),
            ]
        });
        &ALL
    }

    fn set_property(&self, _id: usize, value: &glib::Value, property: &glib::ParamSpec) {
        let number = value.get::<u32>().unwrap_or_default();
        match property.name() {
            "bitrate" => self.bitrate_kbps.store(number, Ordering::Relaxed),
            "threads" => self.threads.store(number, Ordering::Relaxed),
            _ => unreachable!("GObject knows the properties"),
        }
    }

    fn property(&self, _id: usize, property: &glib::ParamSpec) -> glib::Value {
        match property.name() {
            "bitrate" => self.bitrate_kbps.load(Ordering::Relaxed).to_value(),
            "threads" => self.threads.load(Ordering::Relaxed).to_value(),
            "sharp" => self.sharp.load(Ordering::Relaxed).to_value(),
            _ => unreachable!("GObject knows the properties"),
        }
    }
}

impl GstObjectImpl for Implementation {}

impl ElementImpl for Implementation {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "x264 for desktops",
                "Codec/Encoder/Video",
                "H.264 without delay, by x264, which is told what changed",
                "StreamSpace",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            let raw = VideoCapsBuilder::new().format(VideoFormat::Nv12).build();
            let pads = [
                ("sink", gst::PadDirection::Sink, raw),
                ("src", gst::PadDirection::Src, h264()),
            ];
            let pads = pads.map(|(name, direction, caps)| {
                gst::PadTemplate::new(name, direction, gst::PadPresence::Always, &caps)
                    .expect("the caps are valid")
            });
            pads.into()
        });
        &TEMPLATES
    }
}

impl VideoEncoderImpl for Implementation {
    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *self.encoding() = None;
        Ok(())
    }

    fn set_format(
        &self,
        state: &VideoCodecState<'static, Readable>,
    ) -> Result<(), gst::LoggableError> {
        let threads = match self.threads.load(Ordering::Relaxed) {
            0 => fitting_threads(),
            wanted => {
                NonZeroU16::new(u16::try_from(wanted).unwrap_or(1)).unwrap_or(NonZeroU16::MIN)
            }
        };
        let encoding = Encoding::open(state.info(), threads)
            .map_err(|error| gst::loggable_error!(gst::CAT_RUST, "{error}"))?;
        *self.encoding() = Some(encoding);
        let element = self.obj();
        let output = element
            .set_output_state(h264(), Some(state))
            .map_err(|error| gst::loggable_error!(gst::CAT_RUST, "no output state: {error}"))?;
        element
            .negotiate(output)
            .map_err(|error| gst::loggable_error!(gst::CAT_RUST, "not negotiated: {error}"))
    }

    fn handle_frame(&self, mut frame: VideoCodecFrame) -> Result<gst::FlowSuccess, gst::FlowError> {
        let unit = self.encode(&frame).map_err(|error| {
            gst::element_imp_error!(self, gst::StreamError::Encode, ("{error}"));
            gst::FlowError::Error
        })?;
        if unit.frame == Frame::Key {
            frame.set_flags(VideoCodecFrameFlags::SYNC_POINT);
        }
        frame.set_output_buffer(unit.data);
        self.obj().finish_frame(frame)
    }
}

impl Implementation {
    /// A thread that panicked has left nothing half done here.
    fn encoding(&self) -> MutexGuard<'_, Option<Encoding>> {
        self.encoding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn encode(&self, frame: &VideoCodecFrame) -> Result<Unit, FrameError> {
        let mut encoding = self.encoding();
        let encoding = encoding.as_mut().ok_or(FrameError::NoFormat)?;
        let kbps = self.bitrate_kbps.load(Ordering::Relaxed);
        encoding.rate.set_bitrate(kbps.saturating_mul(1000));
        let buffer = frame.input_buffer().ok_or(FrameError::NoPicture)?;
        let wanted = frame.flags().contains(VideoCodecFrameFlags::FORCE_KEYFRAME);
        let now = frame.pts().map_or(Duration::ZERO, Duration::from);
        let unit = encoding.encode(buffer, wanted, now)?;
        let sharp = encoding.macroblocks.coarsest() <= SHARPEST;
        self.sharp.store(sharp, Ordering::Relaxed);
        Ok(unit)
    }
}

/// On few processors slices only add to the work, since viewer, program and X server need those, too.
fn fitting_threads() -> NonZeroU16 {
    let processors = available_parallelism().map_or(1, usize::from);
    let threads = match processors {
        0..4 => 1,
        4..8 => 2,
        _ => 4,
    };
    NonZeroU16::new(threads).unwrap_or(NonZeroU16::MIN)
}

fn h264() -> gst::Caps {
    gst::Caps::builder("video/x-h264")
        .field("stream-format", "byte-stream")
        .field("alignment", "au")
        .field("profile", "constrained-baseline")
        .build()
}

struct Unit {
    data: gst::Buffer,
    frame: Frame,
}

/// Why a frame could not be encoded.
#[derive(Debug, thiserror::Error)]
enum FrameError {
    #[error("no format has been negotiated")]
    NoFormat,
    #[error("a frame has no picture")]
    NoPicture,
    #[error("a picture cannot be read: {0}")]
    Memory(#[from] glib::BoolError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// What all frames of one format share.
#[derive(Debug)]
struct Encoding {
    info: VideoInfo,
    encoder: Encoder,
    macroblocks: Macroblocks,
    rate: RateControl,
    /// The source's number of the last frame.
    number: Option<u64>,
    begun: bool,
}

impl Encoding {
    fn open(info: &VideoInfo, threads: NonZeroU16) -> Result<Self, OpenError> {
        let side = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
        let fps = info.fps();
        let fps = u16::try_from(fps.numer() / fps.denom().max(1)).unwrap_or(0);
        let encoder = Encoder::open(Settings {
            width: side(info.width()),
            height: side(info.height()),
            fps: NonZeroU16::new(fps).unwrap_or(NonZeroU16::MIN),
            threads,
            colour: match info.colorimetry().matrix() {
                VideoColorMatrix::Bt601 => Colour::Bt601,
                _ => Colour::Bt709,
            },
        })?;
        Ok(Self {
            macroblocks: Macroblocks::new(encoder.macroblocks()),
            info: info.clone(),
            encoder,
            rate: RateControl::new(DEFAULT_BITRATE_KBPS * 1000),
            number: None,
            begun: false,
        })
    }

    fn encode(
        &mut self,
        buffer: &gst::BufferRef,
        keyframe_wanted: bool,
        now: Duration,
    ) -> Result<Unit, FrameError> {
        let changes = self.changes(buffer);
        let picture = VideoFrameRef::from_buffer_ref_readable(buffer, &self.info)?;
        let (luma, chroma) = (plane(&picture, 0)?, plane(&picture, 1)?);
        let work = self.macroblocks.see(luma, &changes);
        let key = keyframe_wanted || !self.begun;
        let quantizer = if key {
            self.rate.plan_key(&work, now)
        } else {
            self.rate.plan(&work, now)
        };
        let picture = Picture {
            luma,
            chroma,
            frame: if key { Frame::Key } else { Frame::Delta },
            quantizer,
            search: if work.is_detailed() {
                Search::Wide
            } else {
                Search::Near
            },
            unchanged: (!key).then(|| self.macroblocks.unchanged()),
        };
        let encoded = self.encoder.encode(&picture)?;
        let unit = Unit {
            data: gst::Buffer::from_slice(encoded.data.to_vec()),
            frame: encoded.frame,
        };
        gst::trace!(
            gst::CAT_RUST,
            "quantizer {quantizer}, {} bytes, key {key}, changed {:.3} {:.0}, coarsest {:?}",
            unit.data.size(),
            work.changed_part,
            work.changed,
            work.coarsest(),
        );
        self.begun = true;
        self.rate.learn(unit.data.size());
        match unit.frame {
            Frame::Key => self.macroblocks.encoded_anew(quantizer),
            Frame::Delta => self.macroblocks.encoded(quantizer),
        }
        Ok(unit)
    }

    /// What differs from the frame before: everything, if the source does not tell.
    fn changes(&mut self, buffer: &gst::BufferRef) -> Vec<Area> {
        let told = Changes::of(buffer);
        let number = told.as_ref().map(|changes| changes.number);
        let next = self.number.and_then(|last| last.checked_add(1));
        self.number = number;
        match told {
            Some(changes) if next == number => changes.areas,
            _ => vec![Area::whole(u16::MAX, u16::MAX)],
        }
    }
}

fn plane<'a>(
    picture: &'a VideoFrameRef<&gst::BufferRef>,
    index: u32,
) -> Result<Plane<'a>, FrameError> {
    let strides = picture.plane_stride();
    let stride = strides.get(usize::try_from(index).unwrap_or(usize::MAX));
    let stride = stride.and_then(|&stride| usize::try_from(stride).ok());
    Ok(Plane {
        data: picture.plane_data(index)?,
        stride: stride.ok_or(FrameError::NoPicture)?,
    })
}
