//! The session's displays as the X server's monitors (RandR 1.5), which window managers go by: they
//! place panels on each, and make windows as large as one of them.

use std::sync::PoisonError;

use streamspace_protocol::{DisplaySize, Screen};
use streamspace_streamer_core::Displays;
use x11rb::{
    connection::Connection,
    protocol::{
        randr::{self, MonitorInfo},
        xproto::{Atom, ConnectionExt as _, Window},
    },
    rust_connection::RustConnection,
};

use super::{Shared, XError, resize};

/// The monitors' names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    first: Atom,
    second: Atom,
}

impl Names {
    pub(super) fn new(connection: &RustConnection) -> Result<Self, XError> {
        let atom = |name: &[u8]| connection.intern_atom(false, name);
        let (first, second) = (atom(b"streamspace-1")?, atom(b"streamspace-2")?);
        Ok(Self {
            first: first.reply()?.atom,
            second: second.reply()?.atom,
        })
    }

    fn of(self, screen: Screen) -> Atom {
        match screen {
            Screen::First => self.first,
            Screen::Second => self.second,
        }
    }
}

/// Gives the X server's picture room for these displays, and makes each a monitor.
///
/// Nobody looks in between: not other programs, and not [`read`].
pub(super) fn arrange(shared: &Shared, displays: Displays, dpi: u16) -> Result<(), XError> {
    let connection = &shared.connection;
    let _held = shared
        .arranging
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    connection.grab_server()?;
    let result = resize::resize(connection, shared.root, displays.total(), dpi)
        .and_then(|()| set_monitors(shared, displays, dpi));
    connection.ungrab_server()?;
    connection.flush()?;
    result
}

/// One display needs no monitors of ours: the X server makes one of its output.
fn set_monitors(shared: &Shared, displays: Displays, dpi: u16) -> Result<(), XError> {
    remove(&shared.connection, shared.root, shared.monitors)?;
    if displays.second.is_none() {
        return Ok(());
    }
    for screen in Screen::ALL {
        if let Some(size) = displays.size(screen) {
            let (x, y) = displays.origin(screen);
            let (width_mm, height_mm) = resize::in_mm(size, dpi);
            let outputs = match screen {
                Screen::First => vec![resize::output(&shared.connection, shared.root)?],
                Screen::Second => Vec::new(),
            };
            let monitor = MonitorInfo {
                name: shared.monitors.of(screen),
                primary: screen == Screen::First,
                automatic: false,
                x: x.cast_signed(),
                y: y.cast_signed(),
                width: size.width,
                height: size.height,
                width_in_millimeters: width_mm,
                height_in_millimeters: height_mm,
                outputs,
            };
            randr::set_monitor(&shared.connection, shared.root, monitor)?.check()?;
        }
    }
    Ok(())
}

/// Takes our monitors away, also those that a former streamer has left.
pub(super) fn remove(
    connection: &RustConnection,
    root: Window,
    names: Names,
) -> Result<(), XError> {
    let there = randr::get_monitors(connection, root, true)?
        .reply()?
        .monitors;
    for screen in Screen::ALL {
        let name = names.of(screen);
        if there.iter().any(|monitor| monitor.name == name) {
            randr::delete_monitor(connection, root, name)?.check()?;
        }
    }
    Ok(())
}

/// How the X server shows the displays now.
pub(super) fn read(shared: &Shared) -> Result<Displays, XError> {
    let _held = shared
        .arranging
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let (connection, root) = (&shared.connection, shared.root);
    let geometry = connection.get_geometry(root)?;
    let monitors = randr::get_monitors(connection, root, true)?
        .reply()?
        .monitors;
    let geometry = geometry.reply()?;
    let total = DisplaySize {
        width: geometry.width,
        height: geometry.height,
    };
    let size = |screen| {
        let name = shared.monitors.of(screen);
        let monitor = monitors.iter().find(|monitor| monitor.name == name)?;
        Some(DisplaySize {
            width: monitor.width,
            height: monitor.height,
        })
    };
    let both = size(Screen::First).map(|first| Displays {
        first,
        second: size(Screen::Second),
    });
    // Who has changed the size of it all has not asked for two displays.
    Ok(both
        .filter(|both| both.total() == total)
        .unwrap_or(Displays::one(total)))
}
