//! Gamepads: which one of whom is which of the session's, and what has changed on it.

use streamspace_protocol::{GamepadState, MAX_GAMEPADS, ViewerId};

/// A change on a gamepad, in the kernel's numbers (`linux/input-event-codes.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PadChange {
    /// A key's code.
    Button { code: u16, down: bool },
    /// An absolute axis' code.
    Axis { code: u16, value: i32 },
}

/// What becomes of one of the session's gamepads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PadOutput {
    Plug(u8),
    Change(u8, Vec<PadChange>),
    Unplug(u8),
}

/// Codes of the standard layout's buttons, as the kernel's driver for common gamepads (`xpad`) gives
/// them; the others are axes there.
pub const PAD_BUTTONS: [(u32, u16); 11] = [
    (0, 0x130),  // BTN_SOUTH
    (1, 0x131),  // BTN_EAST
    (2, 0x133),  // BTN_NORTH, which drivers mean by the left one
    (3, 0x134),  // BTN_WEST, the upper one
    (4, 0x136),  // BTN_TL
    (5, 0x137),  // BTN_TR
    (8, 0x13a),  // BTN_SELECT
    (9, 0x13b),  // BTN_START
    (10, 0x13d), // BTN_THUMBL
    (11, 0x13e), // BTN_THUMBR
    (16, 0x13c), // BTN_MODE
];
/// ABS_X, ABS_Y, ABS_RX, ABS_RY.
pub const PAD_STICKS: [u16; 4] = [0x00, 0x01, 0x03, 0x04];
/// ABS_Z, ABS_RZ.
pub const PAD_TRIGGERS: [u16; 2] = [0x02, 0x05];
/// ABS_HAT0X by left and right, ABS_HAT0Y by up and down.
pub const PAD_HATS: [(u16, u32, u32); 2] = [(0x10, 14, 15), (0x11, 12, 13)];

#[derive(Debug)]
struct Pad {
    owner: (ViewerId, u8),
    state: GamepadState,
}

/// The session has as many as one viewer may have: games know no more.
#[derive(Debug, Default)]
pub(crate) struct Gamepads {
    pads: [Option<Pad>; MAX_GAMEPADS as usize],
}

impl Gamepads {
    /// A viewer's gamepad is like this now, or gone. One more than the session has is left out.
    pub(crate) fn set(
        &mut self,
        viewer: ViewerId,
        pad: u8,
        state: Option<GamepadState>,
    ) -> Vec<PadOutput> {
        let owner = (viewer, pad);
        let is_owners = |other: &Option<Pad>| other.as_ref().is_some_and(|pad| pad.owner == owner);
        let known = self.pads.iter().position(is_owners);
        let Some(state) = state else {
            return known.map(|slot| self.unplug(slot)).into_iter().collect();
        };
        let Some(slot) = known.or_else(|| self.pads.iter().position(Option::is_none)) else {
            return Vec::new();
        };
        let before = self.pads[slot].replace(Pad { owner, state });
        let plugged = before.is_none().then_some(PadOutput::Plug(number(slot)));
        let changes = changes(before.map(|pad| pad.state).unwrap_or_default(), state);
        let changed = (!changes.is_empty()).then_some(PadOutput::Change(number(slot), changes));
        plugged.into_iter().chain(changed).collect()
    }

    /// A viewer has no hands any more.
    pub(crate) fn left(&mut self, viewer: ViewerId) -> Vec<PadOutput> {
        let theirs = |pad: &Option<Pad>| pad.as_ref().is_some_and(|pad| pad.owner.0 == viewer);
        let slots = (0..self.pads.len()).filter(|&slot| theirs(&self.pads[slot]));
        let slots: Vec<usize> = slots.collect();
        slots.into_iter().map(|slot| self.unplug(slot)).collect()
    }

    /// A gamepad that is gone leaves nothing pushed.
    fn unplug(&mut self, slot: usize) -> PadOutput {
        self.pads[slot] = None;
        PadOutput::Unplug(number(slot))
    }
}

fn number(slot: usize) -> u8 {
    u8::try_from(slot).unwrap_or(u8::MAX)
}

fn changes(before: GamepadState, now: GamepadState) -> Vec<PadChange> {
    let (old, new) = (all(before), all(now));
    let differs = |(old, new): (PadChange, PadChange)| (old != new).then_some(new);
    old.into_iter().zip(new).filter_map(differs).collect()
}

/// Everything that a state says, always in this order.
fn all(state: GamepadState) -> Vec<PadChange> {
    let is_down = |button: u32| state.buttons >> button & 1 == 1;
    let buttons = PAD_BUTTONS.map(|(button, code)| PadChange::Button {
        code,
        down: is_down(button),
    });
    let axis = |code, value| PadChange::Axis { code, value };
    let sticks = PAD_STICKS.into_iter().zip(state.axes.map(i32::from));
    let triggers = PAD_TRIGGERS.into_iter().zip(state.triggers.map(i32::from));
    let hats = PAD_HATS
        .map(|(code, low, high)| (code, i32::from(is_down(high)) - i32::from(is_down(low))));
    let axes = sticks.chain(triggers).chain(hats);
    let axes = axes.map(|(code, value)| axis(code, value));
    buttons.into_iter().chain(axes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: ViewerId = ViewerId(1);
    const BOB: ViewerId = ViewerId(2);

    fn pushing(buttons: u32) -> Option<GamepadState> {
        Some(GamepadState {
            buttons,
            ..GamepadState::default()
        })
    }

    #[test]
    fn only_what_differs_is_told_and_nothing_stays_pushed() {
        let mut pads = Gamepads::default();
        let plugged = pads.set(ALICE, 0, pushing(0));
        assert_eq!(plugged, [PadOutput::Plug(0)]);
        let down = |down| PadChange::Button { code: 0x130, down };
        let change = |change| vec![PadOutput::Change(0, vec![change])];
        assert_eq!(pads.set(ALICE, 0, pushing(1)), change(down(true)));
        assert_eq!(pads.set(ALICE, 0, pushing(1)), []);
        assert_eq!(pads.set(ALICE, 0, pushing(0)), change(down(false)));
        assert_eq!(pads.set(ALICE, 0, None), [PadOutput::Unplug(0)]);
        assert_eq!(pads.set(ALICE, 0, None), []);
    }

    #[test]
    fn the_cross_is_two_axes_and_sticks_go_from_end_to_end() {
        let mut pads = Gamepads::default();
        pads.set(ALICE, 0, pushing(0));
        let state = GamepadState {
            buttons: 1 << 12 | 1 << 15,
            axes: [i16::MIN, 0, 0, i16::MAX],
            triggers: [0, 255],
        };
        let axis = |code, value| PadChange::Axis { code, value };
        let expected = vec![
            axis(0x00, -32768),
            axis(0x04, 32767),
            axis(0x05, 255),
            axis(0x10, 1),
            axis(0x11, -1),
        ];
        assert_eq!(
            pads.set(ALICE, 0, Some(state)),
            [PadOutput::Change(0, expected)]
        );
    }

    #[test]
    fn the_session_has_four_and_a_viewer_that_leaves_gives_theirs_back() {
        let mut pads = Gamepads::default();
        for pad in 0..4 {
            assert_eq!(pads.set(ALICE, pad, pushing(0)), [PadOutput::Plug(pad)]);
        }
        assert_eq!(pads.set(BOB, 0, pushing(1)), []);
        assert_eq!(pads.left(ALICE), [0, 1, 2, 3].map(PadOutput::Unplug));
        let first = pads.set(BOB, 0, pushing(0));
        assert_eq!(first, [PadOutput::Plug(0)]);
    }
}
