//! RTCP of a browser, as the streamer's congestion control gets it: between frames that leave, compound
//! packets of which each begins with its length and the milliseconds before it.
#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use rtc::rtcp::{
    packet::unmarshal,
    transport_feedbacks::{
        transport_layer_cc::TransportLayerCc, transport_layer_nack::TransportLayerNack,
    },
};
use streamspace_streamer_core::network::{Content, Flow, FlowConfig, Outgoing};

#[path = "../../streamer/src/transport/reports.rs"]
mod reports;

const CONFIG: FlowConfig = FlowConfig {
    start_bps: 3_000_000,
    min_bps: 150_000,
    max_bps: 30_000_000,
};
const PACKETS_A_FRAME: u16 = 6;

fn send_frame(flow: &mut Flow<u16>, frame: u16, now: Instant) {
    for part in 0..PACKETS_A_FRAME {
        let number = frame.wrapping_mul(PACKETS_A_FRAME).wrapping_add(part);
        let content = Content::Video {
            frame: frame.into(),
            keyframe: frame % 8 == 0,
        };
        let packet = Outgoing {
            content,
            sequence_number: number,
            bytes: 1_200,
            packet: number,
        };
        flow.send(packet, now);
    }
}

fn hear(flow: &mut Flow<u16>, mut compound: &[u8], now: Instant) {
    let Ok(packets) = unmarshal(&mut compound) else {
        return;
    };
    for packet in packets {
        let packet = packet.as_any();
        if let Some(feedback) = packet.downcast_ref::<TransportLayerCc>() {
            flow.feedback(reports::reports(feedback), now);
        } else if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
            flow.nack(nack.nacks.iter().flat_map(|pair| *pair), now);
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut flow = Flow::new(CONFIG);
    let mut now = Instant::now();
    let mut rest = bytes;
    for frame in 0.. {
        let [length, milliseconds, tail @ ..] = rest else {
            return;
        };
        send_frame(&mut flow, frame, now);
        now += Duration::from_millis((*milliseconds).into());
        let (compound, tail) = tail.split_at(tail.len().min(4 * usize::from(*length)));
        hear(&mut flow, compound, now);
        let leaving = std::iter::from_fn(|| flow.poll(now)).count();
        assert!(leaving < 2_000, "{leaving}");
        let state = flow.state(now);
        assert!((CONFIG.min_bps..=CONFIG.max_bps).contains(&state.target_bps));
        assert!((0.0..=1.0).contains(&state.loss));
        rest = tail;
    }
});
