//! The element against a real X server.

mod screen;

use std::process::Command;

use gstreamer as gst;
use gstreamer::prelude::*;
use screen::{BLUE, GREEN, PATIENCE, Painter, RED, Screen, Xvnc};
use streamspace_capture::{GrabError, Stages, can_follow};

const WHOLE: (i16, i16, u16, u16) = (0, 0, 640, 480);
/// Long enough for a frame that must not come.
const A_WHILE: gst::ClockTime = gst::ClockTime::from_mseconds(400);

#[test]
fn what_is_drawn_is_seen_where_it_is_in_the_right_colours() {
    for format in ["I420", "NV12"] {
        let xvnc = Xvnc::start(&[]);
        let painter = Painter::new(&xvnc);
        painter.fill(WHOLE, BLUE);
        let screen = Screen::show(&xvnc, format);
        screen.frame_that("is blue", |frame| {
            [(0, 0), (639, 479), (320, 240)]
                .iter()
                .all(|&(x, y)| frame.is(BLUE, x, y))
        });
        painter.fill((102, 52, 30, 20), RED);
        let frame = screen.frame_that("has red", |frame| frame.is(RED, 102, 52));
        assert!(frame.is(RED, 131, 71));
        for (x, y) in [(101, 52), (102, 51), (132, 71), (131, 72)] {
            assert!(frame.is(BLUE, x, y), "{format} {x} {y}");
        }
    }
}

#[test]
fn a_still_display_makes_no_frames_until_something_changes_or_one_is_asked_for() {
    let xvnc = Xvnc::start(&[]);
    let screen = Screen::show(&xvnc, "I420");
    screen.wait_until_still();
    screen.source.emit_by_name::<()>("refresh", &[]);
    screen.next(PATIENCE).expect("a frame was asked for");
    screen.wait_until_still();
    Painter::new(&xvnc).fill((1, 1, 1, 1), RED);
    screen.next(PATIENCE).expect("something changed");
}

#[test]
fn a_part_shows_what_lies_in_it_and_costs_nothing_for_what_lies_elsewhere() {
    let xvnc = Xvnc::start(&[]);
    let painter = Painter::new(&xvnc);
    painter.fill(WHOLE, BLUE);
    let screen = Screen::show(&xvnc, "I420");
    screen.source.set_property("part", "320x200+320+100");
    screen.frame_that("is that part", |frame| frame.size() == (320, 200));
    screen.wait_until_still();
    for x in 0..10 {
        painter.fill((x, 0, 20, 20), RED);
    }
    assert!(
        screen.next(A_WHILE).is_none(),
        "a frame of what is elsewhere"
    );
    painter.fill((300, 90, 40, 30), GREEN);
    let frame = screen.frame_that("is green", |frame| frame.is(GREEN, 0, 0));
    assert!(frame.is(GREEN, 19, 19) && frame.is(BLUE, 20, 19) && frame.is(BLUE, 0, 20));
    screen.source.set_property("part", "");
    screen.frame_that("is all of it", |frame| frame.size() == (640, 480));
}

#[test]
fn changes_while_held_are_all_in_the_first_frame_after() {
    let xvnc = Xvnc::start(&[]);
    let painter = Painter::new(&xvnc);
    painter.fill(WHOLE, BLUE);
    let screen = Screen::show(&xvnc, "I420");
    screen.frame_that("is blue", |frame| frame.is(BLUE, 0, 0));
    screen.source.set_property("hold", true);
    while screen.next(A_WHILE).is_some() {}
    let corners = [(0, 0), (620, 0), (0, 460), (620, 460)];
    for (x, y) in corners {
        painter.fill((x, y, 20, 20), GREEN);
    }
    assert!(screen.next(A_WHILE).is_none(), "a frame while held");
    screen.source.set_property("hold", false);
    let frame = screen.next(PATIENCE).expect("it goes on");
    for (x, y) in corners {
        let (x, y) = (usize::from(x.unsigned_abs()), usize::from(y.unsigned_abs()));
        assert!(frame.is(GREEN, x, y) && frame.is(GREEN, x + 19, y + 19));
    }
    assert!(frame.is(BLUE, 320, 240));
}

#[test]
fn frames_follow_the_display_s_size() {
    let xvnc = Xvnc::start(&[]);
    let screen = Screen::show(&xvnc, "I420");
    screen.frame_that("is 640x480", |frame| frame.size() == (640, 480));
    for (size, seen) in [
        ("800x600", (800, 600)),
        ("1360x768", (1360, 768)),
        ("640x480", (640, 480)),
    ] {
        xvnc.resize(size);
        screen.frame_that("has the new size", |frame| frame.size() == seen);
        let (x, y) = (seen.0 as usize - 2, seen.1 as usize - 2);
        let corner = (x as i16, y as i16, 2, 2);
        Painter::new(&xvnc).fill(corner, GREEN);
        let frame = screen.frame_that("has green", |frame| frame.is(GREEN, x, y));
        assert_eq!(frame.size(), seen);
    }
}

