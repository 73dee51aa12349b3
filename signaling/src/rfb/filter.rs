//! What a viewer may say to the VNC server: less, where they only watch, or quality or clipboard have a limit.

use streamspace_protocol::{ClipboardKind, ClipboardPolicy, VncLimits};

use super::{ClientError, inbox::Inbox};

/// A client that offers this encoding and a server that takes it use a longer pointer message,
/// which cannot be told from the ordinary one without reading the server's side as well.
const EXTENDED_MOUSE_BUTTONS: [u8; 4] = (-316i32).to_be_bytes();
/// Lets the server offer the session's clipboard.
const EXTENDED_CLIPBOARD: [u8; 4] = 0xC0A1_E5CEu32.to_be_bytes();
/// Before what an extended clipboard holds, in bytes.
const EXTENDED_FLAGS: u32 = 4;
const RAW: [u8; 4] = [0; 4];
/// JPEG quality levels 0 to 9 (RFC 6143, section 7.7).
const QUALITY: std::ops::RangeInclusive<i32> = -32..=-23;
/// TigerVNC's finer ones, 0 to 100.
const FINE_QUALITY: std::ops::RangeInclusive<i32> = -512..=-412;

/// Whether a viewer may act on the desktop.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    #[default]
    Watch,
    Act,
}

/// Whether what a browser sends at once is somebody's input: keys, pointer, clipboard.
///
/// Browsers send each as soon as it happens, so what comes first decides; the stream need not be cut for that.
pub fn is_input(bytes: &[u8]) -> bool {
    let kind = match *bytes {
        [] => return false,
        [kind] => (kind, None),
        [kind, subtype, ..] => (kind, Some(subtype)),
    };
    match Kind::read(kind.0, kind.1) {
        Ok(Some(kind)) => kind.is_by_hand(),
        Ok(None) | Err(_) => false,
    }
}

/// Cuts a client's stream into messages. Of who only watches it lets pass those that ask for pictures:
/// keys, pointer, clipboard, resizing and power commands are dropped. With limits it lowers the
/// quality that is asked for, and drops clipboards that are larger. Nothing longer than a message's
/// fixed part is ever held back; bodies pass or are dropped as they come.
#[derive(Debug, Default)]
pub struct ClientFilter {
    inbox: Inbox,
    body: Body,
    access: Access,
    limits: ClientLimits,
}

/// What a session allows a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientLimits {
    pub max_quality: Option<u8>,
    /// Of a text for the session's clipboard; with 0 it takes none.
    pub max_clipboard_bytes: u32,
}

impl ClientLimits {
    /// Xvnc keeps the clipboard's policy too, and bounds what a compressed text holds. What suits most is left to
    /// it, so that such clients pass unread.
    pub fn of(limits: VncLimits, policy: &ClipboardPolicy) -> Self {
        let has_text = policy.to_session && policy.kinds.contains(&ClipboardKind::Text);
        let is_usual = policy.max_bytes >= ClipboardPolicy::default().max_bytes;
        Self {
            max_quality: limits.max_quality,
            max_clipboard_bytes: match (has_text, is_usual) {
                (false, _) => 0,
                (true, true) => u32::MAX,
                (true, false) => policy.max_bytes,
            },
        }
    }
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            max_quality: None,
            max_clipboard_bytes: u32::MAX,
        }
    }
}

/// What is left of the message under way, in bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Body {
    #[default]
    None,
    Pass(u64),
    Drop(u64),
    /// Encodings, 4 bytes each.
    Encodings {
        left: u16,
        has_quality: bool,
    },
}

/// A client message by its type and, where it has one, subtype.
#[derive(Debug, Clone, Copy)]
enum Kind {
    SetPixelFormat,
    SetEncodings,
    FramebufferUpdateRequest,
    KeyEvent,
    PointerEvent,
    ClientCutText,
    EnableContinuousUpdates,
    Fence,
    Xvp,
    SetDesktopSize,
    QemuKey,
}

