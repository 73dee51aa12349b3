//! How much arrives, and how much leaves.

use std::collections::VecDeque;

use super::Arrival;

/// Seconds of arrivals that the rate is taken over.
const WINDOW: f64 = 0.4;
/// Seconds of arrivals that tell what a busy link carries: short, since it may just have changed.
const BUSY: f64 = 0.15;
/// What a busy link carries is known from at least this many packets over that many seconds.
const BUSY_PACKETS: usize = 4;
const BUSY_LEAST: f64 = 0.02;
const MOST_PACKETS: usize = 4_096;
/// The part of the busy time that one pause takes, and how much more than its packet's part of the bytes,
/// if it was the receiver that paused.
const PAUSE_SHARE: f64 = 0.6;
const PAUSE_EXCESS: f64 = 2.5;

#[derive(Debug, Clone, Copy)]
struct Received {
    at: f64,
    bytes: usize,
    /// Seconds since the arrival before it.
    gap: f64,
    /// Seconds it waited on the way.
    wait: f64,
}

#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    received: VecDeque<Received>,
    bytes: usize,
}

impl Acknowledged {
    pub(super) fn add(&mut self, arrival: &Arrival, wait: f64) {
        let last = self
            .received
            .back()
            .map_or(arrival.received, |last| last.at);
        let at = arrival.received.max(last);
        self.bytes += arrival.bytes;
        self.received.push_back(Received {
            at,
            bytes: arrival.bytes,
            gap: at - last,
            wait,
        });
        while self.received.len() > MOST_PACKETS
            || self
                .received
                .front()
                .is_some_and(|first| at - first.at > WINDOW)
        {
            self.bytes -= self.received.pop_front().map_or(0, |first| first.bytes);
        }
    }

    /// What arrived lately, in bits a second.
    pub(super) fn rate_bps(&self) -> f64 {
        self.bytes as f64 * 8.0 / WINDOW
    }

    /// What the link carried while it had packets of ours waiting, in bits a second: a packet that waited
    /// longer than since the arrival before it was behind that one all the time.
    pub(super) fn busy_bps(&self) -> Option<f64> {
        let (mut packets, mut bytes, mut seconds) = (0, 0, 0.0);
        for received in self.busy() {
            packets += 1;
            bytes += received.bytes;
            seconds += received.gap;
        }
        let known = packets >= BUSY_PACKETS && seconds >= BUSY_LEAST;
        known.then(|| bytes as f64 * 8.0 / seconds)
    }

    /// Whether nothing arrived for a while, and then much at once: a receiver that did not look, or a radio
    /// that was silent. A link that is too narrow spreads packets evenly.
    pub(super) fn is_gathered(&self) -> bool {
        let (mut bytes, mut seconds) = (0, 0.0);
        let mut pause = (0.0, 0);
        for received in self.busy() {
            bytes += received.bytes;
            seconds += received.gap;
            if received.gap > pause.0 {
                pause = (received.gap, received.bytes);
            }
        }
        let (pause, after) = pause;
        let share = pause / seconds;
        seconds >= BUSY_LEAST
            && share > PAUSE_SHARE
            && share > PAUSE_EXCESS * after as f64 / bytes.max(1) as f64
    }

    fn busy(&self) -> impl Iterator<Item = &Received> {
        let newest = self.received.back().map_or(0.0, |newest| newest.at);
        let recent = self.received.iter().rev();
        recent
            .take_while(move |received| newest - received.at < BUSY)
            .filter(|received| received.gap <= received.wait)
    }
}

/// A rate that fades.
#[derive(Debug, Default)]
pub(super) struct Meter {
    bps: f64,
    at: f64,
}

impl Meter {
    const MEMORY: f64 = 0.3;

    pub(super) fn add(&mut self, bytes: usize, now: f64) {
        self.bps = self.rate_bps(now) + bytes as f64 * 8.0 / Self::MEMORY;
        self.at = self.at.max(now);
    }

    pub(super) fn rate_bps(&self, now: f64) -> f64 {
        self.bps * (-(now - self.at).max(0.0) / Self::MEMORY).exp()
    }
}
