//! Keys, buttons and the pointer, by the XTEST extension.

use streamspace_streamer_core::{KeyRepeat, Output};
use x11rb::{
    connection::Connection,
    protocol::{
        xproto::{
            AutoRepeatMode, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ChangeKeyboardControlAux,
            ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT,
        },
        xtest::ConnectionExt as _,
    },
};

use super::{Shared, XError};

/// The core protocol's "now".
const CURRENT_TIME: u32 = 0;
/// For a motion: the coordinates are absolute.
const ABSOLUTE: u8 = 0;

pub(super) fn inject(shared: &Shared, output: &Output) -> Result<(), XError> {
    let fake = |kind: u8, detail: u8, x: u16, y: u16| -> Result<(), XError> {
        let (x, y) = (x.cast_signed(), y.cast_signed());
        shared
            .connection
            .xtest_fake_input(kind, detail, CURRENT_TIME, shared.root, x, y, 0)?;
        Ok(())
    };
    match *output {
        Output::Key { keycode, down } => {
            fake(
                if down {
                    KEY_PRESS_EVENT
                } else {
                    KEY_RELEASE_EVENT
                },
                keycode,
                0,
                0,
            )?;
        }
        Output::Button { button, down } => {
            fake(
                if down {
                    BUTTON_PRESS_EVENT
                } else {
                    BUTTON_RELEASE_EVENT
                },
                button,
                0,
                0,
            )?;
        }
        Output::MovePointer { x, y } => fake(MOTION_NOTIFY_EVENT, ABSOLUTE, x, y)?,
        Output::BindKey { keycode, keysym } => {
            // The same symbol with and without Shift; a lone one would gain an upper case.
            shared
                .connection
                .change_keyboard_mapping(1, keycode, 2, &[keysym, keysym])?;
        }
        Output::RepeatKeys(by) => {
            let mode = match by {
                KeyRepeat::XServer => AutoRepeatMode::ON,
                KeyRepeat::Viewers => AutoRepeatMode::OFF,
            };
            let aux = ChangeKeyboardControlAux::new().auto_repeat_mode(mode);
            shared.connection.change_keyboard_control(&aux)?;
        }
        Output::Resize(_)
        | Output::SetClipboard(_)
        | Output::ForceKeyframe
        | Output::SetBitrate(_)
        | Output::Send { .. } => unreachable!("the room passes on input only"),
    }
    shared.connection.flush()?;
    Ok(())
}