impl Kind {
    /// `None` if the type has a subtype that has not arrived.
    fn read(kind: u8, subtype: Option<u8>) -> Result<Option<Self>, ClientError> {
        Ok(Some(match (kind, subtype) {
            (0, _) => Self::SetPixelFormat,
            (2, _) => Self::SetEncodings,
            (3, _) => Self::FramebufferUpdateRequest,
            (4, _) => Self::KeyEvent,
            (5, _) => Self::PointerEvent,
            (6, _) => Self::ClientCutText,
            (150, _) => Self::EnableContinuousUpdates,
            (248, _) => Self::Fence,
            (250, _) => Self::Xvp,
            (251, _) => Self::SetDesktopSize,
            (255, None) => return Ok(None),
            (255, Some(0)) => Self::QemuKey,
            (unknown, _) => return Err(ClientError::UnknownMessage(unknown)),
        }))
    }

    fn is_by_hand(self) -> bool {
        match self {
            Self::KeyEvent | Self::PointerEvent | Self::ClientCutText | Self::QemuKey => true,
            Self::SetPixelFormat
            | Self::SetEncodings
            | Self::FramebufferUpdateRequest
            | Self::EnableContinuousUpdates
            | Self::Fence
            | Self::Xvp
            | Self::SetDesktopSize => false,
        }
    }

    /// The length of the fixed part, in bytes.
    fn fixed(self) -> usize {
        match self {
            Self::SetPixelFormat => 20,
            Self::SetEncodings | Self::Xvp => 4,
            Self::FramebufferUpdateRequest | Self::EnableContinuousUpdates => 10,
            Self::KeyEvent | Self::ClientCutText | Self::SetDesktopSize => 8,
            Self::PointerEvent => 6,
            Self::Fence => 9,
            Self::QemuKey => 12,
        }
    }

    /// What follows the fixed part `head`, which is whole.
    fn body(self, head: &[u8], access: Access, max_clipboard_bytes: u32) -> Body {
        let acting = |length| match access {
            Access::Watch => Body::Drop(length),
            Access::Act => Body::Pass(length),
        };
        match self {
            Self::SetEncodings => Body::Encodings {
                left: u16::from_be_bytes([head[2], head[3]]),
                has_quality: false,
            },
            Self::Fence => Body::Pass(head[8].into()),
            Self::ClientCutText => {
                // A negative length marks the extended clipboard.
                let length = i32::from_be_bytes([head[4], head[5], head[6], head[7]]);
                let bytes = length.unsigned_abs();
                // There the text is compressed, behind flags; the server bounds what it holds.
                let flags = if length < 0 { EXTENDED_FLAGS } else { 0 };
                match max_clipboard_bytes {
                    0 => Body::Drop(bytes.into()),
                    max if bytes > max.saturating_add(flags) => Body::Drop(bytes.into()),
                    _ => acting(bytes.into()),
                }
            }
            Self::SetDesktopSize => acting(16 * u64::from(head[6])),
            Self::SetPixelFormat
            | Self::FramebufferUpdateRequest
            | Self::KeyEvent
            | Self::PointerEvent
            | Self::EnableContinuousUpdates
            | Self::Xvp
            | Self::QemuKey => Body::None,
        }
    }

    fn is_watching(self) -> bool {
        match self {
            Self::SetPixelFormat
            | Self::SetEncodings
            | Self::FramebufferUpdateRequest
            | Self::EnableContinuousUpdates
            | Self::Fence => true,
            Self::KeyEvent
            | Self::PointerEvent
            | Self::ClientCutText
            | Self::Xvp
            | Self::SetDesktopSize
            | Self::QemuKey => false,
        }
    }
}

impl ClientFilter {
    pub fn new(access: Access, limits: ClientLimits) -> Self {
        Self {
            access,
            limits,
            ..Self::default()
        }
    }

