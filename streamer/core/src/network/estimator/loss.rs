//! Whether lost packets mean congestion.
//!
//! A full queue loses packets that would have waited long; a bad radio loses any. So packets are counted
//! apart: those that left when the queue was high, and the others. Loss that is no worse with a queue than
//! without is the link's own, and sending less would not cure it.

use std::collections::VecDeque;

/// Seconds of departures that are counted together.
const PART: f64 = 0.1;
/// Parts that are remembered.
const PARTS: usize = 15;
/// Seconds from which a wait is a queue.
const LEAST_WAIT: f64 = 0.015;
/// Seconds in which the highest wait is forgotten by half.
const PEAK_MEMORY: f64 = 10.0;
/// How much worse the loss has to be with a queue.
const WORSE: f64 = 0.03;
const LEAST_LOST: u32 = 3;
/// Loss beyond this is congestion whatever the queue: some links police without one.
const HEAVY: f64 = 0.12;
const HEAVY_PACKETS: u32 = 50;

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    received: u32,
    lost: u32,
}

impl Counts {
    fn share(self) -> f64 {
        f64::from(self.lost) / f64::from((self.lost + self.received).max(1))
    }

    fn plus(self, other: Self) -> Self {
        Self {
            received: self.received.saturating_add(other.received),
            lost: self.lost.saturating_add(other.lost),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Part {
    start: f64,
    queued: Counts,
    calm: Counts,
}

#[derive(Debug, Default)]
pub(super) struct Loss {
    parts: VecDeque<Part>,
    start: f64,
    /// Of the packet before, in seconds.
    wait: f64,
    highest_wait: f64,
    highest_at: f64,
}

impl Loss {
    /// Packets that left before are no sign of congestion any more.
    pub(super) fn start_after(&mut self, left: f64) {
        self.start = left;
    }

    pub(super) fn received(&mut self, left: f64, wait: f64) {
        let faded = (left - self.highest_at).max(0.0) / PEAK_MEMORY;
        self.highest_wait = (self.highest_wait * (-faded).exp2()).max(wait);
        self.highest_at = left;
        self.wait = wait;
        if let Some(counts) = self.counts(left) {
            counts.received += 1;
        }
    }

    pub(super) fn missing(&mut self, left: f64) {
        if let Some(counts) = self.counts(left) {
            counts.lost += 1;
        }
    }

    /// Takes a loss back.
    pub(super) fn turned_up(&mut self, left: f64) {
        let part = self.parts.iter_mut().find(|part| part.holds(left));
        if let Some(part) = part {
            let counts = if part.calm.lost > 0 {
                &mut part.calm
            } else {
                &mut part.queued
            };
            counts.lost = counts.lost.saturating_sub(1);
        }
    }

    /// The part of the packets that was lost.
    pub(super) fn share(&self) -> f64 {
        self.sum(|part| part.queued.plus(part.calm)).share()
    }

    pub(super) fn is_congestion(&self) -> bool {
        let calm = self.sum(|part| part.calm);
        let queued = self.sum_since_start(|part| part.queued);
        let all = self.sum_since_start(|part| part.queued.plus(part.calm));
        let worse = queued.lost >= LEAST_LOST && queued.share() > 2.0 * calm.share() + WORSE;
        let heavy = all.lost + all.received >= HEAVY_PACKETS && all.share() > HEAVY;
        worse || heavy
    }

    fn sum(&self, of: impl Fn(&Part) -> Counts) -> Counts {
        let all = self.parts.iter();
        all.fold(Counts::default(), |sum, part| sum.plus(of(part)))
    }

    fn sum_since_start(&self, of: impl Fn(&Part) -> Counts) -> Counts {
        let since = self.parts.iter().filter(|part| part.start >= self.start);
        since.fold(Counts::default(), |sum, part| sum.plus(of(part)))
    }

    fn counts(&mut self, left: f64) -> Option<&mut Counts> {
        let queued = self.wait > LEAST_WAIT.max(self.highest_wait / 2.0);
        let newest = self
            .parts
            .back()
            .map_or(f64::NEG_INFINITY, |part| part.start);
        if left >= newest + PART {
            self.parts.push_back(Part {
                start: left,
                queued: Counts::default(),
                calm: Counts::default(),
            });
            let oldest = left - PART * PARTS as f64;
            self.parts.retain(|part| part.start >= oldest);
        }
        let part = self.parts.iter_mut().rev().find(|part| part.holds(left))?;
        Some(if queued {
            &mut part.queued
        } else {
            &mut part.calm
        })
    }
}

impl Part {
    fn holds(&self, left: f64) -> bool {
        left >= self.start && left < self.start + PART
    }
}
