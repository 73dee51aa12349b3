//! H.264 in software for desktops: the GStreamer element `streamspacex264enc`.
//!
//! ```text
//!   frame + its changes ─▶ macroblocks: which changed, how busy, how sharp so far
//!                               │
//!   bitrate ──────────────▶ rate control: one quantizer for the frame
//!                               │
//!                           x264, which skips what is unchanged and sharp ─▶ access unit
//! ```
//!
//! A desktop is still, then all of it is new, then it scrolls or plays. A rate control that averages
//! over seconds is wrong at each of these turns, so this one predicts each frame by its kind; see the
//! module `rate`.

mod element;
mod macroblocks;
mod rate;

use gstreamer::{self as gst, glib, prelude::*};

pub use crate::element::X264Encoder;

/// The element's name.
pub const ELEMENT: &str = "streamspacex264enc";

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
        X264Encoder::static_type(),
    )
}

gst::plugin_define!(
    streamspace_encode,
    "x264 for desktops",
    init,
    env!("CARGO_PKG_VERSION"),
    "GPL",
    "streamspace",
    "streamspace",
    "https://github.com/streamspace-dev/streamspace"
);
