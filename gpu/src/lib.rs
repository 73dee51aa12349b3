//! Which video encoder a machine has, which one to use, and how to set it up.
//!
//! ```text
//!   probe (streamer, a child process) ──▶ Capabilities ──┐
//!                                         Policy ────────┴─▶ select ──▶ Selection ──▶ pipeline
//! ```
//!
//! Everything here is pure. GStreamer element names and their properties appear in
//! [`encoder`](Encoder) and nowhere else.

mod capabilities;
mod encoder;
mod selection;

pub use capabilities::{Capabilities, Health};
pub use encoder::{BitrateProperty, Encoder, EncoderTarget, UnknownEncoder};
pub use selection::{Policy, Rejection, Selection, select};
