//! The session as its driver sees it: inputs in, outputs out, time as an argument.

mod room;

use std::time::Duration;

use proptest::prelude::*;
use room::{ALICE, BOB, DISPLAY, Room, joined, joined_second, key, pressed, released};
use streamspace_protocol::{
    ClientMessage, Cursor, DisplaySize, Latency, Pixel, PointerMove, Role, Screen, Secret,
    ServerMessage, Stage, StageLatency, ViewerId,
};
use streamspace_streamer_core::{
    ClipboardContent, Displays, Encoded, Input, KeyRepeat, Link, Output, XEvent,
};

#[test]
fn a_viewer_that_joins_learns_the_display_and_gets_a_keyframe() {
    let outputs = Room::new().input(joined(ALICE, Role::View));
    for message in [
        ServerMessage::Display(DISPLAY),
        ServerMessage::Viewers { count: 1 },
    ] {
        let viewer = ALICE;
        assert!(outputs.contains(&Output::Send { viewer, message }));
    }
    assert_eq!(outputs.last(), Some(&Output::ForceKeyframe(Screen::First)));
}

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

#[test]
fn a_viewer_that_may_only_look_changes_nothing() {
    let mut room = Room::with(&[(ALICE, Role::View), (BOB, Role::Control)]);
    for message in [
        key("KeyA", 0x61, true),
        ClientMessage::Text {
            text: Secret::new("a"),
        },
        ClientMessage::Button {
            button: 1,
            down: true,
            at: Some(Pixel { x: 5, y: 5 }),
        },
        ClientMessage::Wheel { dx: 0, dy: 1200 },
        ClientMessage::Resize {
            width: 800,
            height: 600,
            dpi: 96,
        },
    ] {
        assert_eq!(room.says(ALICE, message), []);
    }
    let movement = PointerMove::To { seq: 1, x: 1, y: 1 };
    assert_eq!(
        room.input(Input::Pointer {
            viewer: ALICE,
            movement
        }),
        []
    );
    assert_eq!(room.copies(ALICE, "a"), []);
    let content = ClipboardContent::text("secret");
    let copied = room.input(Input::X(XEvent::Clipboard(content.clone())));
    let viewer = BOB;
    assert_eq!(copied, [Output::SendClipboard { viewer, content }]);
}

#[test]
fn a_clipboard_that_came_from_the_session_does_not_go_back_to_it() {
    let mut room = Room::with(&[(ALICE, Role::Control), (BOB, Role::Control)]);
    let content = ClipboardContent::text("copied");
    room.input(Input::X(XEvent::Clipboard(content)));
    assert_eq!(room.copies(ALICE, "copied"), []);
    let content = ClipboardContent::text("other");
    let told = Output::SendClipboard {
        viewer: BOB,
        content: content.clone(),
    };
    let expected = [told, Output::SetClipboard(content)];
    assert_eq!(room.copies(ALICE, "other"), expected);
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
fn frames_are_made_as_often_as_anybody_wants_them() {
    let mut room = Room::with(&[(ALICE, Role::Control), (BOB, Role::View)]);
    let limit = |max_fps| ClientMessage::Limits {
        max_bps: None,
        max_fps,
    };
    let fps = |outputs: Vec<Output>| {
        outputs.into_iter().find_map(|output| match output {
            Output::SetVideo(Screen::First, target) => Some(target.fps),
            _ => None,
        })
    };
    assert_eq!(fps(room.says(ALICE, limit(Some(15)))), None);
    assert_eq!(fps(room.says(BOB, limit(Some(20)))), Some(20));
    assert_eq!(fps(room.input(Input::Left { viewer: BOB })), Some(15));
    assert_eq!(fps(room.says(ALICE, limit(Some(240)))), Some(60));
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

#[test]
fn statistics_cover_a_second_in_which_something_moved() {
    let mut room = Room::with(&[(ALICE, Role::View)]);
    assert_eq!(room.wait(5000), []);
    for _ in 0..10 {
        room.input(Input::Encoded(
            Screen::First,
            Encoded {
                bytes: 1000,
                took: Duration::from_millis(4),
            },
        ));
    }
    let outputs = room.wait(1000);
    let [
        Output::Send {
            message: ServerMessage::Stats(stats),
            ..
        },
    ] = &outputs[..]
    else {
        panic!("expected statistics, not {outputs:?}");
    };
    assert_eq!((stats.frames, stats.video_bps), (10, 80_000));
    assert!((stats.encode_ms - 4.0).abs() < 0.01);
    assert_eq!(room.wait(5000), []);
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

fn latency(frames: u32) -> ClientMessage {
    let stages = vec![StageLatency {
        stage: Stage::Total,
        p50_us: 9_000,
        p95_us: 12_000,
        p99_us: 15_000,
    }];
    ClientMessage::Latency(Latency { frames, stages })
}

#[test]
fn a_viewers_account_of_its_frames_is_passed_on_once_a_second() {
    let mut room = Room::with(&[(ALICE, Role::View)]);
    let reported = |outputs: &[Output]| {
        outputs
            .iter()
            .filter(|output| matches!(output, Output::ReportLatency { .. }))
            .count()
    };
    let first = room.says(ALICE, latency(60));
    let again = room.says(ALICE, latency(61));
    room.now += Duration::from_secs(1);
    let later = room.says(ALICE, latency(62));
    assert_eq!(
        [first, again, later].map(|outputs| reported(&outputs)),
        [1, 0, 1]
    );
}

#[test]
fn a_pong_tells_the_time_since_the_epoch() {
    let mut room = Room::with(&[(ALICE, Role::View)]);
    room.now += Duration::from_millis(1500);
    let pong = Output::Send {
        viewer: ALICE,
        message: ServerMessage::Pong {
            id: 7,
            at_us: 1_500_000,
        },
    };
    assert_eq!(room.says(ALICE, ClientMessage::Ping { id: 7 }), [pong]);
}

#[test]
fn a_viewer_far_slower_than_the_rest_does_not_fill_the_stream_with_keyframes() {
    let mut room = Room::with(&[(ALICE, Role::View), (BOB, Role::View)]);
    for (viewer, target_bps) in [(ALICE, 1e6), (BOB, 20e6)] {
        let link = Link {
            target_bps,
            congested: false,
        };
        room.input(Input::Link { viewer, link });
    }
    room.now += Duration::from_secs(1);
    // The one that both needed when they came.
    room.input(Input::FrameLost(Screen::First));
    room.now += Duration::from_secs(1);
    let forced = |outputs: Vec<Output>| outputs.contains(&Output::ForceKeyframe(Screen::First));
    assert!(!forced(room.input(Input::KeyframeWanted { viewer: ALICE })));
    assert!(forced(room.input(Input::KeyframeWanted { viewer: BOB })));
}

#[test]
fn a_viewer_that_takes_no_frames_costs_the_others_a_keyframe_now_and_then() {
    let mut room = Room::with(&[(ALICE, Role::View), (BOB, Role::View)]);
    room.now += Duration::from_secs(10);
    let mut keyframes = 0;
    for _ in 0..600 {
        room.now += Duration::from_millis(16);
        let outputs = room.input(Input::FrameLeftOut(Screen::First));
        keyframes += usize::from(outputs.contains(&Output::ForceKeyframe(Screen::First)));
    }
    assert!((3..=4).contains(&keyframes), "{keyframes}");
}
