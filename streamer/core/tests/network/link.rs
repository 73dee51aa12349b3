//! A bottleneck: a rate that may change, a drop-tail queue, and a path with loss, jitter and reordering.

use std::collections::VecDeque;
use std::time::Duration;

use crate::random::Random;

/// How packets get lost besides in a full queue.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Losses {
    None,
    Random(f64),
    /// Gilbert's model: the chance a packet to enter a bad spell, and to leave it. In it all is lost.
    Bursts {
        enter: f64,
        leave: f64,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct LinkConfig {
    /// From when on the link carries how many bits a second; the first is from the start.
    pub(crate) rates: Vec<(Duration, f64)>,
    pub(crate) propagation: Duration,
    /// How long the queue is at the first rate.
    pub(crate) queue: Duration,
    pub(crate) losses: Losses,
    /// Up to this much more delay, different for each packet, in order.
    pub(crate) jitter: Duration,
    /// The chance of a packet to be overtaken, by as much as 10 ms of others.
    pub(crate) reordering: f64,
    /// How often, and for how long, the receiver does not look: then all arrives at once.
    pub(crate) stalls: Option<(Duration, Duration)>,
}

impl LinkConfig {
    pub(crate) fn of(bps: f64, propagation_ms: u64) -> Self {
        Self {
            rates: vec![(Duration::ZERO, bps)],
            propagation: Duration::from_millis(propagation_ms),
            queue: Duration::from_millis(200),
            losses: Losses::None,
            jitter: Duration::ZERO,
            reordering: 0.0,
            stalls: None,
        }
    }

    pub(crate) fn then(mut self, at_s: u64, bps: f64) -> Self {
        self.rates.push((Duration::from_secs(at_s), bps));
        self
    }

    /// When the receiver sees what comes then: after a stall one thing after the other, quickly.
    pub(crate) fn seen(&self, at: Duration) -> Duration {
        let Some((interval, length)) = self.stalls else {
            return at;
        };
        let into = Duration::from_secs_f64(at.as_secs_f64() % interval.as_secs_f64());
        if into >= length {
            return at;
        }
        let after = Duration::from_millis(2).mul_f64(into.as_secs_f64() / length.as_secs_f64());
        at - into + length + after
    }

    pub(crate) fn rate_at(&self, at: Duration) -> f64 {
        let begun = self.rates.iter().rev().find(|(from, _)| *from <= at);
        begun.map_or(self.rates[0].1, |(_, bps)| *bps)
    }
}

#[derive(Debug)]
pub(crate) struct Link {
    config: LinkConfig,
    random: Random,
    /// When each packet in the queue is through, and its bytes.
    queued: VecDeque<(Duration, usize)>,
    waiting_bytes: usize,
    last_arrival: Duration,
    in_bad_spell: bool,
}

impl Link {
    pub(crate) fn new(config: LinkConfig, seed: u64) -> Self {
        Self {
            config,
            random: Random::seeded(seed),
            queued: VecDeque::new(),
            waiting_bytes: 0,
            last_arrival: Duration::ZERO,
            in_bad_spell: false,
        }
    }

    /// When the packet arrives at the other end; `None` if it is lost.
    pub(crate) fn carry(&mut self, bytes: usize, now: Duration) -> Option<Duration> {
        while let Some((_, gone)) = self.queued.pop_front_if(|(through, _)| *through <= now) {
            self.waiting_bytes -= gone;
        }
        let room = self.config.rates[0].1 / 8.0 * self.config.queue.as_secs_f64();
        if (self.waiting_bytes + bytes) as f64 > room.max(3_000.0) {
            return None;
        }
        let start = self.queued.back().map_or(now, |(through, _)| *through);
        let through = self.served(start, bytes);
        self.queued.push_back((through, bytes));
        self.waiting_bytes += bytes;
        if self.is_lost() {
            return None;
        }
        Some(self.arrival(through))
    }

    /// How long a packet that comes now waits.
    pub(crate) fn wait(&self, now: Duration) -> Duration {
        let last = self.queued.back().map_or(now, |(through, _)| *through);
        last.saturating_sub(now)
    }

    fn served(&self, start: Duration, bytes: usize) -> Duration {
        let mut at = start;
        let mut bits = bytes as f64 * 8.0;
        for (change, _) in &self.config.rates {
            if *change <= at {
                continue;
            }
            let possible = self.config.rate_at(at) * (*change - at).as_secs_f64();
            if possible >= bits {
                break;
            }
            bits -= possible;
            at = *change;
        }
        at + Duration::from_secs_f64(bits / self.config.rate_at(at))
    }

    fn is_lost(&mut self) -> bool {
        match self.config.losses {
            Losses::None => false,
            Losses::Random(share) => self.random.chance(share),
            Losses::Bursts { enter, leave } => {
                let flips = self
                    .random
                    .chance(if self.in_bad_spell { leave } else { enter });
                self.in_bad_spell ^= flips;
                self.in_bad_spell
            }
        }
    }

    fn arrival(&mut self, through: Duration) -> Duration {
        let jitter = self.config.jitter.mul_f64(self.random.share());
        let arrival = through + self.config.propagation + jitter;
        if self.random.chance(self.config.reordering) {
            return arrival + Duration::from_secs_f64(self.random.between(0.0, 0.01));
        }
        self.last_arrival = self.last_arrival.max(self.config.seen(arrival));
        self.last_arrival
    }
}
