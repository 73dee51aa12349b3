//! A peer that says anything: bounded work, no panic, and the rules still hold.

use std::time::Duration;

use proptest::prelude::*;
use streamspace_streamer_core::network::{Content, Flow, Outgoing, Purpose};

use crate::world::{CONFIG, any_instant};

#[derive(Debug, Clone)]
enum Step {
    Frame {
        packets: u16,
        keyframe: bool,
    },
    Audio,
    Wait(u64),
    Back(u64),
    Feedback {
        first: u16,
        arrivals: Vec<Option<u64>>,
    },
    Nack {
        first: u16,
        count: u16,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..40_u16, any::<bool>())
            .prop_map(|(packets, keyframe)| Step::Frame { packets, keyframe }),
        Just(Step::Audio),
        (0..500_000_u64).prop_map(Step::Wait),
        (0..2_000_000_u64).prop_map(Step::Back),
        (
            any_number(),
            prop::collection::vec(prop::option::of(any::<u64>()), 0..50)
        )
            .prop_map(|(first, arrivals)| Step::Feedback { first, arrivals }),
        (any_number(), any::<u16>()).prop_map(|(first, count)| Step::Nack { first, count }),
    ]
}

fn any_number() -> impl Strategy<Value = u16> {
    prop_oneof![0..300_u16, any::<u16>()]
}

fn video(sequence_number: u16, frame: u64, keyframe: bool) -> Outgoing<u16> {
    Outgoing {
        content: Content::Video {
            frame,
            keyframe,
            last: true,
        },
        sequence_number,
        bytes: 1_200,
        packet: sequence_number,
    }
}

proptest! {
    #[test]
    fn whatever_a_peer_says_the_estimate_stays_within_its_bounds(
        steps in prop::collection::vec(step(), 1..120)
    ) {
        let mut flow = Flow::new(CONFIG);
        let epoch = any_instant() + Duration::from_secs(3_600);
        let (mut now, mut frame, mut sequence_number) = (epoch, 0, 0_u16);
        for step in steps {
            match step {
                Step::Frame { packets, keyframe } => {
                    frame += 1;
                    for _ in 0..packets {
                        sequence_number = sequence_number.wrapping_add(1);
                        flow.send(video(sequence_number, frame, keyframe), now);
                    }
                }
                Step::Audio => flow.send(
                    Outgoing { content: Content::Audio, sequence_number: 0, bytes: 100, packet: 0 },
                    now,
                ),
                Step::Wait(micros) => now += Duration::from_micros(micros),
                Step::Back(micros) => now = epoch.max(now - Duration::from_micros(micros)),
                Step::Feedback { first, arrivals } => flow.feedback(
                    arrivals.iter().enumerate().map(|(index, arrival)| {
                        (first.wrapping_add(index as u16), arrival.map(Duration::from_nanos))
                    }),
                    now,
                ),
                Step::Nack { first, count } => {
                    flow.nack((0..count).map(|index| first.wrapping_add(index)), now);
                }
            }
            let left = std::iter::from_fn(|| flow.poll(now)).count();
            prop_assert!(left < 2_000);
            let state = flow.state(now);
            prop_assert!((CONFIG.min_bps..=CONFIG.max_bps).contains(&state.target_bps));
            prop_assert!((0.0..=1.0).contains(&state.loss));
        }
    }
}

#[test]
fn a_request_for_everything_is_answered_within_the_budget() {
    let mut flow = Flow::new(CONFIG);
    let mut now = any_instant();
    for frame in 0..100 {
        for part in 0..10 {
            flow.send(video(frame * 10 + part, u64::from(frame), frame == 0), now);
        }
        now += Duration::from_millis(33);
        while flow.poll(now).is_some() {}
    }
    let mut repairs = 0;
    for _ in 0..100 {
        now += Duration::from_millis(10);
        flow.nack(0..=u16::MAX, now);
        while let Some(transmission) = flow.poll(now) {
            repairs += u32::from(transmission.purpose == Purpose::Repair);
        }
    }
    assert!(repairs < 120, "{repairs}");
}

#[test]
fn feedback_for_packets_that_never_left_changes_nothing() {
    let mut flow = Flow::new(CONFIG);
    let now = any_instant();
    flow.send(video(1, 1, true), now);
    while flow.poll(now).is_some() {}
    let before = flow.state(now);
    assert!(!flow.take_nonsense());
    flow.feedback((1..60_000).map(|number| (number, None)), now);
    flow.feedback((1..60_000).map(|number| (number, Some(Duration::MAX))), now);
    assert_eq!(flow.state(now), before);
    assert!(flow.take_nonsense() && !flow.take_nonsense());
}

#[test]
fn absurd_arrival_times_are_survived() {
    let mut flow = Flow::new(CONFIG);
    let mut now = any_instant();
    for (number, arrival) in [
        Duration::MAX,
        Duration::ZERO,
        Duration::MAX,
        Duration::from_secs(5),
    ]
    .into_iter()
    .enumerate()
    {
        flow.send(video(number as u16, number as u64, number == 0), now);
        while flow.poll(now).is_some() {}
        now += Duration::from_millis(50);
        flow.feedback([(number as u16, Some(arrival))].into_iter(), now);
    }
    assert!(flow.state(now).network_queue < Duration::from_secs(61));
}
