//! Pointer, buttons and cursor.

use streamspace_protocol::{ClientMessage, Cursor, Pixel, PointerMove, Role};
use streamspace_streamer_core::{Input, Output, XEvent};

use crate::room::{ALICE, Room};

#[test]
fn a_pointer_shape_is_told_once() {
    let mut room = Room::with(&[(ALICE, Role::View)]);
    let shape = |hotspot_x| {
        Input::X(XEvent::Cursor(Cursor {
            width: 2,
            height: 1,
            hotspot_x,
            hotspot_y: 0,
            rgba: "AAAA/wAAAP8=".into(),
        }))
    };
    assert_eq!(room.input(shape(0)).len(), 1);
    assert_eq!(room.input(shape(0)), []);
    assert_eq!(room.input(shape(1)).len(), 1);
}

/// Which of these pointer moves are taken, by their numbers.
fn moves_taken<const N: usize>(numbers: [u32; N]) -> [bool; N] {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    numbers.map(|seq| {
        let movement = PointerMove::To { seq, x: 9, y: 9 };
        let input = Input::Pointer {
            viewer: ALICE,
            movement,
        };
        !room.input(input).is_empty()
    })
}

#[test]
fn a_pointer_move_that_was_overtaken_is_dropped() {
    assert_eq!(
        moves_taken([7, 6, 7, 8, u32::MAX, 9]),
        [true, false, false, true, false, true]
    );
}

#[test]
fn sequence_numbers_may_wrap() {
    assert_eq!(
        moves_taken([u32::MAX - 1, 2, u32::MAX]),
        [true, true, false]
    );
}

#[test]
fn a_click_goes_to_its_own_place_and_never_off_the_desktop() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    let click = ClientMessage::Button {
        button: 1,
        down: true,
        at: Some(Pixel { x: 60000, y: 7 }),
    };
    let moved = Output::MovePointer { x: 1279, y: 7 };
    assert_eq!(
        room.says(ALICE, click),
        [
            moved,
            Output::Button {
                button: 1,
                down: true
            }
        ]
    );
}

#[test]
fn a_locked_mouse_moves_the_pointer_by_what_it_moved_and_clicks_where_that_led() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    let mut moved = |seq, right, down| {
        room.input(Input::Pointer {
            viewer: ALICE,
            movement: PointerMove::By { seq, right, down },
        })
    };
    let by = |right, down| [Output::MovePointerBy { right, down }];
    assert_eq!(moved(1, 5, -3), by(5, -3));
    // The second one was lost.
    assert_eq!(moved(3, 40, -3), by(35, 0));
    assert_eq!(moved(2, 20, -3), []);
    assert_eq!(moved(4, 40, -3), []);
    let button = ClientMessage::Button {
        button: 1,
        down: true,
        at: None,
    };
    let pressed = Output::Button {
        button: 1,
        down: true,
    };
    assert_eq!(room.says(ALICE, button), [pressed]);
}
