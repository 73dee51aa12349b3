//! The session's clipboard: the selection `CLIPBOARD` (ICCCM section 2).
//!
//! ```text
//!   a browser copied:  Offering owns the selection and answers each program that asks
//!   a program copied:  Asking wants its TARGETS, then each kind that the policy allows, one by one
//! ```
//!
//! What is large goes in steps (`INCR`), both ways. A kind that is over the policy's limit is read to
//! its end and forgotten: its owner would wait for ever otherwise.

mod asking;
mod offering;

use std::sync::{Mutex, MutexGuard, PoisonError};

use streamspace_protocol::{ClipboardKind, ClipboardPolicy};
use streamspace_streamer_core::ClipboardContent;
use x11rb::{
    atom_manager,
    connection::Connection,
    protocol::{
        Event,
        xfixes::{ConnectionExt as _, SelectionEventMask},
        xproto::{
            Atom, ConnectionExt as _, CreateWindowAux, EventMask, Property, Window, WindowClass,
        },
    },
    rust_connection::RustConnection,
};

use self::{asking::Asking, offering::Offering};
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
        TEXT_HTML: b"text/html",
        IMAGE_PNG: b"image/png",
        STREAMSPACE_CLIPBOARD,
    }
}

impl Atoms {
    /// What we ask a program for, and offer first.
    fn target(&self, kind: ClipboardKind) -> Atom {
        match kind {
            ClipboardKind::Text => self.UTF8_STRING,
            ClipboardKind::Html => self.TEXT_HTML,
            ClipboardKind::Png => self.IMAGE_PNG,
        }
    }
}

#[derive(Debug)]
pub(super) struct Clipboard {
    atoms: Atoms,
    window: Window,
    policy: ClipboardPolicy,
    offering: Mutex<Offering>,
    asking: Mutex<Asking>,
}

impl Clipboard {
    pub(super) fn new(
        connection: &RustConnection,
        root: Window,
        policy: ClipboardPolicy,
    ) -> Result<Self, XError> {
        let atoms = Atoms::new(connection)?.reply()?;
        let window = connection.generate_id()?;
        let aux = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        let class = WindowClass::INPUT_ONLY;
        connection
            .create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &aux)?
            .check()?;
        let owner = SelectionEventMask::SET_SELECTION_OWNER;
        connection
            .xfixes_select_selection_input(window, atoms.CLIPBOARD, owner)?
            .check()?;
        Ok(Self {
            atoms,
            window,
            policy,
            offering: Mutex::default(),
            asking: Mutex::default(),
        })
    }

    /// Takes the selection, to give this to whoever asks.
    pub(super) fn offer(
        &self,
        connection: &RustConnection,
        content: ClipboardContent,
    ) -> Result<(), XError> {
        lock(&self.offering).content = content;
        let now = x11rb::CURRENT_TIME;
        connection.set_selection_owner(self.window, self.atoms.CLIPBOARD, now)?;
        connection.flush()?;
        Ok(())
    }

    /// Takes in one event; gives what a program has copied, once it is known.
    pub(super) fn handle(
        &self,
        connection: &RustConnection,
        event: Event,
    ) -> Result<Option<ClipboardContent>, XError> {
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
            Event::SelectionNotify(notify) => self.answered(connection, &notify),
            Event::PropertyNotify(change)
                if change.window == self.window && change.state == Property::NEW_VALUE =>
            {
                self.arrived(connection, change.atom)
            }
            Event::PropertyNotify(change) if change.state == Property::DELETE => {
                self.go_on(connection, change.window, change.atom)?;
                Ok(None)
            }
            Event::DestroyNotify(gone) => {
                lock(&self.offering).forget(gone.window);
                Ok(None)
            }
            _ => Ok(None),
        }
    }
}

/// No state is left half changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
