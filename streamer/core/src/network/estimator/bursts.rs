//! What bursts say of the link: packets that left back to back, faster than the estimate, and how far
//! apart they arrived. One burst says little on a link with jitter; their sum over half a second does.

use std::collections::VecDeque;

use super::Arrival;

/// Seconds that bursts count for.
const MEMORY: f64 = 0.5;
const MOST_TRAINS: usize = 64;
/// What has to be seen before it says something: packets that followed another one in their burst.
const LEAST_FOLLOWERS: usize = 6;
/// A burst that arrives in less than this part of the time it took to leave was held up as a whole, by a
/// receiver that did not look or a radio that gathers packets: it says nothing.
const GATHERED: f64 = 0.5;
/// Bursts that arrive at less than this part of the rate they left at were held up by the link.
const HELD_UP: f64 = 0.8;

/// What the link has room for, in bits a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Room {
    Unknown,
    /// Bursts arrived as they left.
    AtLeast(f64),
    /// Bursts arrived slower than they left: at the link's own rate.
    Exactly(f64),
}

#[derive(Debug, Clone, Copy)]
struct Train {
    train: u64,
    first: Arrival,
    last: Arrival,
    followers: usize,
    /// Of the packets after the first.
    bytes: usize,
}

#[derive(Debug, Default)]
pub(super) struct Bursts {
    trains: VecDeque<Train>,
    start: f64,
}

impl Bursts {
    /// Forgets all that left before.
    pub(super) fn start_after(&mut self, left: f64) {
        self.start = left;
        self.trains.clear();
    }

    pub(super) fn add(&mut self, arrival: &Arrival) {
        if arrival.left < self.start {
            return;
        }
        let known = self.trains.iter_mut().rev();
        match known.take(4).find(|train| train.train == arrival.train) {
            Some(train) if train.last.number < arrival.number => {
                train.last = *arrival;
                train.followers += 1;
                train.bytes += arrival.bytes;
            }
            // It came late: the burst's ends are known already.
            Some(_) => {}
            None => self.trains.push_back(Train {
                train: arrival.train,
                first: *arrival,
                last: *arrival,
                followers: 0,
                bytes: 0,
            }),
        }
        let oldest = arrival.left - MEMORY;
        while self.trains.len() > MOST_TRAINS
            || self
                .trains
                .front()
                .is_some_and(|train| train.last.left < oldest)
        {
            self.trains.pop_front();
        }
    }

    pub(super) fn room(&self) -> Room {
        let telling = || self.trains.iter().filter(|train| !train.was_gathered());
        let followers: usize = telling().map(|train| train.followers).sum();
        if followers < LEAST_FOLLOWERS {
            return Room::Unknown;
        }
        let bits = telling().map(|train| train.bytes).sum::<usize>() as f64 * 8.0;
        let left: f64 = telling().map(Train::seconds_leaving).sum();
        let arriving: f64 = telling().map(Train::seconds_arriving).sum();
        if left <= 0.0 {
            return Room::Unknown;
        }
        if arriving * HELD_UP > left {
            Room::Exactly(bits / arriving)
        } else {
            Room::AtLeast(bits / left.max(arriving))
        }
    }
}

impl Train {
    fn seconds_leaving(&self) -> f64 {
        self.last.left - self.first.left
    }

    fn was_gathered(&self) -> bool {
        self.seconds_arriving() < self.seconds_leaving() * GATHERED
    }

    fn seconds_arriving(&self) -> f64 {
        self.last.received - self.first.received
    }
}
