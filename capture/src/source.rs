//! The GStreamer element.

use std::{
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gstreamer::{self as gst, glib, prelude::*, subclass::prelude::*};
use gstreamer_base::{
    BaseSrc, PushSrc,
    prelude::*,
    subclass::{base_src::CreateSuccess, prelude::*},
};
use gstreamer_video::{VideoCapsBuilder, VideoFormat, VideoInfo};

use crate::{
    capture::{Capture, CaptureError, Captured, Layout, Wake},
    controls::Controls,
    grabber::GrabError,
    properties,
};

/// Between two looks for an X server that takes the place of one that ended.
const RETRY: Duration = Duration::from_millis(100);

glib::wrapper! {
    /// The element `streamspacexsrc`; see the crate.
    pub struct XSource(ObjectSubclass<Implementation>)
        @extends PushSrc, BaseSrc, gst::Element, gst::Object;
}

#[derive(Debug, Default)]
pub struct Implementation {
    pub(crate) controls: Controls,
    /// Empty: as the environment says.
    pub(crate) display: Mutex<String>,
    /// What frames are to be, while the display is open. Apart from `capture`, whose lock is held
    /// while the display is still.
    layout: Mutex<Option<Layout>>,
    capture: Mutex<Option<Capture>>,
}

#[glib::object_subclass]
impl ObjectSubclass for Implementation {
    const NAME: &'static str = "StreamspaceXSource";
    type Type = XSource;
    type ParentType = PushSrc;
}

impl ObjectImpl for Implementation {
    fn constructed(&self) {
        self.parent_constructed();
        self.obj().set_live(true);
        self.obj().set_format(gst::Format::Time);
    }

    fn properties() -> &'static [glib::ParamSpec] {
        properties::all()
    }

    fn signals() -> &'static [glib::subclass::Signal] {
        properties::signals()
    }

    fn set_property(&self, _id: usize, value: &glib::Value, property: &glib::ParamSpec) {
        properties::set(self, property.name(), value);
    }

    fn property(&self, _id: usize, property: &glib::ParamSpec) -> glib::Value {
        properties::get(self, property.name())
    }
}

impl GstObjectImpl for Implementation {}

impl ElementImpl for Implementation {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "X display source by damage",
                "Source/Video",
                "Frames of an X display when it changes, and none while it is still",
                "StreamSpace",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            let pad = gst::PadTemplate::new(
                "src",
                gst::PadDirection::Src,
                gst::PadPresence::Always,
                &caps().build(),
            );
            vec![pad.expect("the caps are valid")]
        });
        &TEMPLATES
    }
}

impl BaseSrcImpl for Implementation {
    fn start(&self) -> Result<(), gst::ErrorMessage> {
        self.open()
            .map_err(|error| gst::error_msg!(gst::ResourceError::OpenRead, ("{error}")))
    }

    fn stop(&self) -> Result<(), gst::ErrorMessage> {
        *lock(&self.layout) = None;
        *lock(&self.capture) = None;
        Ok(())
    }

    fn is_seekable(&self) -> bool {
        false
    }

    fn unlock(&self) -> Result<(), gst::ErrorMessage> {
        self.controls.set_flushing(true);
        Ok(())
    }

    fn unlock_stop(&self) -> Result<(), gst::ErrorMessage> {
        self.controls.set_flushing(false);
        Ok(())
    }

    fn caps(&self, filter: Option<&gst::Caps>) -> Option<gst::Caps> {
        let mut caps = caps();
        if let Some(layout) = *lock(&self.layout) {
            let (width, height) = layout.size();
            caps = caps.width(width.into()).height(height.into());
        }
        let caps = caps.build();
        Some(match filter {
            Some(filter) => filter.intersect_with_mode(&caps, gst::CapsIntersectMode::First),
            None => caps,
        })
    }

    fn fixate(&self, mut caps: gst::Caps) -> gst::Caps {
        caps.truncate();
        let most = gst::Fraction::new(self.controls.max_fps().into(), 1);
        if let Some(structure) = caps.make_mut().structure_mut(0) {
            structure.fixate_field_nearest_fraction("framerate", most);
        }
        self.parent_fixate(caps)
    }

    fn set_caps(&self, caps: &gst::Caps) -> Result<(), gst::LoggableError> {
        let info = VideoInfo::from_caps(caps)
            .map_err(|_| gst::loggable_error!(gst::CAT_RUST, "no video: {caps}"))?;
        if let Some(capture) = &mut *lock(&self.capture) {
            capture.set_format(info);
        }
        Ok(())
    }
}

