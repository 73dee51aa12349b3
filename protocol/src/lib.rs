//! Every message that crosses a process boundary, as plain values.
//!
//! ```text
//!   browser ──ClientSignal──▶ gateway ──LinkHello, then ClientSignal──▶ streamer
//!   browser ◀─ServerSignal─── gateway ◀──────────ServerSignal────────── streamer
//!
//!   browser ◀═ data channel "control": ClientMessage / ServerMessage ═▶ streamer
//!   browser ◀═ data channel "pointer": PointerMove / Pointers ════════▶ streamer
//!   browser ◀═ data channel "clipboard": ClipboardMessage, pieces ════▶ streamer
//!
//!   gateway ──FilesHello, bytes of a file──▶ streamer ──FileReply, bytes──▶ gateway
//! ```
//!
//! Bytes from a peer become values only through the `decode` functions, which bound the size first.
//! The TypeScript declarations in `web-client/viewer/src/protocol.ts` are generated from here, and
//! `vectors/` holds messages that both languages' tests read.

mod clipboard;
mod code;
mod devices;
mod file_path;
mod files;
mod ice;
mod id;
mod join;
mod latency;
mod link;
mod message;
mod people;
mod pod_keys;
mod policy;
mod secret;
mod share;
mod signal;
mod trace;
mod wire;

pub use clipboard::{CLIPBOARD_CHANNEL, CLIPBOARD_PIECE_BYTES, ClipboardItem, ClipboardMessage};
pub use code::{Code, Problem};
pub use devices::{DeviceSupport, Devices, GAMEPAD_BUTTONS, GamepadState, MAX_GAMEPADS};
pub use file_path::{FileName, FilePath, InvalidPath, UploadId};
pub use files::{
    ByteRange, EntryKind, FileReply, FileRequest, FilesHello, Folder, FolderEntry, Part,
    UploadState,
};
pub use ice::{IceServers, IceSettings, InvalidPortRange, PortRange};
pub use id::{InvalidId, SessionId, ViewerId};
pub use join::{Join, Role, VncLimits};
pub use latency::{FrameTimes, Latency, Stage, StageLatency};
pub use link::{
    FrameDecoder, LinkHello, LinkOpening, LinkRevocation, MAX_FRAME_BYTES, Ticket, encode_frame,
};
pub use message::{
    CONTROL_CHANNEL, ClientMessage, Cursor, DPI, DisplaySize, MAX_MESSAGE_BYTES, MAX_TEXT_CHARS,
    MIN_LIMIT_BPS, POINTER_CHANNEL, Pixel, PointerMove, Screen, ServerMessage, StreamStats,
};
pub use people::{
    ChatLine, InvalidName, MAX_CHAT_CHARS, MAX_NAME_CHARS, Person, PersonHere, PersonId,
    PersonName, PersonPointer, Pointers, ShareId, ViewerPath, chat_text,
};
pub use pod_keys::{KeyFile, secret_name};
pub use policy::{
    ClipboardKind, ClipboardPolicy, FilePolicy, InvalidPolicy, MOST_CLIPBOARD_BYTES, Policy,
};
pub use secret::Secret;
pub use share::{JoinRequest, NewShare, Share, ShareList, ShareMade};
pub use signal::{
    Candidate, ClientSignal, Hello, IceServer, MAX_COPIED_BYTES, PROTOCOL_VERSION, ServerSignal,
};
pub use trace::{InvalidTraceContext, StepTime, TraceContext, TraceReport, TraceStep};
pub use wire::{DecodeError, Wire};
