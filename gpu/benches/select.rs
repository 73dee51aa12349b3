//! What choosing an encoder costs, which is done at a session's start and whenever one fails.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use streamspace_gpu::{Capabilities, Encoder, Health, Policy, Trial, select};

fn selection(criterion: &mut Criterion) {
    let works = |encoder| {
        let trial = Trial {
            latency: Duration::from_millis(3),
            processor: Duration::from_millis(4),
        };
        (encoder, Health::Works(trial))
    };
    let capabilities: Capabilities = Encoder::ALL.into_iter().map(works).collect();
    for (name, policy) in [
        ("auto", Policy::Automatic),
        ("lowest latency", Policy::LowestLatency),
    ] {
        criterion.bench_function(&format!("select/{name}"), |bencher| {
            bencher.iter(|| select(black_box(&capabilities), policy));
        });
    }
}

criterion_group!(benches, selection);
criterion_main!(benches);
