//! TURN (RFC 8656): a relay for browsers that reach neither UDP nor TCP ports of a session, and the
//! credentials with which they use it, or an external one such as coturn.
//!
//! ```text
//!  browser ══ UDP, TCP or TLS ══▶ Client ══ UDP ══▶ the session's streamer, and nobody else
//!                                   │ what may be reached
//!  browser ── signaling ──▶ Pass ─▶ Grants ◀─ the candidates that the streamer has told
//! ```
//!
//! It is no open relay: credentials belong to one viewer of one session, end with its signaling
//! connection, and reach exactly the addresses and ports that the session's streamer has told this
//! viewer, as far as they are the session's own ([`MediaAddresses`]). Where a datagram goes and whence
//! it may come is looked up for each.
//!
//! A [`Client`] is one of TURN's 5-tuples: bytes in, an [`Effect`] out, without clock and socket. Until
//! it has shown good credentials nothing is kept of it, so the driver makes a new one for each datagram
//! of a stranger. Deliberately absent: relays over TCP (RFC 6062), reserved ports, and mobility.

mod address;
mod allocation;
mod client;
mod credentials;
mod framing;
mod grants;
mod message;
mod nonce;
mod pass;
mod rules;

pub use address::MediaAddresses;
pub use client::{Client, Effect, FRAME_HEAD_BYTES, Moment, Opened};
pub use credentials::{Credentials, InvalidSecret, SharedSecret};
pub use framing::{Framer, NoFrame};
pub use grants::{Grant, Grants, Peers, Place, TurnLimits};
pub use message::MAX_MESSAGE_BYTES;
pub use pass::{Pass, Turn};
pub use rules::Rules;

#[cfg(test)]
mod tests;
