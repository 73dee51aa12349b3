//! What browser and streamer say to each other over WebRTC data channels.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    ChatLine, Code, DecodeError, Devices, FrameTimes, GAMEPAD_BUTTONS, GamepadState, Latency,
    MAX_CHAT_CHARS, MAX_GAMEPADS, PersonHere, Role, Secret, ViewerId, Wire,
};

/// Label of the reliable, ordered channel: [`ClientMessage`] and [`ServerMessage`].
pub const CONTROL_CHANNEL: &str = "control";
/// Label of the unordered channel without retransmission: [`PointerMove`] and [`Pointers`](crate::Pointers).
pub const POINTER_CHANNEL: &str = "pointer";

/// The largest message on either channel: what every browser's data channels carry whole.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// The longest text typed at once, in characters.
pub const MAX_TEXT_CHARS: usize = 1024;

/// Dots an inch that a desktop may have.
pub const DPI: std::ops::RangeInclusive<u16> = 48..=480;
/// The least that a viewer may limit itself to, in bits a second: less shows no desktop.
pub const MIN_LIMIT_BPS: u32 = 150_000;

/// Browser to streamer, reliable and in order.
///
/// Its `Debug` form names the kind only: the rest is what a person types.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum ClientMessage {
    /// A key goes down or up.
    Key {
        /// The physical key (`KeyboardEvent.code`): a release belongs to the press of the same code.
        code: String,
        /// The X keysym of what the key means in the browser's layout.
        keysym: u32,
        down: bool,
    },
    /// Text that has no keys, from an input method or an on-screen keyboard.
    Text { text: Secret },
    /// Every key and button this viewer holds is let go (focus lost, page hidden).
    ReleaseAll,
    /// A mouse button goes down or up.
    Button {
        /// X button number: 1 left, 2 middle, 3 right, 8 back, 9 forward.
        button: u8,
        down: bool,
        /// Where; absent after [`PointerMove::By`], when only the session knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        at: Option<Pixel>,
    },
    /// Wheel movement in 120ths of a notch; positive is right and down.
    Wheel { dx: i32, dy: i32 },
    /// The viewer's window wants a desktop of this size, in pixels, with letters for so many of them
    /// to an inch: 96 on an ordinary screen, twice that where pixels are half as large.
    Resize { width: u16, height: u16, dpi: u16 },
    /// The most that this viewer wants to be sent; absent: as much as its link carries.
    Limits {
        /// Bits a second, of everything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        max_bps: Option<u32>,
        /// Frames a second.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        max_fps: Option<u16>,
    },
    /// Asks for a `Pong` with the same number.
    Ping { id: u32 },
    /// How long this viewer's frames have taken of late, stage by stage.
    Latency(Latency),
    /// Who only watches asks the owners for control.
    AskControl,
    /// An owner gives a person a role: `view` takes control back or refuses it, `own` hands the
    /// session over. Who has control gives their own up with `view`.
    SetRole { viewer: ViewerId, role: Role },
    /// An owner makes a person leave.
    Remove { viewer: ViewerId },
    /// A line for everyone who is here.
    Chat { text: Secret },
    /// What a gamepad of this viewer is like now; absent: it is gone.
    Gamepad {
        pad: u8,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        state: Option<GamepadState>,
    },
}

impl fmt::Debug for ClientMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key { .. } => "Key",
            Self::Text { .. } => "Text",
            Self::ReleaseAll => "ReleaseAll",
            Self::Button { .. } => "Button",
            Self::Wheel { .. } => "Wheel",
            Self::Resize { .. } => "Resize",
            Self::Limits { .. } => "Limits",
            Self::Ping { .. } => "Ping",
            Self::Latency(_) => "Latency",
            Self::AskControl => "AskControl",
            Self::SetRole { .. } => "SetRole",
            Self::Remove { .. } => "Remove",
            Self::Chat { .. } => "Chat",
            Self::Gamepad { .. } => "Gamepad",
        })
    }
}

/// A pixel of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Pixel {
    pub x: u16,
    pub y: u16,
}

/// The pointer moves. `seq` counts up with each move of either kind; a move older than the newest seen
/// is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(untagged, deny_unknown_fields)]
pub enum PointerMove {
    /// To a pixel of the desktop.
    To { seq: u32, x: u16, y: u16 },
    /// By a distance, for programs that hide the pointer and hold it in place. `right` and `down` are the
    /// sums of all such distances since the viewer joined, in pixels, and wrap: so a lost move is made
    /// up for by the next.
    By { seq: u32, right: i32, down: i32 },
}

