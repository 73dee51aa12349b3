//! A GStreamer source of an X display's picture: the element `streamspacexsrc`.
//!
//! ```text
//!              ┌ controls: max-fps, hold, downscale, refresh ┐
//!              ▼                                             │
//!   X damage ─▶ schedule: due? ─▶ grabber ─▶ shared memory ─▶ convert ─▶ frames (I420, NV12) ─▶
//!                                 only what changed, in all of these steps
//! ```
//!
//! * It makes a frame when the display changes, at once after a pause, and none while all is still.
//! * Frames are kept: a small change costs a small grab and a small conversion, and no copy.
//! * The pointer is not in the picture.
//! * It follows the display's size by itself; frames then have new caps.
//! * Each frame carries its [`Stages`] and its [`Changes`].
//!
//! It is a plugin (`libstreamspace_capture.so`, to be found by `GST_PLUGIN_PATH`) and a library:
//! [`register`] makes the element known to this process.
//!
//! ```sh
//! gst-launch-1.0 streamspacexsrc display-name=:1 ! x264enc tune=zerolatency ! fakesink
//! ```

mod area;
mod capture;
mod changes;
mod controls;
mod convert;
mod frames;
mod grabber;
mod properties;
mod schedule;
mod source;
mod stages;

use gstreamer::{self as gst, glib, prelude::*};

pub use crate::{
    area::{Area, NoArea},
    changes::Changes,
    convert::{ConvertError, Converter},
    grabber::GrabError,
    source::{XSource, can_follow},
    stages::Stages,
};

/// The element's name.
pub const ELEMENT: &str = "streamspacexsrc";

/// Makes the element known to this process.
///
/// # Errors
///
/// GStreamer refuses, as it does before `gst::init`.
pub fn register() -> Result<(), glib::BoolError> {
    plugin_desc::plugin_register_static()
}

fn init(plugin: &gst::Plugin) -> Result<(), glib::BoolError> {
    gst::Element::register(
        Some(plugin),
        ELEMENT,
        gst::Rank::NONE,
        XSource::static_type(),
    )
}

gst::plugin_define!(
    streamspace_capture,
    "A source of an X display's picture that follows its changes",
    init,
    env!("CARGO_PKG_VERSION"),
    "MIT/X11",
    "streamspace",
    "streamspace",
    "https://github.com/streamspace-dev/streamspace"
);
