//! What a browser has copied, for programs that paste.

use std::sync::Arc;

use streamspace_protocol::ClipboardKind;
use streamspace_streamer_core::ClipboardContent;
use x11rb::{
    connection::{Connection, RequestConnection},
    protocol::xproto::{
        Atom, AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask, PropMode,
        SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window,
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use super::{Clipboard, lock};
use crate::x11::XError;

/// What is larger goes in steps of this.
const STEP_BYTES: usize = 256 * 1024;
/// Programs that may be reading something large at once; one more gets nothing.
const MOST_READERS: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Offering {
    /// What we give while we own the selection.
    pub(super) content: ClipboardContent,
    readers: Vec<Reader>,
}

/// A program that takes something in steps: each deletion of the property asks for the next.
#[derive(Debug)]
struct Reader {
    window: Window,
    property: Atom,
    target: Atom,
    bytes: Arc<[u8]>,
    given: usize,
}

impl Offering {
    /// The window is gone, and with it the program that was reading.
    pub(super) fn forget(&mut self, window: Window) {
        self.readers.retain(|reader| reader.window != window);
    }
}

impl Clipboard {
    pub(super) fn answer(
        &self,
        connection: &RustConnection,
        request: &SelectionRequestEvent,
    ) -> Result<(), XError> {
        // An obsolete client names no property and means the target's name (ICCCM 2.2).
        let property = match request.property {
            x11rb::NONE => request.target,
            property => property,
        };
        let ours = request.selection == self.atoms.CLIPBOARD;
        let given = ours && self.give(connection, request, property)?;
        let notify = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if given { property } else { x11rb::NONE },
        };
        connection.send_event(false, request.requestor, EventMask::NO_EVENT, notify)?;
        connection.flush()?;
        Ok(())
    }

    /// The reader has taken a step away.
    pub(super) fn go_on(
        &self,
        connection: &RustConnection,
        window: Window,
        property: Atom,
    ) -> Result<(), XError> {
        let mut offering = lock(&self.offering);
        let found = offering
            .readers
            .iter()
            .position(|reader| reader.window == window && reader.property == property);
        let Some(index) = found else {
            return Ok(());
        };
        let reader = &mut offering.readers[index];
        let end = (reader.given + STEP_BYTES).min(reader.bytes.len());
        let step = &reader.bytes[reader.given..end];
        connection.change_property8(PropMode::REPLACE, window, property, reader.target, step)?;
        // The last step is an empty one.
        if step.is_empty() {
            offering.readers.remove(index);
        } else {
            reader.given = end;
        }
        connection.flush()?;
        Ok(())
    }

    fn give(
        &self,
        connection: &RustConnection,
        request: &SelectionRequestEvent,
        property: Atom,
    ) -> Result<bool, XError> {
        let content = lock(&self.offering).content.clone();
        let (mode, window) = (PropMode::REPLACE, request.requestor);
        if request.target == self.atoms.TARGETS {
            let targets = self.targets(&content);
            connection.change_property32(mode, window, property, AtomEnum::ATOM, &targets)?;
            return Ok(true);
        }
        let Some((format, bytes)) = self.convert_to(request.target, &content) else {
            return Ok(false);
        };
        let most = connection.maximum_request_bytes().saturating_sub(1024);
        if bytes.len() <= STEP_BYTES.min(most) {
            connection.change_property8(mode, window, property, format, &bytes)?;
            return Ok(true);
        }
        self.begin_steps(
            connection,
            Reader {
                window,
                property,
                target: format,
                bytes,
                given: 0,
            },
        )
    }

    fn begin_steps(&self, connection: &RustConnection, reader: Reader) -> Result<bool, XError> {
        let mut offering = lock(&self.offering);
        let Reader {
            window, property, ..
        } = reader;
        // Asked for once more, it begins anew.
        let same = |other: &Reader| other.window == window && other.property == property;
        offering.readers.retain(|other| !same(other));
        if offering.readers.len() >= MOST_READERS {
            return Ok(false);
        }
        let news = EventMask::PROPERTY_CHANGE | EventMask::STRUCTURE_NOTIFY;
        let aux = ChangeWindowAttributesAux::new().event_mask(news);
        connection.change_window_attributes(window, &aux)?;
        let length = u32::try_from(reader.bytes.len()).unwrap_or(u32::MAX);
        let (mode, incr) = (PropMode::REPLACE, self.atoms.INCR);
        connection.change_property32(mode, window, property, incr, &[length])?;
        offering.readers.push(reader);
        Ok(true)
    }

    fn targets(&self, content: &ClipboardContent) -> Vec<Atom> {
        let atoms = &self.atoms;
        let mut targets = vec![atoms.TARGETS];
        for kind in ClipboardKind::ALL {
            if content.get(kind).is_some() {
                targets.push(atoms.target(kind));
            }
        }
        if content.get(ClipboardKind::Text).is_some() {
            targets.extend([atoms.TEXT_PLAIN_UTF8, atoms.TEXT, atoms.STRING]);
        }
        targets
    }

    /// The content as a program wants it, and the type to name it by.
    fn convert_to(&self, target: Atom, content: &ClipboardContent) -> Option<(Atom, Arc<[u8]>)> {
        let atoms = &self.atoms;
        let text = || content.get(ClipboardKind::Text).cloned();
        if target == atoms.STRING {
            return Some((target, latin1(&text()?).into()));
        }
        if target == atoms.TEXT {
            return Some((atoms.UTF8_STRING, text()?));
        }
        if target == atoms.TEXT_PLAIN_UTF8 {
            return Some((target, text()?));
        }
        let kind = ClipboardKind::ALL
            .into_iter()
            .find(|&kind| atoms.target(kind) == target)?;
        Some((target, content.get(kind)?.clone()))
    }
}

/// `STRING` is Latin-1 by definition; what it lacks becomes a question mark.
fn latin1(text: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(text)
        .chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect()
}
