//! Every message that crosses a process boundary, as plain values.
//!
//! ```text
//!   browser ──ClientSignal──▶ gateway ──LinkHello, then ClientSignal──▶ streamer
//!   browser ◀─ServerSignal─── gateway ◀──────────ServerSignal────────── streamer
//!
//!   browser ◀═ data channel "control": ClientMessage / ServerMessage ═▶ streamer
//!   browser ◀═ data channel "pointer": PointerMove / Pointers ════════▶ streamer
//! ```
//!
//! Bytes from a peer become values only through the `decode` functions, which bound the size first.
//! The TypeScript declarations in `web-client/viewer/src/protocol.ts` are generated from here, and
//! `vectors/` holds messages that both languages' tests read.

mod code;
mod ice;
mod id;
mod join;
mod latency;
mod link;
mod message;
mod people;
mod secret;
mod share;
mod signal;
mod wire;

pub use code::{Code, Problem};
pub use ice::{IceServers, IceSettings, InvalidPortRange, PortRange};
pub use id::{InvalidId, SessionId, ViewerId};
pub use join::{Join, Role, VncLimits};
pub use latency::{FrameTimes, Latency, Stage, StageLatency};
pub use link::{
    FrameDecoder, LinkHello, LinkOpening, LinkRevocation, MAX_FRAME_BYTES, encode_frame,
};
pub use message::{
    CONTROL_CHANNEL, ClientMessage, Cursor, DPI, DisplaySize, MAX_CLIPBOARD_BYTES,
    MAX_MESSAGE_BYTES, MAX_TEXT_CHARS, MIN_LIMIT_BPS, POINTER_CHANNEL, Pixel, PointerMove,
    ServerMessage, StreamStats,
};
pub use people::{
    ChatLine, InvalidName, MAX_CHAT_CHARS, MAX_NAME_CHARS, Person, PersonHere, PersonId,
    PersonName, PersonPointer, Pointers, ShareId, ViewerPath, chat_text,
};
pub use secret::Secret;
pub use share::{JoinRequest, NewShare, Share, ShareList, ShareMade};
pub use signal::{Candidate, ClientSignal, Hello, IceServer, PROTOCOL_VERSION, ServerSignal};
pub use wire::{DecodeError, Wire};
