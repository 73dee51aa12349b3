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
//! what happened and does what it says. [`network::Flow`] is the same for one viewer's packets.

mod activity;
mod allowance;
mod arbiter;
mod chat;
mod clipboard;
mod controls;
mod displays;
mod gamepads;
mod io;
mod keyboard;
mod keyframes;
mod keysym;
mod memory;
pub mod network;
mod people;
mod pointer;
mod pointers;
mod rate;
mod resize;
mod session;
mod stream;
mod tally;
mod wheel;

pub use allowance::Allowance;
pub use clipboard::{ClipboardContent, ClipboardReceiver, Received, Unexpected};
pub use displays::{Displays, PerScreen};
pub use gamepads::{PAD_BUTTONS, PAD_HATS, PAD_STICKS, PAD_TRIGGERS, PadChange, PadOutput};
pub use io::{
    Capture, Encoded, Expulsion, Input, KeyRepeat, Link, Output, SessionConfig, VideoTarget, XEvent,
};
pub use keyboard::Keymap;
pub use memory::Memory;
pub use session::Session;
