//! The streamer's decisions, without any I/O.
//!
//! ```text
//!                 handle(Input, now)                 poll() -> Output
//!   viewers ─────────┐                                   ┌──▶ X server: keys, pointer, size, clipboard
//!   X server events ─┼──────────▶  [ Session ]  ─────────┼──▶ encoder: bitrate, keyframe
//!   encoder ─────────┤                                   └──▶ viewers: messages
//!   timer ───────────┘  poll_timeout() -> Instant
//! ```
//!
//! [`Session`] owns all state. It has no clock, socket, thread, GStreamer or X11: the driver feeds it
//! what happened and does what it says.

mod arbiter;
mod keyboard;
mod keyframes;
mod keysym;
mod rate;
mod resize;
mod session;
mod wheel;

pub use keyboard::Keymap;
pub use session::{Encoded, Input, KeyRepeat, Output, Session, SessionConfig, XEvent};
