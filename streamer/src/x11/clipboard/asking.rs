//! What a program of the session has copied.

use std::collections::VecDeque;

use streamspace_protocol::ClipboardKind;
use streamspace_streamer_core::ClipboardContent;
use x11rb::{
    connection::Connection,
    protocol::xproto::{Atom, AtomEnum, ConnectionExt as _, SelectionNotifyEvent},
    rust_connection::RustConnection,
};

use super::{Clipboard, lock};
use crate::x11::XError;

/// More targets than any program has.
const MOST_TARGETS: u32 = 1024;

/// How far we are with the present owner.
#[derive(Debug, Default)]
pub(super) struct Asking {
    /// What we wait for.
    wanted: Wanted,
    /// What is asked for after that.
    next: VecDeque<ClipboardKind>,
    content: ClipboardContent,
    /// What has come of a kind that arrives in steps.
    pieces: Option<Vec<u8>>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    #[default]
    Nothing,
    Targets,
    Kind(ClipboardKind),
}

impl Clipboard {
    /// The selection has a new owner.
    pub(super) fn ask(&self, connection: &RustConnection) -> Result<(), XError> {
        *lock(&self.asking) = Asking::default();
        if !self.policy.to_browser {
            return Ok(());
        }
        lock(&self.asking).wanted = Wanted::Targets;
        self.convert(connection, self.atoms.TARGETS)
    }

    fn convert(&self, connection: &RustConnection, target: Atom) -> Result<(), XError> {
        let (selection, property) = (self.atoms.CLIPBOARD, self.atoms.STREAMSPACE_CLIPBOARD);
        let now = x11rb::CURRENT_TIME;
        connection.convert_selection(self.window, selection, target, property, now)?;
        connection.flush()?;
        Ok(())
    }

    /// The owner has answered a question.
    pub(super) fn answered(
        &self,
        connection: &RustConnection,
        notify: &SelectionNotifyEvent,
    ) -> Result<Option<ClipboardContent>, XError> {
        let wanted = lock(&self.asking).wanted;
        let refused = notify.property == x11rb::NONE;
        match wanted {
            Wanted::Targets if notify.target == self.atoms.TARGETS => {
                // An owner that tells no targets may still have text.
                let targets = match refused {
                    true => vec![self.atoms.UTF8_STRING],
                    false => self.take_targets(connection)?,
                };
                lock(&self.asking).next = self.kinds_of(&targets);
                self.ask_next(connection)
            }
            Wanted::Kind(kind) if notify.target == self.atoms.target(kind) => {
                if refused {
                    return self.ask_next(connection);
                }
                let (format, bytes) = self.take_property(connection, self.most_bytes())?;
                if format == self.atoms.INCR {
                    // Its deletion, just now, has asked for the first step.
                    lock(&self.asking).pieces = Some(Vec::new());
                    return Ok(None);
                }
                self.add(kind, bytes);
                self.ask_next(connection)
            }
            Wanted::Nothing | Wanted::Targets | Wanted::Kind(_) => Ok(None),
        }
    }

    /// A property of our window has a new value: a step of something large.
    pub(super) fn arrived(
        &self,
        connection: &RustConnection,
        property: Atom,
    ) -> Result<Option<ClipboardContent>, XError> {
        let most = self.most_bytes();
        let Wanted::Kind(kind) = lock(&self.asking).wanted else {
            return Ok(None);
        };
        if property != self.atoms.STREAMSPACE_CLIPBOARD || lock(&self.asking).pieces.is_none() {
            return Ok(None);
        }
        let (_, piece) = self.take_property(connection, most)?;
        if piece.is_empty() {
            let bytes = lock(&self.asking).pieces.take().unwrap_or_default();
            self.add(kind, bytes);
            return self.ask_next(connection);
        }
        // What is over the limit stays over it, and in memory is no more than that.
        if let Some(pieces) = &mut lock(&self.asking).pieces
            && pieces.len() <= most
        {
            pieces.extend(piece);
        }
        Ok(None)
    }

    fn add(&self, kind: ClipboardKind, bytes: Vec<u8>) {
        let mut asking = lock(&self.asking);
        if asking.content.total_bytes() + bytes.len() <= self.most_bytes() {
            asking.content.add(kind, plain(kind, bytes));
        }
    }

    /// Asks for the next kind; gives what there is after the last one.
    fn ask_next(&self, connection: &RustConnection) -> Result<Option<ClipboardContent>, XError> {
        let next = lock(&self.asking).next.pop_front();
        if let Some(kind) = next {
            lock(&self.asking).wanted = Wanted::Kind(kind);
            self.convert(connection, self.atoms.target(kind))?;
            return Ok(None);
        }
        let content = std::mem::take(&mut *lock(&self.asking)).content;
        Ok(Some(content).filter(|content| !content.is_empty()))
    }

    /// Of what an owner has, what the policy allows; text first, so that it always fits.
    fn kinds_of(&self, targets: &[Atom]) -> VecDeque<ClipboardKind> {
        let has = |kind| targets.contains(&self.atoms.target(kind));
        let kinds = ClipboardKind::ALL.into_iter();
        kinds
            .filter(|&kind| self.policy.allows(kind) && has(kind))
            .collect()
    }

    fn take_targets(&self, connection: &RustConnection) -> Result<Vec<Atom>, XError> {
        let (window, property) = (self.window, self.atoms.STREAMSPACE_CLIPBOARD);
        let reply = connection
            .get_property(true, window, property, AtomEnum::ATOM, 0, MOST_TARGETS)?
            .reply()?;
        Ok(reply.value32().into_iter().flatten().collect())
    }

    /// Takes the property away, of which no more than one byte over the limit is read.
    fn take_property(
        &self,
        connection: &RustConnection,
        most: usize,
    ) -> Result<(Atom, Vec<u8>), XError> {
        let (window, property) = (self.window, self.atoms.STREAMSPACE_CLIPBOARD);
        // In units of four bytes.
        let length = u32::try_from(most / 4 + 1).unwrap_or(u32::MAX);
        let reply = connection
            .get_property(false, window, property, AtomEnum::ANY, 0, length)?
            .reply()?;
        connection.delete_property(window, property)?;
        connection.flush()?;
        Ok((reply.type_, reply.value))
    }

    fn most_bytes(&self) -> usize {
        usize::try_from(self.policy.max_bytes).unwrap_or(usize::MAX)
    }
}

/// As other programs expect it: some end their text with a NUL, and some browsers give HTML in UTF-16.
fn plain(kind: ClipboardKind, mut bytes: Vec<u8>) -> Vec<u8> {
    if kind == ClipboardKind::Png {
        return bytes;
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        let units = rest
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units)
            .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        bytes = text.into_bytes();
    }
    if bytes.last() == Some(&0) {
        bytes.pop();
    }
    match String::from_utf8(bytes) {
        Ok(text) => text.into_bytes(),
        Err(error) => String::from_utf8_lossy(error.as_bytes())
            .into_owned()
            .into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf_8_whatever_a_program_makes_of_it() {
        let text = |bytes: &[u8]| plain(ClipboardKind::Html, bytes.into());
        assert_eq!(text(b"\xff\xfe<\0b\0>\0"), b"<b>");
        assert_eq!(text(b"abc\0"), b"abc");
        assert_eq!(text(b"a\xffb"), "a\u{fffd}b".as_bytes());
        assert_eq!(
            plain(ClipboardKind::Png, vec![0xff, 0xfe, 0]),
            [0xff, 0xfe, 0]
        );
    }
}
