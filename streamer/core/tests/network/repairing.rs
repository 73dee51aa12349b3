//! Which packets are sent again, and when.

use std::time::{Duration, Instant};

use streamspace_streamer_core::network::{Content, Flow, Outgoing, Purpose};

use crate::world::{CONFIG, any_instant};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn send(flow: &mut Flow<u16>, sequence_number: u16, keyframe: bool, now: Instant) {
    let packet = Outgoing {
        content: Content::Video {
            frame: u64::from(sequence_number),
            keyframe,
            last: true,
        },
        sequence_number,
        bytes: 1_000,
        packet: sequence_number,
    };
    flow.send(packet, now);
    while flow.poll(now).is_some() {}
}

fn repaired(flow: &mut Flow<u16>, now: Instant) -> Vec<u16> {
    std::iter::from_fn(|| flow.poll(now))
        .filter(|transmission| transmission.purpose == Purpose::Repair)
        .map(|transmission| transmission.packet)
        .collect()
}

/// A flow whose packets 1 to 5 have left, one each 10 ms.
fn sent() -> (Flow<u16>, Instant) {
    let mut flow = Flow::new(CONFIG);
    let mut now = any_instant();
    for sequence_number in 1..=5 {
        send(&mut flow, sequence_number, sequence_number == 1, now);
        now += ms(10);
    }
    (flow, now)
}

#[test]
fn a_missing_packet_is_sent_again_once_a_round_trip() {
    let (mut flow, now) = sent();
    flow.nack([2, 2, 3].into_iter(), now);
    assert_eq!(repaired(&mut flow, now), [2, 3]);
    let soon = now + ms(40);
    flow.nack([2].into_iter(), soon);
    assert!(repaired(&mut flow, soon).is_empty());
    let later = now + ms(101);
    flow.nack([2].into_iter(), later);
    assert_eq!(repaired(&mut flow, later), [2]);
}

#[test]
fn nothing_is_repaired_that_never_left_or_has_arrived() {
    let (mut flow, now) = sent();
    flow.feedback([(1, Some(ms(30)))].into_iter(), now);
    flow.nack([2, 6, 60_000].into_iter(), now);
    assert!(repaired(&mut flow, now).is_empty());
}

#[test]
fn nothing_is_repaired_from_before_a_keyframe_or_after_too_long() {
    let (mut flow, now) = sent();
    send(&mut flow, 6, true, now);
    flow.nack(1..=5, now + ms(50));
    assert!(repaired(&mut flow, now + ms(50)).is_empty());
    flow.nack([6].into_iter(), now + ms(2_000));
    let late = repaired(&mut flow, now + ms(2_000));
    assert!(late.is_empty(), "{late:?}");
}

#[test]
fn on_a_long_path_a_repair_is_repeated_at_once() {
    let (mut flow, now) = sent();
    let now = now + ms(60);
    flow.feedback([(4, Some(ms(30)))].into_iter(), now);
    flow.nack([3].into_iter(), now);
    assert_eq!(repaired(&mut flow, now), [3]);
    let echo = flow.poll_timeout().expect("the second copy has a time");
    assert_eq!(repaired(&mut flow, echo), [3]);
}

#[test]
fn the_last_packet_before_a_pause_is_sent_again_until_it_is_acknowledged() {
    let (mut flow, _) = sent();
    let suspected = flow.poll_timeout().expect("it is not acknowledged");
    assert_eq!(repaired(&mut flow, suspected), [5]);
    flow.feedback([(5, Some(ms(300)))].into_iter(), suspected + ms(60));
    assert_eq!(flow.poll_timeout(), None);
}

#[test]
fn a_flow_is_at_rest_a_while_after_its_last_packet_has_arrived() {
    let (mut flow, now) = sent();
    assert!(!flow.is_at_rest(now + ms(2_000)), "nothing was heard of it");
    flow.feedback([(4, Some(ms(300)))].into_iter(), now);
    assert!(!flow.is_at_rest(now + ms(100)));
    assert!(flow.is_at_rest(now + ms(2_000)));
    send(&mut flow, 6, false, now + ms(2_000));
    assert!(!flow.is_at_rest(now + ms(2_001)));
}

#[test]
fn when_too_much_is_missing_a_keyframe_is_asked_for_instead() {
    let mut flow = Flow::new(CONFIG);
    let mut now = any_instant();
    for sequence_number in 0..200 {
        send(&mut flow, sequence_number, sequence_number == 0, now);
        now += ms(4);
    }
    flow.nack(100..190, now);
    assert!(flow.take_dropped());
    assert!(repaired(&mut flow, now).is_empty());
    send(&mut flow, 200, true, now + ms(10));
    flow.nack([200].into_iter(), now + ms(60));
    assert_eq!(repaired(&mut flow, now + ms(60)), [200]);
}
