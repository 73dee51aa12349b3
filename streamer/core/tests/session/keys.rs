//! Keys, text and what is held.

use proptest::prelude::*;
use streamspace_protocol::{ClientMessage, Pixel, Role, Secret, ViewerId};
use streamspace_streamer_core::{Input, KeyRepeat, Output};

use crate::room::{ALICE, BOB, Room, joined, key, pressed, released};

#[test]
fn a_release_lets_go_of_what_its_press_pressed_whatever_the_key_means_by_then() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    room.says(ALICE, key("ShiftLeft", 0xffe1, true));
    assert_eq!(room.says(ALICE, key("KeyA", 0x41, true)), [pressed(8)]);
    room.says(ALICE, key("ShiftLeft", 0xffe1, false));
    assert_eq!(room.says(ALICE, key("KeyA", 0x61, false)), [released(8)]);
}

#[test]
fn a_capital_without_shift_is_typed_with_shift_and_repeats_as_a_capital() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    let shifted = [pressed(9), pressed(8), released(9)];
    assert_eq!(room.says(ALICE, key("KeyA", 0x41, true)), shifted);
    let again = room.says(ALICE, key("KeyA", 0x41, true));
    assert_eq!(again[0], released(8));
    assert_eq!(again[1..], shifted);
    assert_eq!(room.says(ALICE, key("KeyA", 0x41, false)), [released(8)]);
}

#[test]
fn text_of_any_script_is_typed_by_binding_free_keys() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    let text = ClientMessage::Text {
        text: Secret::new("aя"),
    };
    let bound = Output::BindKey {
        keycode: 12,
        keysym: 0x0100_044f,
    };
    let expected = [pressed(8), released(8), bound, pressed(12), released(12)];
    assert_eq!(room.says(ALICE, text), expected);
}

#[test]
fn a_shortcut_in_another_script_presses_the_latin_key() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    room.says(ALICE, key("ControlLeft", 0xffe3, true));
    assert_eq!(
        room.says(ALICE, key("KeyC", 0x0100_0441, true)),
        [pressed(11)]
    );
}

#[test]
fn a_key_that_the_browser_repeats_is_pressed_anew() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    assert_eq!(room.says(ALICE, key("KeyA", 0x61, true)), [pressed(8)]);
    for _ in 0..3 {
        let again = room.says(ALICE, key("KeyA", 0x61, true));
        assert_eq!(again, [released(8), pressed(8)]);
    }
    assert_eq!(room.says(ALICE, key("KeyA", 0x61, false)), [released(8)]);
}

#[test]
fn a_modifier_that_the_browser_repeats_stays_down() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    let control = |down| key("ControlLeft", 0xffe3, down);
    assert_eq!(room.says(ALICE, control(true)), [pressed(10)]);
    for _ in 0..3 {
        assert_eq!(room.says(ALICE, control(true)), []);
    }
    assert_eq!(room.says(ALICE, control(false)), [released(10)]);
}

#[test]
fn a_key_that_another_viewer_holds_too_is_not_repeated() {
    let mut room = Room::with(&[(ALICE, Role::Control), (BOB, Role::Control)]);
    let a = |down| key("KeyA", 0x61, down);
    assert_eq!(room.says(ALICE, a(true)), [pressed(8)]);
    assert_eq!(room.says(BOB, a(true)), []);
    assert_eq!(room.says(ALICE, a(true)), []);
    assert_eq!(room.says(BOB, a(false)), []);
    assert_eq!(room.says(ALICE, a(true)), [released(8), pressed(8)]);
}

#[test]
fn a_keysym_that_would_end_the_x_server_is_not_pressed() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    assert_eq!(room.says(ALICE, key("KeyA", 0xfed5, true)), []);
}

#[test]
fn the_x_server_repeats_keys_only_while_nobody_watches() {
    let mut room = Room::new();
    let repeats = |outputs: Vec<Output>| {
        let repeat = |output| match output {
            Output::RepeatKeys(by) => Some(by),
            _ => None,
        };
        outputs.into_iter().find_map(repeat)
    };
    let role = Role::View;
    let first = room.input(joined(ALICE, role));
    assert_eq!(repeats(first), Some(KeyRepeat::Viewers));
    room.input(joined(BOB, role));
    assert_eq!(repeats(room.input(Input::Left { viewer: ALICE })), None);
    let left = room.input(Input::Left { viewer: BOB });
    assert_eq!(repeats(left), Some(KeyRepeat::XServer));
}

#[test]
fn whatever_a_viewer_holds_is_let_go_when_it_leaves_or_looks_away() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    room.says(ALICE, key("KeyA", 0x61, true));
    assert_eq!(room.says(ALICE, ClientMessage::ReleaseAll), [released(8)]);
    room.says(ALICE, key("KeyA", 0x61, true));
    room.says(
        ALICE,
        ClientMessage::Button {
            button: 1,
            down: true,
            at: Some(Pixel { x: 5, y: 5 }),
        },
    );
    let outputs = room.input(Input::Left { viewer: ALICE });
    let released_button = Output::Button {
        button: 1,
        down: false,
    };
    assert_eq!(outputs[..2], [released(8), released_button]);
}

fn any_message() -> impl Strategy<Value = ClientMessage> {
    let code = prop_oneof![
        Just("KeyA"),
        Just("KeyB"),
        Just("ShiftLeft"),
        Just("ControlLeft")
    ];
    let keysym = prop_oneof![0x61u32..0x64, Just(0xffe1), Just(0xffe3), any::<u32>()];
    prop_oneof![
        4 => (code, keysym, any::<bool>()).prop_map(|(code, keysym, down)| key(code, keysym, down)),
        2 => (1u8..4, any::<bool>(), any::<u16>(), any::<u16>())
            .prop_map(|(button, down, x, y)| ClientMessage::Button {
                button,
                down,
                at: Some(Pixel { x, y }),
            }),
        1 => (any::<i32>(), any::<i32>()).prop_map(|(dx, dy)| ClientMessage::Wheel { dx, dy }),
        1 => "\\PC{0,4}".prop_map(|text| ClientMessage::Text { text: Secret::new(text) }),
        1 => Just(ClientMessage::ReleaseAll),
    ]
}

proptest! {
    /// Against the naive model of an X server: whatever viewers do, once they are gone nothing is
    /// held, and nothing is let go that was not held.
    #[test]
    fn no_key_is_ever_stuck(
        messages in proptest::collection::vec((0u32..3, any_message()), 0..60),
    ) {
        let viewers = [ViewerId(0), ViewerId(1), ViewerId(2)];
        let mut room = Room::with(&viewers.map(|viewer| (viewer, Role::Control)));
        let mut down = std::collections::BTreeSet::new();
        let mut outputs = Vec::new();
        for (viewer, message) in messages {
            outputs.extend(room.says(ViewerId(viewer), message));
        }
        for viewer in viewers {
            outputs.extend(room.input(Input::Left { viewer }));
        }
        for output in outputs {
            let (control, pressed) = match output {
                Output::Key { keycode, down } => (("key", keycode), down),
                Output::Button { button, down } => (("button", button), down),
                Output::BindKey { keycode, .. } => {
                    prop_assert!(!down.contains(&("key", keycode)), "bound while held");
                    continue;
                }
                _ => continue,
            };
            if pressed {
                down.insert(control);
            } else {
                prop_assert!(down.remove(&control), "let go of {control:?}, which was not held");
            }
        }
        prop_assert!(down.is_empty(), "stuck: {down:?}");
    }
}
