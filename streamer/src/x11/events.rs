//! News from the X server: size, pointer shape, keyboard layout, clipboard.

use std::sync::PoisonError;

use streamspace_streamer_core::{Keymap, XEvent};
use tokio::sync::mpsc;
use x11rb::{
    connection::Connection,
    protocol::{
        Event, randr,
        xfixes::{ConnectionExt as _, CursorNotifyMask},
        xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Mapping, Window},
    },
    rust_connection::RustConnection,
};

use super::{Binds, Shared, XError, cursor, monitors};

pub(super) fn subscribe(connection: &RustConnection, root: Window) -> Result<(), XError> {
    randr::select_input(connection, root, randr::NotifyMask::SCREEN_CHANGE)?.check()?;
    let structure = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
    connection
        .change_window_attributes(root, &structure)?
        .check()?;
    connection
        .xfixes_select_cursor_input(root, CursorNotifyMask::DISPLAY_CURSOR)?
        .check()?;
    Ok(())
}

pub(super) fn keymap(connection: &RustConnection, binds: &Binds) -> Result<Keymap, XError> {
    let setup = connection.setup();
    let (min, max) = (setup.min_keycode, setup.max_keycode);
    let (asked, binds) = {
        let binds = binds.lock().unwrap_or_else(PoisonError::into_inner);
        (connection.get_keyboard_mapping(min, max - min + 1)?, *binds)
    };
    let mapping = asked.reply()?;
    Ok(Keymap {
        min_keycode: min,
        keysyms_per_keycode: mapping.keysyms_per_keycode,
        keysyms: mapping.keysyms,
        binds,
    })
}

/// Tells news until the X server or the room is gone.
pub(super) fn run(shared: &Shared, events: &mpsc::Sender<XEvent>) {
    let result = cursor::current(&shared.connection).map(|shape| shape.map(XEvent::Cursor));
    let first = result.ok().flatten();
    if first.is_some_and(|event| events.blocking_send(event).is_err()) {
        return;
    }
    loop {
        let news = match shared.connection.wait_for_event() {
            Ok(event) => news(shared, event),
            Err(error) => Err(error.into()),
        };
        match news {
            Ok(None) => {}
            Ok(Some(event)) => {
                if events.blocking_send(event).is_err() {
                    return;
                }
            }
            Err(XError::Connection(error)) => {
                tracing::debug!(%error, "no more news from the X server");
                return;
            }
            // A window or selection that went away between the event and our question.
            Err(error) => tracing::debug!(%error, "an event of the X server came to nothing"),
        }
    }
}

fn news(shared: &Shared, event: Event) -> Result<Option<XEvent>, XError> {
    let connection = &shared.connection;
    match event {
        Event::RandrScreenChangeNotify(_) => Ok(Some(XEvent::Displays(monitors::read(shared)?))),
        // Monitors have changed, if nothing else.
        Event::ConfigureNotify(configured) if configured.window == shared.root => {
            Ok(Some(XEvent::Displays(monitors::read(shared)?)))
        }
        Event::XfixesCursorNotify(_) => Ok(cursor::current(connection)?.map(XEvent::Cursor)),
        Event::MappingNotify(mapping) if mapping.request == Mapping::KEYBOARD => {
            Ok(Some(XEvent::Keymap(keymap(connection, &shared.binds)?)))
        }
        other => Ok(shared
            .clipboard
            .handle(connection, other)?
            .map(XEvent::Clipboard)),
    }
}
