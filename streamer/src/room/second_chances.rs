//! When encoders that have failed are tried again.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use streamspace_gpu::Encoder;

/// How long after each of its failures an encoder is tried again; after the last one it is not. Sessions
/// of others end, drivers are reset: but each way back costs viewers a keyframe.
pub(super) const WAITS: [Duration; 3] = [
    Duration::from_secs(60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(60 * 60),
];

/// The encoders that have failed in this session.
#[derive(Debug, Default)]
pub(super) struct SecondChances(BTreeMap<Encoder, Failures>);

#[derive(Debug, Default)]
struct Failures {
    count: usize,
    /// Never, or just now, if there is no time.
    retry: Option<Instant>,
}

impl SecondChances {
    pub(super) fn failed(&mut self, encoder: Encoder, now: Instant) {
        let failures = self.0.entry(encoder).or_default();
        let wait = WAITS.get(failures.count);
        failures.retry = wait.and_then(|&wait| now.checked_add(wait));
        failures.count += 1;
    }

    /// When the next is to be tried.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.values().filter_map(|failures| failures.retry).min()
    }

    /// Those to try now, each named once.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Encoder> {
        let is_due = |failures: &Failures| failures.retry.is_some_and(|retry| retry <= now);
        let due = self.0.iter_mut().filter(|(_, failures)| is_due(failures));
        due.map(|(&encoder, failures)| {
            failures.retry = None;
            encoder
        })
        .collect()
    }
}
