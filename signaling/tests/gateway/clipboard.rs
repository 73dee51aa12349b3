//! A program that copies.

use std::thread;

use x11rb::{
    CURRENT_TIME, NONE,
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
            SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

struct Program {
    connection: RustConnection,
    targets: Atom,
    utf8: Atom,
    text: &'static str,
}

/// Copies `text`, and hands it to whoever pastes for as long as the X server runs.
pub(crate) fn copy(display: &str, text: &'static str) {
    let (connection, screen) = x11rb::connect(Some(display)).expect("the X server");
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id().expect("an id");
    let (class, values) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
    connection
        .create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &values)
        .expect("sent");
    let atom = |name: &str| {
        let cookie = connection.intern_atom(false, name.as_bytes());
        cookie.expect("sent").reply().expect("an atom").atom
    };
    let [clipboard, targets, utf8] = ["CLIPBOARD", "TARGETS", "UTF8_STRING"].map(atom);
    connection
        .set_selection_owner(window, clipboard, CURRENT_TIME)
        .expect("sent")
        .check()
        .expect("an owner");
    let program = Program {
        connection,
        targets,
        utf8,
        text,
    };
    thread::spawn(move || program.run());
}

impl Program {
    fn run(&self) {
        while let Ok(event) = self.connection.wait_for_event() {
            if let Event::SelectionRequest(request) = event {
                self.paste(&request);
            }
        }
    }

    fn paste(&self, request: &SelectionRequestEvent) {
        let &SelectionRequestEvent {
            requestor,
            property,
            target,
            ..
        } = request;
        let (connection, mode) = (&self.connection, PropMode::REPLACE);
        let property = if target == self.targets {
            let kind = AtomEnum::ATOM;
            let targets = [self.targets, self.utf8];
            let sent = connection.change_property32(mode, requestor, property, kind, &targets);
            sent.map(|_| property)
        } else if target == self.utf8 {
            let text = self.text.as_bytes();
            let sent = connection.change_property8(mode, requestor, property, target, text);
            sent.map(|_| property)
        } else {
            Ok(NONE)
        };
        let notify = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor,
            selection: request.selection,
            target,
            property: property.expect("sent"),
        };
        connection
            .send_event(false, requestor, EventMask::NO_EVENT, notify)
            .expect("sent");
        connection.flush().expect("sent");
    }
}
