//! What counts as somebody who acts.

use std::time::Duration;

use streamspace_protocol::{ClientMessage, PointerMove, Role};
use streamspace_streamer_core::{ClipboardContent, Input, Output};

use crate::room::{ALICE, BOB, Room, key};

fn tells_activity(outputs: &[Output]) -> bool {
    outputs.contains(&Output::ReportActivity)
}

fn says(message: ClientMessage) -> Input {
    let viewer = ALICE;
    Input::Message { viewer, message }
}

fn moves() -> Input {
    let (viewer, movement) = (ALICE, PointerMove::To { seq: 1, x: 1, y: 1 });
    Input::Pointer { viewer, movement }
}

#[test]
fn what_somebody_with_control_does_is_activity_and_what_the_page_does_by_itself_is_not() {
    let content = ClipboardContent::text("a");
    for (input, counts) in [
        (says(key("KeyA", 0x61, true)), true),
        (says(ClientMessage::Wheel { dx: 0, dy: 120 }), true),
        (moves(), true),
        (
            Input::Clipboard {
                viewer: ALICE,
                content,
            },
            true,
        ),
        (says(ClientMessage::Ping { id: 1 }), false),
        (says(ClientMessage::ReleaseAll), false),
        (Input::KeyframeWanted { viewer: ALICE }, false),
    ] {
        let mut room = Room::with(&[(ALICE, Role::Control)]);
        assert_eq!(
            tells_activity(&room.all_of(input.clone())),
            counts,
            "{input:?}"
        );
        let mut room = Room::with(&[(ALICE, Role::View), (BOB, Role::Own)]);
        assert!(!tells_activity(&room.all_of(input.clone())), "{input:?}");
    }
}

#[test]
fn activity_is_told_once_a_second() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    assert!(tells_activity(&room.all_of(moves())));
    room.now += Duration::from_millis(999);
    assert!(!tells_activity(&room.all_of(moves())));
    room.now += Duration::from_millis(1);
    assert!(tells_activity(&room.all_of(moves())));
}
