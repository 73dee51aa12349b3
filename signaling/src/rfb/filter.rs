//! What a viewer who only watches may say to the VNC server.

use super::{ClientError, inbox::Inbox};

/// A client that offers this encoding and a server that takes it use a longer pointer message,
/// which cannot be told from the ordinary one without reading the server's side as well.
const EXTENDED_MOUSE_BUTTONS: [u8; 4] = (-316i32).to_be_bytes();
/// Lets the server offer the session's clipboard.
const EXTENDED_CLIPBOARD: [u8; 4] = 0xC0A1_E5CEu32.to_be_bytes();
const RAW: [u8; 4] = [0; 4];

/// Cuts a client's stream into messages and lets pass those that only ask for pictures.
///
/// Keys, pointer, clipboard, resizing and power commands are dropped. Nothing longer than a message's
/// fixed part is ever held back; bodies pass or are dropped as they come.
#[derive(Debug, Default)]
pub struct ClientFilter {
    inbox: Inbox,
    body: Body,
}

/// What is left of the message under way, in bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Body {
    #[default]
    None,
    Pass(u64),
    Drop(u64),
    /// Encodings, 4 bytes each.
    Encodings(u16),
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
    fn body(self, head: &[u8]) -> Body {
        match self {
            Self::SetEncodings => Body::Encodings(u16::from_be_bytes([head[2], head[3]])),
            Self::Fence => Body::Pass(head[8].into()),
            Self::ClientCutText => {
                // A negative length marks the extended clipboard.
                let length = i32::from_be_bytes([head[4], head[5], head[6], head[7]]);
                Body::Drop(length.unsigned_abs().into())
            }
            Self::SetDesktopSize => Body::Drop(16 * u64::from(head[6])),
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
            Body::Encodings(left) => Ok(self.encoding(left, passed)),
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
        self.body = kind.body(head);
        if kind.is_watching() {
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

    fn encoding(&mut self, left: u16, passed: &mut Vec<u8>) -> bool {
        let Some(fewer) = left.checked_sub(1) else {
            self.body = Body::None;
            return true;
        };
        let Some(encoding) = self.inbox.take::<4>() else {
            return false;
        };
        let allowed = ![EXTENDED_MOUSE_BUTTONS, EXTENDED_CLIPBOARD].contains(&encoding);
        passed.extend(if allowed { encoding } else { RAW });
        self.body = Body::Encodings(fewer);
        true
    }
}

#[cfg(test)]
mod tests;
