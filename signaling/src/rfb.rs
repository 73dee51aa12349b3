//! The Remote Framebuffer protocol (RFC 6143), as far as a gateway must speak it.
//!
//! ```text
//!   browser ◀─ Accepting: offers "None" ─ gateway ─ Dialing: answers the password challenge ─▶ Xvnc
//!   browser ─── client messages ──▶ ClientFilter, for who only watches, and for less quality ▶ Xvnc
//!   browser ◀── pictures ────────── Throttle, where the template sets a rate ───────────────── Xvnc
//! ```
//!
//! Each side is bytes in, bytes out. The gateway speaks to the browser once Xvnc has let it in, so
//! that a failure can still be told in the WebSocket's close frame.

mod accept;
mod dial;
mod filter;
mod inbox;
mod password;
mod throttle;

pub use accept::{Accepting, ClientError};
pub use dial::{Dialing, ServerError};
pub use filter::{Access, ClientFilter, ClientLimits, is_input};
pub use throttle::Throttle;

/// The version line both sides send; the only version spoken (RFC 6143, section 7.1.1).
const VERSION_LINE: [u8; 12] = *b"RFB 003.008\n";

/// The first message after the handshake: share the desktop with the viewers already there.
///
/// The gateway says it in place of the browser, whose own could throw the others out.
pub const CLIENT_INIT_SHARED: [u8; 1] = [1];

/// What to do after bytes of a handshake were taken.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Bytes for the peer.
    pub send: Vec<u8>,
    /// Set once the handshake is over: the bytes that came after it.
    pub rest: Option<Vec<u8>>,
}

/// Reads a version line: `RFB xxx.yyy\n` gives `(xxx, yyy)`.
fn parse_version(line: [u8; 12]) -> Option<(u16, u16)> {
    let text = std::str::from_utf8(&line).ok()?;
    let (major, minor) = text
        .strip_prefix("RFB ")?
        .strip_suffix('\n')?
        .split_once('.')?;
    let number = |digits: &str| {
        let valid = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
        valid.then(|| digits.parse().ok()).flatten()
    };
    Some((number(major)?, number(minor)?))
}
