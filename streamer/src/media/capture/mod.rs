//! Where the pictures come from.
//!
//! [`Damage`](Source::Damage) grabs what the X server says has changed, when it changes, and nothing
//! while nothing does. It needs the extensions DAMAGE and MIT-SHM; without them `ximagesrc` polls the
//! whole display at a fixed rate.

mod damage;
mod grabber;
mod schedule;

use gstreamer_app::AppSrc;
use streamspace_protocol::DisplaySize;

use self::{damage::DamageCapture, grabber::Grabber};

/// The name of the appsrc in [`Source::description`].
pub(super) const APPSRC: &str = "display";

/// A way to get pictures of a display.
#[derive(Debug)]
pub(super) enum Source {
    Damage(Box<Grabber>),
    Polling { display: String },
}

impl Source {
    /// The best way that this X server allows.
    pub(super) fn open(display: &str) -> Self {
        match Grabber::open(display) {
            Ok(grabber) => Self::Damage(Box::new(grabber)),
            Err(error) => {
                tracing::warn!(%error, "changes cannot be followed, so the display is polled");
                Self::Polling {
                    display: display.into(),
                }
            }
        }
    }

    /// GStreamer text from the display to raw I420 frames.
    ///
    /// The pointer is left out: browsers draw it. Sizes are even, since I420 halves the colour
    /// planes; an odd edge that another client's resize leaves is cut off. Queues hold one picture
    /// and drop the older one, so that a slow encoder never delays the newest.
    pub(super) fn description(&self, size: DisplaySize, fps: u16) -> String {
        let DisplaySize { width, height } = even(size);
        let convert = "videoconvert n-threads=2 ! video/x-raw,format=I420";
        match self {
            Self::Damage(_) => format!(
                "appsrc name={APPSRC} is-live=true do-timestamp=true format=time \
                 max-buffers=1 leaky-type=downstream \
                 caps=video/x-raw,format=BGRx,width={width},height={height},framerate={fps}/1 \
                 ! {convert}"
            ),
            Self::Polling { display } => format!(
                "ximagesrc display-name={display} show-pointer=false use-damage=false \
                 startx=0 starty=0 endx={} endy={} ! video/x-raw,framerate={fps}/1 \
                 ! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0 leaky=downstream \
                 ! {convert}",
                width - 1,
                height - 1
            ),
        }
    }

    /// Begins to capture into the pipeline, once it plays.
    pub(super) fn start(self, appsrc: Option<AppSrc>, size: DisplaySize, fps: u16) -> Capture {
        match (self, appsrc) {
            (Self::Damage(grabber), Some(appsrc)) => Capture(Some(DamageCapture::start(
                *grabber,
                appsrc,
                even(size),
                fps,
            ))),
            (Self::Damage(_) | Self::Polling { .. }, _) => Capture(None),
        }
    }
}

/// A running capture; dropping it ends it.
#[derive(Debug)]
pub(super) struct Capture(Option<DamageCapture>);

impl Capture {
    /// Makes a frame soon, even if nothing changes: a keyframe needs one to be in.
    pub(super) fn refresh(&self) {
        if let Some(capture) = &self.0 {
            capture.refresh();
        }
    }
}

/// At least something that encoders take, whatever size a program gives the display.
fn even(size: DisplaySize) -> DisplaySize {
    DisplaySize {
        width: size.width.max(MIN_SIDE) & !1,
        height: size.height.max(MIN_SIDE) & !1,
    }
}

const MIN_SIDE: u16 = 64;
