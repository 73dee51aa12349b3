//! How long packets wait on the way, and whether that grows.
//!
//! The clocks of the two ends are unrelated, so a packet's delay means something only against the least
//! delay seen lately, which is taken as that of an empty path. What counts is the *least* wait of the last
//! few packets: jitter and the sender's own bursts make some packets late, a standing queue makes all late.

use std::collections::VecDeque;

use super::Arrival;

/// Seconds of arrivals whose least wait is the queue.
const STANDING: f64 = 0.060;
/// But at least that many packets.
const STANDING_PACKETS: usize = 5;
/// Seconds of arrivals whose trend counts.
const TREND: f64 = 0.3;
/// Seconds over which the least delay is that of the empty path: long enough that our own cuts empty the
/// queue in between, short enough that a new route or drifting clocks are learned.
const PATH_MEMORY: f64 = 15.0;
const MOST_PACKETS: usize = 2_048;
/// A delay that differs by that many seconds from the last one is another clock.
const JUMP: f64 = 10.0;
/// Cuts without any effect on the queue, until it is taken as not ours.
const FUTILE_CUTS: u32 = 2;
/// The part by which such a queue sways without a reason of ours.
const SWAY: f64 = 0.1;
/// Seconds in which the tolerance for a queue that is not ours falls to a third.
const TOLERANCE_MEMORY: f64 = 10.0;

#[derive(Debug, Clone, Copy)]
struct Wait {
    left: f64,
    received: f64,
    delay: f64,
    train: u64,
}

#[derive(Debug)]
pub(super) struct Trend {
    waits: VecDeque<Wait>,
    path: Lowest,
    futile_cuts: u32,
    /// Seconds of queue that don't shrink when we send less: somebody else's.
    tolerated: f64,
    tolerated_at: f64,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            waits: VecDeque::new(),
            path: Lowest::over(PATH_MEMORY),
            futile_cuts: 0,
            tolerated: 0.0,
            tolerated_at: 0.0,
        }
    }
}

impl Trend {
    /// Whether the receiver's clock was set, or it reports nonsense.
    pub(super) fn is_jump(&self, arrival: &Arrival) -> bool {
        let delay = arrival.received - arrival.left;
        self.waits
            .back()
            .is_some_and(|last| (delay - last.delay).abs() > JUMP)
    }

    /// Takes in a packet and says how long it waited, in seconds.
    pub(super) fn add(&mut self, arrival: &Arrival) -> f64 {
        let delay = arrival.received - arrival.left;
        self.path.add(arrival.left, delay);
        self.waits.push_back(Wait {
            left: arrival.left,
            received: arrival.received,
            delay,
            train: arrival.train,
        });
        let oldest = arrival.received - TREND;
        while self.waits.len() > MOST_PACKETS
            || self.waits.len() > STANDING_PACKETS
                && self
                    .waits
                    .front()
                    .is_some_and(|wait| wait.received < oldest)
        {
            self.waits.pop_front();
        }
        if self.tolerated > 0.0 {
            self.fade_tolerance(arrival.left);
        }
        delay - self.empty_path()
    }

    /// Seconds that even the luckiest of the last packets waited, beyond what is tolerated.
    pub(super) fn queue(&self) -> f64 {
        (self.least_wait() - self.tolerated * (1.0 + SWAY)).max(0.0)
    }

    /// When the oldest of the packets that [`Self::queue`] looks at left.
    pub(super) fn oldest_left(&self) -> Option<f64> {
        self.standing().map(|wait| wait.left).reduce(f64::min)
    }

    /// How fast the wait grows from train to train, in seconds a second.
    pub(super) fn slope(&self) -> f64 {
        let mut firsts: Vec<(f64, f64)> = Vec::new();
        let mut train = None;
        for wait in &self.waits {
            if train != Some(wait.train) {
                firsts.push((wait.received, wait.delay));
            }
            train = Some(wait.train);
        }
        if firsts.len() < 3 {
            return 0.0;
        }
        slope(&firsts)
    }

    /// Learns from a cut: a queue that stood before it and stands as high after it, again and again, is
    /// somebody else's and tolerated from now on. Says whether it is.
    pub(super) fn judge(&mut self, before: f64, after: f64) -> bool {
        if after < before * 0.8 {
            self.futile_cuts = 0;
            return false;
        }
        self.futile_cuts += 1;
        let foreign = self.futile_cuts >= FUTILE_CUTS;
        if foreign {
            self.futile_cuts = 0;
            self.tolerated += after;
            self.tolerated_at = self.waits.back().map_or(0.0, |wait| wait.left);
        }
        foreign
    }

    /// The queue is gone: the cuts so far were not in vain.
    pub(super) fn emptied(&mut self) {
        self.futile_cuts = 0;
    }

    /// What is tolerated follows somebody else's queue down, slowly, since it comes back.
    fn fade_tolerance(&mut self, now: f64) {
        let excess = (self.tolerated - self.least_wait()).max(0.0);
        let part = (now - self.tolerated_at).max(0.0) / TOLERANCE_MEMORY;
        self.tolerated -= excess * (1.0 - (-part).exp());
        self.tolerated_at = now;
    }

    fn least_wait(&self) -> f64 {
        let least = self.standing().map(|wait| wait.delay).reduce(f64::min);
        least.map_or(0.0, |least| least - self.empty_path())
    }

    /// Whether somebody else's queue is longer than that many seconds.
    pub(super) fn tolerates(&self, seconds: f64) -> bool {
        self.tolerated > seconds
    }

    fn empty_path(&self) -> f64 {
        self.path.get().unwrap_or(0.0)
    }

    fn standing(&self) -> impl Iterator<Item = &Wait> {
        let newest = self.waits.back().map_or(0.0, |wait| wait.received);
        self.waits
            .iter()
            .rev()
            .enumerate()
            .take_while(move |(index, wait)| {
                *index < STANDING_PACKETS || wait.received > newest - STANDING
            })
            .map(|(_, wait)| wait)
    }
}

/// Least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let shared: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    if spread > 1e-9 { shared / spread } else { 0.0 }
}

/// The lowest of the values of the last seconds.
#[derive(Debug)]
pub(super) struct Lowest {
    seconds: f64,
    /// The lowest value of each eighth of the time, oldest first.
    parts: VecDeque<(f64, f64)>,
}

impl Lowest {
    pub(super) fn over(seconds: f64) -> Self {
        Self {
            seconds,
            parts: VecDeque::new(),
        }
    }

    pub(super) fn add(&mut self, at: f64, value: f64) {
        let fits = |&(start, _): &(f64, f64)| (at - start).abs() < self.seconds / 8.0;
        match self.parts.back_mut().filter(|part| fits(part)) {
            Some((_, lowest)) => *lowest = lowest.min(value),
            None => self.parts.push_back((at, value)),
        }
        while self.parts.len() > 9
            || self
                .parts
                .front()
                .is_some_and(|(start, _)| at - start > self.seconds)
        {
            self.parts.pop_front();
        }
    }

    pub(super) fn get(&self) -> Option<f64> {
        self.parts.iter().map(|&(_, value)| value).reduce(f64::min)
    }
}
