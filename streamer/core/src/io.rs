//! What the session is told, and what it says to do.

use std::time::{Duration, Instant};

use streamspace_protocol::{
    ClientMessage, Cursor, Devices, DisplaySize, Latency, Person, PointerMove, Pointers, Role,
    Screen, ServerMessage, ShareId, ViewerId, ViewerPath,
};

use crate::{
    clipboard::ClipboardContent, displays::Displays, gamepads::PadOutput, keyboard::Keymap,
    memory::Memory,
};

/// What is known before the first viewer comes.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    pub display: DisplaySize,
    /// The most frames a second.
    pub fps: u16,
    /// Zero of the clock that viewers are told.
    pub epoch: Instant,
    pub devices: Devices,
    /// Of a streamer before this one.
    pub memory: Memory,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A viewer's control channel is open, or it has come by VNC.
    Joined {
        viewer: ViewerId,
        /// What its ticket grants.
        role: Role,
        person: Person,
        path: ViewerPath,
        /// Which display it shows.
        screen: Screen,
    },
    Left {
        viewer: ViewerId,
    },
    /// A share link is withdrawn: its guests have to go, and no more come.
    ShareRevoked(ShareId),
    Message {
        viewer: ViewerId,
        message: ClientMessage,
    },
    /// All of what a viewer has copied has arrived.
    Clipboard {
        viewer: ViewerId,
        content: ClipboardContent,
    },
    Pointer {
        viewer: ViewerId,
        movement: PointerMove,
    },
    /// A viewer's decoder needs a keyframe: it says so (PLI, FIR), frames were left out for it, or its
    /// media has just begun.
    KeyframeWanted {
        viewer: ViewerId,
    },
    /// A frame of this display was lost before any viewer got it.
    FrameLost(Screen),
    /// A frame was left out for a viewer whose queue was full. The next one shows it the gap; this is for
    /// when none comes.
    FrameLeftOut(Screen),
    /// What a viewer's link is like now.
    Link {
        viewer: ViewerId,
        link: Link,
    },
    X(XEvent),
    Encoded(Screen, Encoded),
    /// The encoder in use, and why it.
    Encoder {
        name: String,
        reason: String,
    },
}

/// One viewer's link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// What it is estimated to carry, in bits a second.
    pub target_bps: f64,
    /// Whether more video waits than the link carries in a moment.
    pub congested: bool,
}

/// What the one encode is made to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoTarget {
    pub bitrate_bps: u32,
    /// The most frames a second.
    pub fps: u16,
    /// One picture's pixel stands for so many of the display's, in each direction.
    pub downscale: u8,
}

/// Whether new frames are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    Run,
    /// Changes add up until the links have carried what was made of those before.
    Hold,
}

/// News from the X server.
#[derive(Debug, Clone, PartialEq)]
pub enum XEvent {
    Keymap(Keymap),
    Displays(Displays),
    Cursor(Cursor),
    /// A program in the session copied this.
    Clipboard(ClipboardContent),
}

/// One encoded frame, for the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    pub bytes: usize,
    /// From the captured picture to its encoded form.
    pub took: Duration,
}

/// Who repeats a key that is held down.
///
/// The X server would go on repeating while a viewer's link stalls, and type what nobody typed; so
/// while there are viewers their browsers do it. VNC clients leave it to the X server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRepeat {
    XServer,
    Viewers,
}

/// Why a viewer has to leave, or is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expulsion {
    /// An owner wants it so.
    Removed,
    ShareRevoked,
    /// Over VNC another role takes another connection.
    RoleChanged,
}

/// Something for the driver to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Give the keycode this keysym, at every level.
    BindKey {
        keycode: u8,
        keysym: u32,
    },
    Key {
        keycode: u8,
        down: bool,
    },
    RepeatKeys(KeyRepeat),
    Button {
        button: u8,
        down: bool,
    },
    MovePointer {
        x: u16,
        y: u16,
    },
    /// In pixels.
    MovePointerBy {
        right: i16,
        down: i16,
    },
    /// Dots an inch, for programs that ask how large letters are to be.
    SetDpi(u16),
    Arrange(Displays),
    SetClipboard(ClipboardContent),
    /// Tell a viewer what the session's clipboard holds now; only the newest matters.
    SendClipboard {
        viewer: ViewerId,
        content: ClipboardContent,
    },
    ForceKeyframe(Screen),
    SetVideo(Screen, VideoTarget),
    Capture(Screen, Capture),
    Send {
        viewer: ViewerId,
        message: ServerMessage,
    },
    /// Tell everyone at this display where others point on it; it may get lost.
    TellPointers(Screen, Pointers),
    Expel {
        viewer: ViewerId,
        why: Expulsion,
    },
    /// Keep [`Session::memory`](crate::Session::memory), which may be another one now.
    Remember,
    Gamepad(PadOutput),
    /// Somebody acts on the session; said once a second at most.
    ReportActivity,
    /// A viewer's account of its frames, for whoever looks after the session.
    ReportLatency {
        viewer: ViewerId,
        latency: Latency,
    },
}