impl PointerMove {
    pub fn seq(self) -> u32 {
        match self {
            Self::To { seq, .. } | Self::By { seq, .. } => seq,
        }
    }
}

/// Streamer to browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ServerMessage {
    /// The display that this viewer shows has this size now; the picture follows.
    Display(DisplaySize),
    /// The pointer's shape; it is never part of the picture.
    Cursor(Cursor),
    /// How many viewers the session has, this one included.
    Viewers {
        count: u32,
    },
    Stats(StreamStats),
    Pong {
        id: u32,
        /// The streamer's clock, in microseconds since a moment of its own.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        at_us: u64,
    },
    /// Where the time of the frames sent since the last such message went, oldest first.
    Frames {
        frames: Vec<FrameTimes>,
    },
    /// Something a person should know, and what to do about it.
    Notice {
        code: Code,
        message: String,
    },
    /// Who is here now; comes again with each change.
    People {
        /// The receiver's own number.
        you: ViewerId,
        people: Vec<PersonHere>,
    },
    /// What programs of the session can be given.
    Devices(Devices),
    /// Lines of the chat, oldest first; to who comes later also those from before.
    Chat {
        lines: Vec<ChatLine>,
    },
}

/// The desktop's size, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DisplaySize {
    pub width: u16,
    pub height: u16,
}

/// One of the displays that a session may have, side by side: each is seen by its own viewers.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Screen {
    /// It is always there.
    #[default]
    First,
    /// Right of the first; there while somebody with control shows it.
    Second,
}

impl Screen {
    pub const ALL: [Self; 2] = [Self::First, Self::Second];
}

/// A pointer shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    pub width: u16,
    pub height: u16,
    pub hotspot_x: u16,
    pub hotspot_y: u16,
    /// `width * height` pixels of straight-alpha RGBA, row by row, in base64.
    pub rgba: String,
}

/// One second of a stream, for the viewer's overlay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StreamStats {
    /// The encoder in use and the reason for it.
    pub encoder: String,
    pub encoder_reason: String,
    /// Frames encoded in the last second.
    pub frames: u32,
    /// Encoded video of the last second, in bits.
    pub video_bps: u32,
    /// What the encoder is asked for, in bits a second.
    pub target_bps: u32,
    /// Mean time from a captured picture to its encoded frame, in milliseconds.
    pub encode_ms: f32,
}

impl Wire for ClientMessage {
    const MAX_BYTES: usize = MAX_MESSAGE_BYTES;

    fn check(&self) -> Result<(), DecodeError> {
        let out_of_range = |field| Err(DecodeError::OutOfRange { field });
        match self {
            Self::Key { code, .. } if code.len() > 32 => out_of_range("code"),
            Self::Text { text } if text.expose().chars().count() > MAX_TEXT_CHARS => {
                out_of_range("text")
            }
            Self::Button { button, .. } if !matches!(button, 1..=3 | 8 | 9) => {
                out_of_range("button")
            }
            Self::Resize { width, height, .. } if *width == 0 || *height == 0 => {
                out_of_range("size")
            }
            Self::Resize { dpi, .. } if !DPI.contains(dpi) => out_of_range("dpi"),
            Self::Limits { max_bps, .. } if max_bps.is_some_and(|bps| bps < MIN_LIMIT_BPS) => {
                out_of_range("maxBps")
            }
            Self::Limits {
                max_fps: Some(0), ..
            } => out_of_range("maxFps"),
            Self::Latency(latency) => latency.check(),
            Self::Chat { text } if text.expose().chars().count() > MAX_CHAT_CHARS => {
                out_of_range("text")
            }
            Self::Gamepad { pad, .. } if *pad >= MAX_GAMEPADS => out_of_range("pad"),
            Self::Gamepad {
                state: Some(state), ..
            } if state.buttons >> GAMEPAD_BUTTONS != 0 => out_of_range("buttons"),
            Self::Key { .. }
            | Self::Gamepad { .. }
            | Self::Text { .. }
            | Self::ReleaseAll
            | Self::Button { .. }
            | Self::Wheel { .. }
            | Self::Resize { .. }
            | Self::Limits { .. }
            | Self::Ping { .. }
            | Self::AskControl
            | Self::SetRole { .. }
            | Self::Remove { .. }
            | Self::Chat { .. } => Ok(()),
        }
    }
}

impl Wire for PointerMove {
    const MAX_BYTES: usize = 128;
}

impl Wire for ServerMessage {
    const MAX_BYTES: usize = MAX_MESSAGE_BYTES;
}
