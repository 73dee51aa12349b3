//! Devices of a browser's machine that programs in a session use as their own.

use serde::{Deserialize, Serialize};

/// How many gamepads one viewer may have, which is as many as browsers tell of.
pub const MAX_GAMEPADS: u8 = 4;
/// The buttons of the standard layout.
pub const GAMEPAD_BUTTONS: u32 = 17;

/// All that is pushed on a gamepad of the standard layout (W3C Gamepad, "Remapping").
///
/// The whole of it each time: so nothing stays pushed that was let go of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct GamepadState {
    /// A bit for each button, the first one lowest.
    pub buttons: u32,
    /// Left stick right and down, right stick right and down: from one end to the other.
    pub axes: [i16; 4],
    /// How far the two lower shoulder buttons are pulled.
    pub triggers: [u8; 2],
}

/// What a session's machine has for one kind of device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum DeviceSupport {
    /// Programs can use such devices.
    Ready,
    /// The kernel does not offer what it takes.
    #[default]
    Missing,
    /// The kernel has it, but not for this session.
    Denied,
    /// The kernel has it, and nothing is passed on to it.
    Unused,
}

/// What programs of a session can be given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Devices {
    pub gamepads: DeviceSupport,
    pub webcam: DeviceSupport,
}