#[test]
fn frames_of_half_the_size_show_the_whole_display() {
    let xvnc = Xvnc::start(&[]);
    let painter = Painter::new(&xvnc);
    painter.fill(WHOLE, BLUE);
    let screen = Screen::show(&xvnc, "I420");
    screen.frame_that("is large", |frame| frame.size() == (640, 480));
    screen.source.set_property("downscale", 2u32);
    screen.frame_that("is small", |frame| {
        frame.size() == (320, 240) && frame.is(BLUE, 0, 0) && frame.is(BLUE, 319, 239)
    });
    painter.fill((200, 100, 40, 40), RED);
    let frame = screen.frame_that("has red", |frame| frame.is(RED, 100, 50));
    assert!(frame.is(RED, 119, 69) && frame.is(BLUE, 120, 69) && frame.is(BLUE, 100, 49));
    screen.source.set_property("downscale", 1u32);
    screen.frame_that("is large again", |frame| {
        frame.size() == (640, 480) && frame.is(RED, 220, 120)
    });
}

#[test]
fn each_frame_tells_its_stages_in_their_order() {
    let xvnc = Xvnc::start(&[]);
    let screen = Screen::show(&xvnc, "I420");
    let frame = screen.next(PATIENCE).expect("the first frame");
    let stages = Stages::of(frame.buffer()).expect("it carries them");
    assert!(stages.damaged <= stages.began && stages.began <= stages.grabbed);
    assert!(stages.grabbed < stages.converted);
    assert_eq!(frame.buffer().pts(), Some(stages.began));
}

#[test]
fn an_x_server_without_the_extensions_is_refused_with_a_reason() {
    for extension in ["DAMAGE", "MIT-SHM", "XFIXES"] {
        let xvnc = Xvnc::start(&["-extension", extension]);
        let refused = can_follow(&xvnc.display);
        assert!(matches!(refused, Err(GrabError::Missing(name)) if name == extension));
        let screen = Screen::prepare(&xvnc, "I420");
        assert!(screen.play().is_err(), "it cannot start");
        let error = screen.error();
        assert!(error.contains(extension), "{error}");
    }
    assert!(matches!(can_follow(":999"), Err(GrabError::Connect(_))));
}

#[test]
fn the_x_server_s_end_is_an_error_with_a_reason() {
    let mut xvnc = Xvnc::start(&[]);
    let screen = Screen::show(&xvnc, "I420");
    screen.source.set_property("reconnect", 0u32);
    screen.next(PATIENCE).expect("the first frame");
    xvnc.end();
    let error = screen.error();
    assert!(error.contains("connection"), "{error}");
}

#[test]
fn an_x_server_that_takes_the_place_of_one_that_ended_is_followed() {
    let mut xvnc = Xvnc::start(&[]);
    let screen = Screen::show(&xvnc, "I420");
    screen.frame_that("is 640x480", |frame| frame.size() == (640, 480));
    xvnc.start_again(&["-geometry", "800x600"]);
    Painter::new(&xvnc).fill((0, 0, 800, 600), GREEN);
    screen.frame_that("shows the new one", |frame| {
        frame.size() == (800, 600) && frame.is(GREEN, 790, 590)
    });
    Painter::new(&xvnc).fill((10, 10, 40, 40), RED);
    screen.frame_that("goes on", |frame| frame.is(RED, 20, 20));
}

#[test]
fn up_to_120_frames_a_second_are_offered_and_made() {
    let xvnc = Xvnc::start(&[]);
    let screen = Screen::prepare(&xvnc, "I420");
    screen.source.set_property("max-fps", 120u32);
    screen.play().expect("it plays");
    let first = screen.next(PATIENCE).expect("the first frame");
    let caps = first.sample.caps().expect("it has caps");
    let info = gstreamer_video::VideoInfo::from_caps(caps).expect("they are video's");
    assert_eq!(info.fps(), gst::Fraction::new(120, 1));
    let painter = Painter::new(&xvnc);
    for x in 0..100 {
        painter.fill((x, 0, 1, 480), RED);
        screen.next(PATIENCE).expect("a frame of each change");
    }
}

#[test]
fn gst_launch_finds_the_plugin_and_plays_it() {
    let xvnc = Xvnc::start(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    // Beside this test, where cargo has built it.
    let test = std::env::current_exe().expect("a path");
    let plugin = "libstreamspace_capture.so";
    let built = test.with_file_name(plugin);
    std::os::unix::fs::symlink(built, folder.path().join(plugin)).expect("linked");
    let source = [
        "streamspacexsrc",
        &format!("display-name={}", xvnc.display),
        "num-buffers=2",
    ];
    let played = Command::new("gst-launch-1.0")
        .args(source)
        .args(["!", "x264enc", "tune=zerolatency", "!", "fakesink"])
        .env("GST_PLUGIN_PATH", folder.path())
        .env("GST_REGISTRY", folder.path().join("registry"))
        .output()
        .expect("gst-launch is installed (gstreamer1.0-tools)");
    let said = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success() && !said.contains("ERROR"), "{said}");
}
