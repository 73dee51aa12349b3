//! What viewers are told, and what their pictures cost.

use std::time::Duration;

use streamspace_protocol::{
    ClientMessage, Latency, Pixel, PointerMove, Role, Screen, Secret, ServerMessage, Stage,
    StageLatency,
};
use streamspace_streamer_core::{ClipboardContent, Encoded, Input, Link, Output, XEvent};

use crate::room::{ALICE, BOB, DISPLAY, Room, joined, key};

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
