//! The session's clipboard: the selection `CLIPBOARD` (ICCCM section 2).
//!
//! A text from a browser is offered to the programs of the session: this window owns the selection
//! and answers each program that asks. When a program takes the selection instead, its text is asked
//! for and told. Texts over the limit are left alone.

use std::sync::{Mutex, PoisonError};

use streamspace_protocol::{MAX_CLIPBOARD_BYTES, Secret};
use x11rb::{
    atom_manager,
    connection::Connection,
    protocol::{
        Event,
        xfixes::{ConnectionExt as _, SelectionEventMask},
        xproto::{
            Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, Property,
            PropertyNotifyEvent, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent,
            SelectionRequestEvent, Window, WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use super::XError;

atom_manager! {
    Atoms: AtomsCookie {
        CLIPBOARD,
        INCR,
        STRING,
        TARGETS,
        TEXT,
        UTF8_STRING,
        TEXT_PLAIN_UTF8: b"text/plain;charset=utf-8",
        STREAMSPACE_CLIPBOARD,
    }
}

#[derive(Debug)]
pub(super) struct Clipboard {
    atoms: Atoms,
    window: Window,
    /// What we offer while we own the selection.
    offered: Mutex<Option<Secret>>,
    /// The pieces of an incremental transfer that have come so far.
    incoming: Mutex<Option<Vec<u8>>>,
}

impl Clipboard {
    pub(super) fn new(connection: &RustConnection, root: Window) -> Result<Self, XError> {
        let atoms = Atoms::new(connection)?.reply()?;
        let window = connection.generate_id()?;
        let aux = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection
            .create_window(
                0,
                window,
                root,
                0,
                0,
                1,
                1,
                0,
                WindowClass::INPUT_ONLY,
                0,
                &aux,
            )?
            .check()?;
        let owner = SelectionEventMask::SET_SELECTION_OWNER;
        connection
            .xfixes_select_selection_input(window, atoms.CLIPBOARD, owner)?
            .check()?;
        Ok(Self {
            atoms,
            window,
            offered: Mutex::default(),
            incoming: Mutex::default(),
        })
    }

    /// Takes the selection, to give this text to whoever asks.
    pub(super) fn offer(&self, connection: &RustConnection, text: Secret) -> Result<(), XError> {
        *self.offered.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        let now = x11rb::CURRENT_TIME;
        connection.set_selection_owner(self.window, self.atoms.CLIPBOARD, now)?;
        connection.flush()?;
        Ok(())
    }

    /// Takes in one event; gives the text that a program has copied, once it is known.
    pub(super) fn handle(
        &self,
        connection: &RustConnection,
        event: Event,
    ) -> Result<Option<Secret>, XError> {
        match event {
            Event::XfixesSelectionNotify(change)
                if change.selection == self.atoms.CLIPBOARD
                    && change.owner != self.window
                    && change.owner != x11rb::NONE =>
            {
                self.ask(connection)?;
                Ok(None)
            }
            Event::SelectionRequest(request) => {
                self.answer(connection, &request)?;
                Ok(None)
            }
            Event::SelectionNotify(notify) if notify.property != x11rb::NONE => {
                self.receive(connection)
            }
            Event::PropertyNotify(change) => self.receive_piece(connection, change),
            _ => Ok(None),
        }
    }

    fn ask(&self, connection: &RustConnection) -> Result<(), XError> {
        *self.incoming.lock().unwrap_or_else(PoisonError::into_inner) = None;
        connection.convert_selection(
            self.window,
            self.atoms.CLIPBOARD,
            self.atoms.UTF8_STRING,
            self.atoms.STREAMSPACE_CLIPBOARD,
            x11rb::CURRENT_TIME,
        )?;
        connection.flush()?;
        Ok(())
    }

    /// Reads our property: the whole text, or the news that it will come in pieces.
    fn receive(&self, connection: &RustConnection) -> Result<Option<Secret>, XError> {
        let (kind, value) = self.take_property(connection)?;
        if kind == self.atoms.INCR {
            *self.incoming.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
            return Ok(None);
        }
        Ok(text(value))
    }

    fn receive_piece(
        &self,
        connection: &RustConnection,
        change: PropertyNotifyEvent,
    ) -> Result<Option<Secret>, XError> {
        let mut incoming = self.incoming.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = change.window == self.window
            && change.atom == self.atoms.STREAMSPACE_CLIPBOARD
            && change.state == Property::NEW_VALUE;
        let Some(pieces) = incoming.as_mut().filter(|_| ours) else {
            return Ok(None);
        };
        let (_, piece) = self.take_property(connection)?;
        // Taking each piece away asks for the next, so a text that is too long is read to its end
        // and forgotten: its owner would wait for ever otherwise.
        if piece.is_empty() {
            return Ok(incoming.take().and_then(text));
        }
        if pieces.len() <= MAX_CLIPBOARD_BYTES {
            pieces.extend(piece);
        }
        Ok(None)
    }

    fn take_property(&self, connection: &RustConnection) -> Result<(Atom, Vec<u8>), XError> {
        let property = self.atoms.STREAMSPACE_CLIPBOARD;
        // In units of four bytes; one more than the limit, to tell what is over it.
        let length = u32::try_from(MAX_CLIPBOARD_BYTES / 4 + 1).expect("the limit is small");
        let reply = connection
            .get_property(false, self.window, property, AtomEnum::ANY, 0, length)?
            .reply()?;
        connection.delete_property(self.window, property)?;
        connection.flush()?;
        Ok((reply.type_, reply.value))
    }

    fn answer(
        &self,
        connection: &RustConnection,
        request: &SelectionRequestEvent,
    ) -> Result<(), XError> {
        // An obsolete client names no property and means the target's name (ICCCM 2.2).
        let property = if request.property == x11rb::NONE {
            request.target
        } else {
            request.property
        };
        let offered = self
            .offered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let given = match offered {
            Some(text) if request.selection == self.atoms.CLIPBOARD => {
                self.give(connection, request, property, &text)?
            }
            _ => false,
        };
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

    fn give(
        &self,
        connection: &RustConnection,
        request: &SelectionRequestEvent,
        property: Atom,
        text: &Secret,
    ) -> Result<bool, XError> {
        let atoms = &self.atoms;
        let target = request.target;
        let (mode, window) = (PropMode::REPLACE, request.requestor);
        let bytes = text.expose().as_bytes();
        if target == atoms.TARGETS {
            let (utf8, plain) = (atoms.UTF8_STRING, atoms.TEXT_PLAIN_UTF8);
            let targets = [atoms.TARGETS, utf8, plain, atoms.TEXT, atoms.STRING];
            connection.change_property32(mode, window, property, AtomEnum::ATOM, &targets)?;
        } else if [atoms.UTF8_STRING, atoms.TEXT_PLAIN_UTF8].contains(&target) {
            connection.change_property8(mode, window, property, target, bytes)?;
        } else if target == atoms.TEXT {
            connection.change_property8(mode, window, property, atoms.UTF8_STRING, bytes)?;
        } else if target == atoms.STRING {
            connection.change_property8(mode, window, property, target, &latin1(text.expose()))?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

/// `STRING` is Latin-1 by definition; what it lacks becomes a question mark.
fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect()
}

fn text(bytes: Vec<u8>) -> Option<Secret> {
    let fits = !bytes.is_empty() && bytes.len() <= MAX_CLIPBOARD_BYTES;
    fits.then(|| Secret::new(String::from_utf8_lossy(&bytes)))
}
