//! One direction of a link: packets leave at a rate, after a queue of bounded length, later by a
//! delay, and some never. A pure function of its input, its seed and the time that it is given.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::random::Random;

/// What a link is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    pub rate_bps: f64,
    /// One way, beside the time in the queue.
    pub delay: Duration,
    /// From 0 to 1, each packet on its own.
    pub loss: f64,
    /// A packet that would wait longer than this is dropped (drop-tail).
    pub queue: Duration,
}

/// What has become of the packets so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub sent_bytes: u64,
    pub lost_packets: u64,
    pub dropped_packets: u64,
}

/// The packets under way in one direction.
#[derive(Debug)]
pub struct Shaper {
    random: Random,
    /// When the last packet that was let in will have left the queue.
    free_at: Option<Instant>,
    under_way: VecDeque<(Instant, Vec<u8>)>,
    counts: Counts,
}

impl Shaper {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            free_at: None,
            under_way: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    /// A packet arrives at the link. The queue's length bounds how many are under way.
    pub fn push(&mut self, now: Instant, packet: Vec<u8>, conditions: &Conditions) {
        let free_at = self.free_at.map_or(now, |at| at.max(now));
        if free_at - now > conditions.queue {
            self.counts.dropped_packets += 1;
            return;
        }
        #[allow(clippy::cast_precision_loss)] // packets are small
        let bits = packet.len() as f64 * 8.0;
        let sent_at = free_at + Duration::from_secs_f64(bits / conditions.rate_bps);
        self.free_at = Some(sent_at);
        if self.random.fraction() < conditions.loss {
            self.counts.lost_packets += 1;
            return;
        }
        self.counts.sent_bytes += packet.len() as u64;
        self.under_way
            .push_back((sent_at + conditions.delay, packet));
    }

    /// The next packet that has arrived by now.
    pub fn pop(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.under_way
            .pop_front_if(|(at, _)| *at <= now)
            .map(|(_, packet)| packet)
    }

    /// When the next packet arrives.
    #[must_use]
    pub fn next_at(&self) -> Option<Instant> {
        self.under_way.front().map(|(at, _)| *at)
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::{Conditions, Shaper};
    use std::time::{Duration, Instant};

    const LINK: Conditions = Conditions {
        rate_bps: 1_000_000.0,
        delay: Duration::from_millis(50),
        loss: 0.0,
        queue: Duration::from_millis(100),
    };
    /// Takes 10 ms at the rate of `LINK`.
    const PACKET: usize = 1250;

    #[test]
    fn packets_arrive_in_order_at_the_rate_of_the_link() {
        let (mut shaper, start) = (Shaper::new(1), Instant::now());
        for number in 0..3 {
            shaper.push(start, vec![number; PACKET], &LINK);
        }
        for (number, ms) in [(0, 60), (1, 70), (2, 80)] {
            let at = shaper.next_at().expect("a packet is under way");
            assert_eq!((at - start).as_millis(), ms);
            assert_eq!(shaper.pop(at - Duration::from_micros(1)), None);
            assert_eq!(shaper.pop(at).map(|packet| packet[0]), Some(number));
        }
    }

    #[test]
    fn a_full_queue_drops_what_comes_last() {
        let (mut shaper, start) = (Shaper::new(1), Instant::now());
        for _ in 0..100 {
            shaper.push(start, vec![0; PACKET], &LINK);
        }
        assert_eq!(shaper.counts().dropped_packets, 89);
        shaper.push(start + Duration::from_secs(1), vec![0; PACKET], &LINK);
        assert_eq!(shaper.counts().dropped_packets, 89);
    }

    #[test]
    fn loss_is_near_its_probability_and_the_same_for_a_seed() {
        let lost = |seed| {
            let (mut shaper, mut now) = (Shaper::new(seed), Instant::now());
            for _ in 0..10_000 {
                now += Duration::from_secs(1);
                shaper.push(now, vec![0; PACKET], &Conditions { loss: 0.02, ..LINK });
            }
            shaper.counts().lost_packets
        };
        assert!((150..250).contains(&lost(1)), "{}", lost(1));
        assert_eq!(lost(1), lost(1));
        assert_ne!(lost(1), lost(2));
    }

    #[test]
    fn a_change_of_rate_holds_for_what_comes_after_it() {
        let (mut shaper, start) = (Shaper::new(1), Instant::now());
        shaper.push(start, vec![0; PACKET], &LINK);
        let slow = Conditions {
            rate_bps: 100_000.0,
            ..LINK
        };
        shaper.push(start, vec![1; PACKET], &slow);
        shaper.pop(start + Duration::from_secs(1));
        let at = shaper.next_at().expect("the second packet is under way");
        assert_eq!((at - start).as_millis(), 160);
    }
}
