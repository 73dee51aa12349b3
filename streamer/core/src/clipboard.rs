//! What was copied, and how it arrives from a browser in pieces.
//!
//! ```text
//!   browser ── Offer, pieces ──▶ ClipboardReceiver ──▶ Input::Clipboard ──▶ Session ──▶ the X server
//!                                     (policy)                                   └───▶ other viewers
//! ```

mod content;
mod receiver;

pub use content::ClipboardContent;
pub use receiver::{ClipboardReceiver, Received, Unexpected};