impl PushSrcImpl for Implementation {
    fn create(
        &self,
        _buffer: Option<&mut gst::BufferRef>,
    ) -> Result<CreateSuccess, gst::FlowError> {
        loop {
            match self.next() {
                Ok(Next::Frame(captured)) => {
                    return Ok(CreateSuccess::NewBuffer(self.stamped(captured)));
                }
                Ok(Next::Layout) => self.negotiate()?,
                Ok(Next::Flushing) => return Err(gst::FlowError::Flushing),
                Err(error) if error.is_lost() => self.reconnect(error)?,
                Err(error) => return Err(self.failed(&error)),
            }
        }
    }
}

/// What the display has next.
enum Next {
    Frame(Captured),
    /// Frames are to become others.
    Layout,
    Flushing,
}

impl Implementation {
    fn next(&self) -> Result<Next, CaptureError> {
        let mut capture = lock(&self.capture);
        let Some(capture) = capture.as_mut() else {
            return Ok(Next::Flushing);
        };
        loop {
            match capture.wait(&self.controls)? {
                Wake::Flushing => return Ok(Next::Flushing),
                Wake::LayoutChanged => {
                    *lock(&self.layout) = Some(capture.layout());
                    return Ok(Next::Layout);
                }
                Wake::FrameDue => {
                    if let Some(captured) = capture.make_frame()? {
                        return Ok(Next::Frame(captured));
                    }
                }
            }
        }
    }

    fn negotiate(&self) -> Result<(), gst::FlowError> {
        if self.obj().negotiate() {
            Ok(())
        } else {
            Err(gst::FlowError::NotNegotiated)
        }
    }

    fn open(&self) -> Result<(), GrabError> {
        let display = lock(&self.display).clone();
        let display = (!display.is_empty()).then_some(display.as_str());
        let capture = Capture::open(display, &self.controls)?;
        *lock(&self.layout) = Some(capture.layout());
        *lock(&self.capture) = Some(capture);
        Ok(())
    }

    /// The X server has ended. One that takes its place is followed from there on.
    fn reconnect(&self, lost: CaptureError) -> Result<(), gst::FlowError> {
        let until = Instant::now() + self.controls.reconnect();
        gst::info!(gst::CAT_RUST, imp = self, "{lost}; waiting for another one");
        while Instant::now() < until {
            if self.controls.is_flushing() {
                return Err(gst::FlowError::Flushing);
            }
            if self.open().is_ok() {
                return self.negotiate();
            }
            std::thread::sleep(RETRY);
        }
        Err(self.failed(&lost))
    }

    fn failed(&self, error: &dyn std::error::Error) -> gst::FlowError {
        gst::element_imp_error!(self, gst::ResourceError::Read, ("{error}"));
        gst::FlowError::Error
    }

    /// The frame, its time stamp the moment of which it is.
    fn stamped(&self, captured: Captured) -> gst::Buffer {
        let Captured {
            mut buffer,
            moments,
            changes,
        } = captured;
        if let (Some(running), Some(buffer)) = (self.obj().current_running_time(), buffer.get_mut())
        {
            let stages = moments.at(running);
            buffer.set_pts(stages.began);
            stages.attach(buffer);
            if changes.attach(buffer).is_err() {
                gst::debug!(
                    gst::CAT_RUST,
                    imp = self,
                    "a frame cannot tell what changed"
                );
            }
        }
        buffer
    }
}

/// Whether the display can be followed: an answer without an element.
///
/// # Errors
///
/// It cannot be reached, lacks an extension, or has other pixels than 32-bit BGRx.
pub fn can_follow(display: &str) -> Result<(), GrabError> {
    Capture::open(Some(display), &Controls::default()).map(drop)
}

/// More frames than displays are made for.
pub(crate) const MOST_FPS: i32 = 120;

/// What the source can make: any size, limited range, of the colours that encoders take.
fn caps() -> VideoCapsBuilder<gst::caps::NoFeature> {
    VideoCapsBuilder::new()
        .format_list([VideoFormat::I420, VideoFormat::Nv12])
        .framerate_range(gst::Fraction::new(1, 1)..=gst::Fraction::new(MOST_FPS, 1))
        .pixel_aspect_ratio(gst::Fraction::new(1, 1))
        .field("colorimetry", gst::List::new(["bt709", "bt601"]))
}

/// A thread that panicked has left nothing half done here.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