    /// Takes bytes of the client and gives those that may go on to the server.
    ///
    /// # Errors
    /// A message of unknown type: where it ends cannot be told, so the connection has to.
    pub fn pass(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ClientError> {
        self.inbox.push(bytes);
        let mut passed = Vec::new();
        while self.step(&mut passed)? {}
        Ok(passed)
    }

    /// `false` if nothing can be done before more bytes arrive.
    fn step(&mut self, passed: &mut Vec<u8>) -> Result<bool, ClientError> {
        match self.body {
            Body::None => self.head(passed),
            Body::Pass(left) => Ok(self.stream(left, Body::Pass, |part| passed.extend(part))),
            Body::Drop(left) => Ok(self.stream(left, Body::Drop, |_| ())),
            Body::Encodings { left, has_quality } => Ok(self.encoding(left, has_quality, passed)),
        }
    }

    fn head(&mut self, passed: &mut Vec<u8>) -> Result<bool, ClientError> {
        let (kind, subtype) = match *self.inbox.unread() {
            [] => return Ok(false),
            [kind] => (kind, None),
            [kind, subtype, ..] => (kind, Some(subtype)),
        };
        let Some(kind) = Kind::read(kind, subtype)? else {
            return Ok(false);
        };
        let Some(head) = self.inbox.take_slice(kind.fixed()) else {
            return Ok(false);
        };
        self.body = kind.body(head, self.access, self.limits.max_clipboard_bytes);
        let is_dropped = matches!(self.body, Body::Drop(_));
        if !is_dropped && (kind.is_watching() || self.access == Access::Act) {
            passed.extend(head);
        }
        Ok(true)
    }

    /// What is there of a body that passes or is dropped; `false` if that is not all of it.
    fn stream(&mut self, left: u64, fate: fn(u64) -> Body, mut sink: impl FnMut(&[u8])) -> bool {
        let there = self.inbox.unread().len();
        let part = usize::try_from(left).map_or(there, |left| left.min(there));
        sink(self.inbox.take_slice(part).unwrap_or_default());
        let left = left - part as u64;
        self.body = if left == 0 { Body::None } else { fate(left) };
        left == 0
    }

    fn encoding(&mut self, left: u16, has_quality: bool, passed: &mut Vec<u8>) -> bool {
        let Some(fewer) = left.checked_sub(1) else {
            self.body = Body::None;
            return true;
        };
        let Some(encoding) = self.inbox.take::<4>() else {
            return false;
        };
        let encoding = self.allowed(encoding);
        let is_quality = QUALITY.contains(&i32::from_be_bytes(encoding));
        let has_quality = has_quality || is_quality;
        // Who asks for no quality gets the best. The last one is the least wanted, so it gives way.
        let encoding = match self.limits.max_quality {
            Some(max) if fewer == 0 && !has_quality => quality(max),
            Some(_) | None => encoding,
        };
        passed.extend(encoding);
        self.body = Body::Encodings {
            left: fewer,
            has_quality,
        };
        true
    }

    /// The encoding that goes on in place of this one.
    fn allowed(&self, encoding: [u8; 4]) -> [u8; 4] {
        let has_clipboard = self.access == Access::Act && self.limits.max_clipboard_bytes > 0;
        if encoding == EXTENDED_MOUSE_BUTTONS || (!has_clipboard && encoding == EXTENDED_CLIPBOARD)
        {
            return RAW;
        }
        let number = i32::from_be_bytes(encoding);
        match self.limits.max_quality {
            Some(max) if QUALITY.contains(&number) => {
                number.min(QUALITY.start() + i32::from(max)).to_be_bytes()
            }
            Some(_) if FINE_QUALITY.contains(&number) => RAW,
            Some(_) | None => encoding,
        }
    }
}

fn quality(level: u8) -> [u8; 4] {
    (QUALITY.start() + i32::from(level.min(9))).to_be_bytes()
}

#[cfg(test)]
mod tests;
