//! Sizes, densities and the second display.

use streamspace_protocol::{
    ClientMessage, DisplaySize, Pixel, PointerMove, Role, Screen, ServerMessage,
};
use streamspace_streamer_core::{Displays, Input, Output, XEvent};

use crate::room::{ALICE, BOB, DISPLAY, Room, joined_second};

#[test]
fn a_denser_screen_makes_letters_larger_before_the_desktop_changes() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    let resize = |width, dpi| ClientMessage::Resize {
        width,
        height: 600,
        dpi,
    };
    let asked = room.says(ALICE, resize(800, 192));
    assert_eq!(asked[0], Output::SetDpi(192));
    assert!(matches!(asked[1..], [Output::Arrange(_)]));
    room.input(Input::X(XEvent::Displays(Displays::one(DisplaySize {
        width: 800,
        height: 600,
    }))));
    let asked = room.says(ALICE, resize(900, 192));
    assert!(matches!(asked[..], [Output::Arrange(_)]), "{asked:?}");
}

#[test]
fn a_resize_is_asked_of_the_x_server_and_told_to_everyone_once_it_has_happened() {
    let mut room = Room::with(&[(ALICE, Role::Control), (BOB, Role::View)]);
    let small = DisplaySize {
        width: 800,
        height: 600,
    };
    let asked = room.says(
        ALICE,
        ClientMessage::Resize {
            width: 801,
            height: 600,
            dpi: 96,
        },
    );
    assert_eq!(asked, [Output::Arrange(Displays::one(small))]);
    let told = room.input(Input::X(XEvent::Displays(Displays::one(small))));
    for viewer in [ALICE, BOB] {
        let message = ServerMessage::Display(small);
        assert!(told.contains(&Output::Send { viewer, message }));
    }
}

#[test]
fn a_second_display_is_there_while_somebody_with_control_shows_it() {
    let mut room = Room::with(&[(ALICE, Role::Control)]);
    room.input(joined_second(BOB, Role::Own));
    let size = DisplaySize {
        width: 800,
        height: 900,
    };
    let resize = ClientMessage::Resize {
        width: 800,
        height: 900,
        dpi: 192,
    };
    let both = Displays {
        first: DISPLAY,
        second: Some(size),
    };
    assert_eq!(room.says(BOB, resize), [Output::Arrange(both)]);
    let told = room.input(Input::X(XEvent::Displays(both)));
    let to_bob = Output::Send {
        viewer: BOB,
        message: ServerMessage::Display(size),
    };
    assert!(told.contains(&to_bob));
    let is_display = |output: &Output| matches!(output, Output::Send { message: ServerMessage::Display(_), viewer } if *viewer == ALICE);
    assert!(!told.iter().any(is_display), "{told:?}");

    let click = ClientMessage::Button {
        button: 1,
        down: true,
        at: Some(Pixel { x: 10, y: 20 }),
    };
    let (x, y) = (DISPLAY.width + 10, 20);
    assert_eq!(room.says(BOB, click)[0], Output::MovePointer { x, y });
    let far = Input::Pointer {
        viewer: BOB,
        movement: PointerMove::To {
            seq: 1,
            x: u16::MAX,
            y: u16::MAX,
        },
    };
    let corner = Output::MovePointer {
        x: DISPLAY.width + 799,
        y: 899,
    };
    assert_eq!(room.input(far)[0], corner);

    // Somebody else sets the size of it all: that is the first display's.
    let small = DisplaySize {
        width: 640,
        height: 480,
    };
    let again = room.input(Input::X(XEvent::Displays(Displays::one(small))));
    let beside = Displays {
        first: small,
        second: Some(size),
    };
    assert!(again.contains(&Output::Arrange(beside)), "{again:?}");
    room.input(Input::X(XEvent::Displays(beside)));
    let gone = room.input(Input::Left { viewer: BOB });
    assert!(
        gone.contains(&Output::Arrange(Displays::one(small))),
        "{gone:?}"
    );
}

#[test]
fn who_only_watches_opens_no_second_display_and_who_loses_control_closes_it() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.input(joined_second(BOB, Role::View));
    let resize = || ClientMessage::Resize {
        width: 800,
        height: 600,
        dpi: 96,
    };
    assert_eq!(room.says(BOB, resize()), []);
    let give = |role| ClientMessage::SetRole { viewer: BOB, role };
    room.says(ALICE, give(Role::Control));
    let asked = room.says(BOB, resize());
    let [Output::Arrange(both)] = asked[..] else {
        panic!("{asked:?}");
    };
    room.input(Input::X(XEvent::Displays(both)));
    let closed = room.says(ALICE, give(Role::View));
    assert!(closed.contains(&Output::Arrange(Displays::one(DISPLAY))));
}

#[test]
fn keyframes_and_losses_of_one_display_are_not_the_other_s() {
    let mut room = Room::with(&[(ALICE, Role::Own)]);
    room.input(joined_second(BOB, Role::Own));
    let both = Displays {
        first: DISPLAY,
        second: Some(DISPLAY),
    };
    room.input(Input::X(XEvent::Displays(both)));
    room.wait(60_000);
    let outputs = room.input(Input::FrameLost(Screen::Second));
    assert_eq!(outputs, [Output::ForceKeyframe(Screen::Second)]);
}
