//! Keys, buttons and the pointer, by the XTEST extension.

use std::sync::PoisonError;

use streamspace_streamer_core::{KeyRepeat, Output};
use x11rb::{
    connection::Connection,
    protocol::{
        xproto::{
            AutoRepeatMode, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ChangeKeyboardControlAux,
            ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, KeyButMask,
            MOTION_NOTIFY_EVENT, Window,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

use super::{Shared, XError};

/// The core protocol's "now".
const CURRENT_TIME: u32 = 0;
/// For a motion: the coordinates are absolute.
const ABSOLUTE: u8 = 0;
const RELATIVE: u8 = 1;
/// The buttons that the core protocol tells the state of.
const BUTTONS: [(u8, KeyButMask); 5] = [
    (1, KeyButMask::BUTTON1),
    (2, KeyButMask::BUTTON2),
    (3, KeyButMask::BUTTON3),
    (4, KeyButMask::BUTTON4),
    (5, KeyButMask::BUTTON5),
];

pub(super) fn inject(shared: &Shared, outputs: &[Output]) -> Result<(), XError> {
    for output in outputs {
        inject_one(shared, output)?;
    }
    shared.connection.flush()?;
    Ok(())
}

/// Lets go of every key and button that is down.
pub(super) fn release_all(connection: &RustConnection, root: Window) -> Result<(), XError> {
    let keys = connection.query_keymap()?.reply()?.keys;
    let buttons = connection.query_pointer(root)?.reply()?.mask;
    let is_down = |keycode: u8| keys[usize::from(keycode / 8)] & (1 << (keycode % 8)) != 0;
    for keycode in (0..=u8::MAX).filter(|&keycode| is_down(keycode)) {
        fake(connection, root, KEY_RELEASE_EVENT, keycode, (0, 0))?;
    }
    for (button, mask) in BUTTONS {
        if buttons.contains(mask) {
            fake(connection, root, BUTTON_RELEASE_EVENT, button, (0, 0))?;
        }
    }
    Ok(())
}

fn inject_one(shared: &Shared, output: &Output) -> Result<(), XError> {
    let connection = &shared.connection;
    let fake = |kind, detail, place| fake(connection, shared.root, kind, detail, place);
    match *output {
        Output::Key {
            keycode,
            down: true,
        } => fake(KEY_PRESS_EVENT, keycode, (0, 0)),
        Output::Key {
            keycode,
            down: false,
        } => fake(KEY_RELEASE_EVENT, keycode, (0, 0)),
        Output::Button { button, down: true } => fake(BUTTON_PRESS_EVENT, button, (0, 0)),
        Output::Button {
            button,
            down: false,
        } => fake(BUTTON_RELEASE_EVENT, button, (0, 0)),
        Output::MovePointer { x, y } => fake(MOTION_NOTIFY_EVENT, ABSOLUTE, (x, y)),
        Output::MovePointerBy { right, down } => {
            let by = (right.cast_unsigned(), down.cast_unsigned());
            fake(MOTION_NOTIFY_EVENT, RELATIVE, by)
        }
        Output::BindKey { keycode, keysym } => bind(shared, keycode, keysym),
        Output::RepeatKeys(by) => {
            let mode = match by {
                KeyRepeat::XServer => AutoRepeatMode::ON,
                KeyRepeat::Viewers => AutoRepeatMode::OFF,
            };
            let aux = ChangeKeyboardControlAux::new().auto_repeat_mode(mode);
            connection.change_keyboard_control(&aux)?;
            Ok(())
        }
        Output::SetDpi(_)
        | Output::Arrange(_)
        | Output::SetClipboard(_)
        | Output::SendClipboard { .. }
        | Output::ForceKeyframe(_)
        | Output::SetVideo(..)
        | Output::Capture(..)
        | Output::ReportLatency { .. }
        | Output::TellPointers(..)
        | Output::Expel { .. }
        | Output::Remember
        | Output::Gamepad(_)
        | Output::ReportActivity
        | Output::Send { .. } => unreachable!("the room passes on input only"),
    }
}

fn bind(shared: &Shared, keycode: u8, keysym: u32) -> Result<(), XError> {
    let mut binds = shared.binds.lock().unwrap_or_else(PoisonError::into_inner);
    *binds += 1;
    // The same symbol with and without Shift; a lone one would gain an upper case.
    shared
        .connection
        .change_keyboard_mapping(1, keycode, 2, &[keysym, keysym])?;
    Ok(())
}

fn fake(
    connection: &RustConnection,
    root: Window,
    kind: u8,
    detail: u8,
    (x, y): (u16, u16),
) -> Result<(), XError> {
    let (x, y) = (x.cast_signed(), y.cast_signed());
    connection.xtest_fake_input(kind, detail, CURRENT_TIME, root, x, y, 0)?;
    Ok(())
}
