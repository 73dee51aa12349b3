//! What leaves first, and what does not leave at all.

use std::time::{Duration, Instant};

use streamspace_streamer_core::network::{Content, Flow, Outgoing, Purpose};

use crate::world::{CONFIG, any_instant};

fn frame(flow: &mut Flow<u64>, number: u64, packets: u16, keyframe: bool, now: Instant) {
    for part in 0..packets {
        let packet = Outgoing {
            content: Content::Video {
                frame: number,
                keyframe,
                last: part + 1 == packets,
            },
            sequence_number: number as u16 * 500 + part,
            bytes: 1_200,
            packet: number,
        };
        flow.send(packet, now);
    }
}

/// Which frames the packets belong to that leave for the first time within a time.
fn leaving(flow: &mut Flow<u64>, now: &mut Instant, ms: u64) -> Vec<u64> {
    let mut left = Vec::new();
    for _ in 0..ms {
        let now_leaving = std::iter::from_fn(|| flow.poll(*now));
        let first = now_leaving.filter(|transmission| transmission.purpose == Purpose::First);
        left.extend(first.map(|transmission| transmission.packet));
        *now += Duration::from_millis(1);
    }
    left
}

#[test]
fn audio_leaves_before_video_and_never_waits() {
    let mut flow = Flow::new(CONFIG);
    let now = any_instant();
    frame(&mut flow, 7, 50, true, now);
    while flow.poll(now).is_some() {}
    let sound = Outgoing {
        content: Content::Audio,
        sequence_number: 1,
        bytes: 100,
        packet: 99,
    };
    flow.send(sound, now);
    assert_eq!(flow.poll_timeout(), Some(now));
    assert_eq!(
        flow.poll(now).map(|transmission| transmission.packet),
        Some(99)
    );
    assert_eq!(flow.poll(now), None);
}

#[test]
fn a_frame_leaves_faster_than_the_estimate_but_a_long_one_not_much() {
    let mut flow = Flow::new(CONFIG);
    let mut now = any_instant();
    frame(&mut flow, 1, 8, true, now);
    assert_eq!(leaving(&mut flow, &mut now, 12).len(), 8);
    now += Duration::from_secs(1);
    frame(&mut flow, 2, 80, true, now);
    let packets_a_second = CONFIG.start_bps as f64 / 8.0 / 1_200.0;
    let left = leaving(&mut flow, &mut now, 100).len() as f64;
    assert!(
        left < packets_a_second * 0.1 + packets_a_second * 0.03 + 2.0,
        "{left}"
    );
}

#[test]
fn when_the_queue_is_too_long_whole_frames_go_and_a_keyframe_is_needed() {
    let mut flow = Flow::new(CONFIG);
    let mut now = any_instant();
    frame(&mut flow, 1, 10, true, now);
    leaving(&mut flow, &mut now, 200);
    for number in 2..8 {
        frame(&mut flow, number, 20, false, now);
    }
    assert!(flow.take_dropped());
    frame(&mut flow, 8, 5, false, now);
    frame(&mut flow, 9, 5, true, now);
    assert!(!flow.take_dropped());
    frame(&mut flow, 10, 5, false, now);
    let left = leaving(&mut flow, &mut now, 1_000);
    for number in 1..=10 {
        let parts = left.iter().filter(|frame| **frame == number).count();
        assert!([0, 5, 10, 20].contains(&parts), "{parts} parts of {number}");
    }
    assert!(left.ends_with(&[9, 9, 9, 9, 9, 10, 10, 10, 10, 10]));
    assert!(!left.contains(&8));
}

#[test]
fn a_large_keyframe_is_not_dropped_for_its_size() {
    let mut flow = Flow::new(CONFIG);
    let mut now = any_instant();
    frame(&mut flow, 1, 120, true, now);
    frame(&mut flow, 2, 5, false, now);
    let left = leaving(&mut flow, &mut now, 1_000);
    assert_eq!(left.len(), 125);
    assert!(!flow.take_dropped());
}

#[test]
fn an_idle_flow_sends_nothing_and_does_not_wake() {
    let mut flow: Flow<u64> = Flow::new(CONFIG);
    let mut now = any_instant();
    assert_eq!(flow.poll_timeout(), None);
    frame(&mut flow, 1, 3, true, now);
    assert_eq!(leaving(&mut flow, &mut now, 20).len(), 3);
    let reports = (0..3).map(|number| (number, Some(Duration::from_millis(5))));
    flow.feedback(reports, now);
    assert_eq!(flow.poll_timeout(), None);
    assert!(leaving(&mut flow, &mut now, 5_000).is_empty());
}
