//! Video packets that can be sent again, and those that are to be.
//!
//! A packet is sent again when the receiver asks for it (NACK, RFC 4585), at most once a round trip, within
//! a budget, and only while its frame is still of use. One case needs no asking: when the very last packet
//! before a pause is lost the receiver sees no gap, so it is sent again until it is acknowledged.

mod recent;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use recent::Recent;
pub(super) use recent::Sent;

/// Of the estimate, for repairs.
const SHARE: f64 = 0.3;
/// Budget that may be saved up.
const SAVED: Duration = Duration::from_millis(300);
/// The least that can be saved up: low estimates still repair a whole frame.
const SAVED_BYTES: f64 = 12_000.0;
/// Between two repairs of a packet while the round trip is unknown.
const COOL_DOWN: Duration = Duration::from_millis(100);
const SHORTEST_COOL_DOWN: Duration = Duration::from_millis(10);
/// Sequence numbers looked at in one request; a frame has far fewer packets.
const MOST_ASKED: usize = 1_024;
/// Receivers report after at most this long; so long past the round trip, no news means lost.
const REPORT_DELAY: Duration = Duration::from_millis(120);
/// How often the last packet before a pause is sent again on suspicion.
const MOST_SUSPICIONS: u32 = 3;
/// Packets of less than this say little about a link.
const PADDING_BYTES: usize = 200;

#[derive(Debug)]
pub(super) struct Repair<P> {
    recent: Recent<P>,
    /// Positions in `recent`, in the order asked for.
    asked: VecDeque<u64>,
    budget_bytes: f64,
    refilled_at: Option<Instant>,
    tail: Option<Tail>,
    /// The newest keyframe that began to leave: what is before it is of no use any more.
    keyframe: Option<u64>,
}

/// The last video packet that left, as long as it is not acknowledged.
#[derive(Debug)]
struct Tail {
    position: u64,
    left_at: Instant,
    suspicions: u32,
}

impl<P: Clone> Repair<P> {
    pub(super) fn new() -> Self {
        Self {
            recent: Recent::new(),
            asked: VecDeque::new(),
            budget_bytes: SAVED_BYTES,
            refilled_at: None,
            tail: None,
            keyframe: None,
        }
    }

    /// Remembers a packet that leaves for the first time.
    pub(super) fn left(&mut self, packet: Sent<P>, now: Instant) {
        if packet.keyframe {
            self.keyframe = self.keyframe.max(Some(packet.frame));
        }
        let position = self.recent.push(packet, now);
        self.tail = Some(Tail {
            position,
            left_at: now,
            suspicions: 0,
        });
    }

    /// The receiver has this packet.
    pub(super) fn received(&mut self, sequence_number: u16) {
        let Some(position) = self.recent.find(sequence_number) else {
            return;
        };
        if let Some(sent) = self.recent.get_mut(position) {
            sent.received = true;
        }
        if self
            .tail
            .as_ref()
            .is_some_and(|tail| tail.position == position)
        {
            self.tail = None;
        }
    }

    /// The receiver misses these packets.
    pub(super) fn ask(
        &mut self,
        sequence_numbers: impl Iterator<Item = u16>,
        round_trip: Option<Duration>,
        now: Instant,
    ) {
        for sequence_number in sequence_numbers.take(MOST_ASKED) {
            if let Some(position) = self.recent.find(sequence_number) {
                self.ask_one(position, round_trip, now);
            }
        }
    }

    fn ask_one(&mut self, position: u64, round_trip: Option<Duration>, now: Instant) {
        let keyframe = self.keyframe;
        let cool_down = round_trip.unwrap_or(COOL_DOWN).max(SHORTEST_COOL_DOWN);
        let Some(sent) = self.recent.get_mut(position) else {
            return;
        };
        let cooling = sent
            .repaired_at
            .is_some_and(|at| now.saturating_duration_since(at) < cool_down);
        if sent.asked || cooling || !sent.is_of_use(keyframe, now) {
            return;
        }
        sent.asked = true;
        self.asked.push_back(position);
    }

    /// The next packet to send again, if the budget allows it.
    pub(super) fn pop(&mut self, estimate_bps: f64, now: Instant) -> Option<Sent<P>> {
        self.refill(estimate_bps, now);
        while let Some(&position) = self.asked.front() {
            let keyframe = self.keyframe;
            let Some(sent) = self.recent.get_mut(position) else {
                self.asked.pop_front();
                continue;
            };
            sent.asked = false;
            self.asked.pop_front();
            // Whatever the budget can't pay for is forgotten: a receiver asks again.
            if sent.is_of_use(keyframe, now) && sent.bytes as f64 <= self.budget_bytes {
                sent.repaired_at = Some(now);
                self.budget_bytes -= sent.bytes as f64;
                return Some(sent.clone());
            }
        }
        None
    }

    pub(super) fn is_asked(&self) -> bool {
        !self.asked.is_empty()
    }

    /// When the last packet that left is to be suspected lost.
    pub(super) fn suspects_at(&self, round_trip: Option<Duration>) -> Option<Instant> {
        let tail = self.tail.as_ref()?;
        let patience = round_trip.unwrap_or(COOL_DOWN) + REPORT_DELAY;
        Some(tail.left_at + patience * 2_u32.pow(tail.suspicions))
    }

    /// Asks for the last packet that left if nothing was heard of it.
    pub(super) fn suspect(&mut self, round_trip: Option<Duration>, now: Instant) {
        if self.suspects_at(round_trip).is_none_or(|at| now < at) {
            return;
        }
        let Some(tail) = &mut self.tail else {
            return;
        };
        tail.left_at = now;
        tail.suspicions += 1;
        let position = tail.position;
        if tail.suspicions == MOST_SUSPICIONS {
            self.tail = None;
        }
        self.ask_one(position, round_trip, now);
    }

    /// A recent packet to send once more as padding.
    pub(super) fn padding(&self) -> Option<Sent<P>> {
        self.recent.newest_of(PADDING_BYTES).cloned()
    }

    fn refill(&mut self, estimate_bps: f64, now: Instant) {
        let passed = self
            .refilled_at
            .map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.refilled_at = Some(now);
        let rate = estimate_bps / 8.0 * SHARE;
        let most = (rate * SAVED.as_secs_f64()).max(SAVED_BYTES);
        self.budget_bytes = (self.budget_bytes + rate * passed.as_secs_f64()).min(most);
    }
}
