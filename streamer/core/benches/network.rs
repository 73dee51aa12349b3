//! What a packet costs on its way through a flow.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use streamspace_streamer_core::network::{Content, Flow, FlowConfig, Outgoing};

const FRAMES: u64 = 300;
/// At a frame each 33 ms: 11.6 Mb/s.
const PACKETS: u64 = 40;

fn flow() -> Flow<u64> {
    Flow::new(FlowConfig {
        start_bps: 20_000_000,
        min_bps: 200_000,
        max_bps: 50_000_000,
    })
}

fn send_frame(flow: &mut Flow<u64>, frame: u64, now: Instant) {
    for part in 0..PACKETS {
        let number = frame * PACKETS + part;
        let packet = Outgoing {
            content: Content::Video {
                frame,
                keyframe: frame == 0,
                last: part + 1 == PACKETS,
            },
            sequence_number: number as u16,
            bytes: 1_200,
            packet: number,
        };
        flow.send(packet, now);
    }
}

/// Lets everything leave that may, a millisecond at a time.
fn leave(flow: &mut Flow<u64>, mut now: Instant) -> Instant {
    for _ in 0..33 {
        while let Some(transmission) = flow.poll(now) {
            black_box(transmission);
        }
        now += Duration::from_millis(1);
    }
    now
}

fn pace(flow: &mut Flow<u64>, start: Instant) {
    let mut now = start;
    for frame in 0..FRAMES {
        send_frame(flow, frame, now);
        now = leave(flow, now);
    }
}

fn pace_and_estimate(flow: &mut Flow<u64>, start: Instant) {
    let mut now = start;
    let mut number = 0_u64;
    for frame in 0..FRAMES {
        send_frame(flow, frame, now);
        now = leave(flow, now);
        let arrived = (now - start) + Duration::from_millis(20);
        let reports = (0..PACKETS).map(|part| {
            let arrival = arrived + Duration::from_micros(part * 300);
            ((number + part) as u16, Some(arrival))
        });
        flow.feedback(reports, now);
        number += PACKETS;
        black_box(flow.state(now));
    }
}

fn network(criterion: &mut Criterion) {
    #[expect(
        clippy::disallowed_methods,
        reason = "any instant will do to count from"
    )]
    let start = Instant::now();
    let mut group = criterion.benchmark_group("network");
    group.throughput(Throughput::Elements(FRAMES * PACKETS));
    group.sample_size(20);
    group.bench_function("pace", |bencher| {
        bencher.iter_batched_ref(flow, |flow| pace(flow, start), BatchSize::LargeInput);
    });
    group.bench_function("pace and estimate", |bencher| {
        bencher.iter_batched_ref(
            flow,
            |flow| pace_and_estimate(flow, start),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, network);
criterion_main!(benches);
