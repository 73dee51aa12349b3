//! Video packets that can be sent again, and those that are to be.
//!
//! A packet is sent again when the receiver asks for it (NACK, RFC 4585), at most once a round trip, within
//! a budget, and only while its frame is still of use. One case needs no asking: when the very last packet
//! before a pause is lost the receiver sees no gap, so it is sent again until it is acknowledged.
//!
//! On a slow path that loses packets, copies go ahead of any question, since the picture stands for a round
//! trip while a packet is asked for, and the frames behind it then come all at once. The last packet of each
//! frame always leaves twice: that it is lost is seen only by the next frame. The others do so where the link
//! has room that the picture does not use. That is all the forward correction there is: browsers negotiate
//! none for H.264.

mod rate;
mod recent;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rate::Rate;
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
/// Where a second repair would come this late, the first one is repeated: a picture that stands for two
/// round trips is a freeze, and a second copy of a few packets costs nearly nothing.
const LONG_ROUND_TRIP: Duration = Duration::from_millis(60);
/// Where an answer takes longer than the next picture, copies go ahead of questions.
const SLOW_ROUND_TRIP: Duration = Duration::from_millis(30);
/// After the first copy, so that one burst of loss does not take both.
const ECHO: Duration = Duration::from_millis(8);
/// A picture that takes no more of the estimate than this leaves room for a copy of each packet.
const ROOMY: f64 = 0.35;
/// A path that loses less than this needs no copies.
const LOSSY: f64 = 0.0005;
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
    /// Of a keyframe that began to leave, or of one that was given up for: what is before is of no use.
    first_useful_frame: u64,
    newest_frame: u64,
    asked_bytes: usize,
    /// What leaves for the first time.
    video: Rate,
    /// Copies that are worth their price anyway, and those that use spare room.
    echoes: VecDeque<Echo>,
    spare: VecDeque<Echo>,
}

/// What is known of the way to the receiver.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    pub(super) round_trip: Option<Duration>,
    /// The part of the packets that was lost lately.
    pub(super) loss: f64,
    pub(super) estimate_bps: f64,
}

/// A packet that leaves twice.
#[derive(Debug)]
struct Echo {
    position: u64,
    due_at: Instant,
}

impl Echo {
    fn of(position: u64, now: Instant) -> Self {
        Self {
            position,
            due_at: now + ECHO,
        }
    }
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
            first_useful_frame: 0,
            newest_frame: 0,
            asked_bytes: 0,
            echoes: VecDeque::new(),
            spare: VecDeque::new(),
            video: Rate::default(),
        }
    }

    /// Remembers a packet that leaves for the first time.
    pub(super) fn left(&mut self, packet: Sent<P>, path: Path, now: Instant) {
        self.newest_frame = self.newest_frame.max(packet.frame);
        if packet.keyframe {
            self.first_useful_frame = self.first_useful_frame.max(packet.frame);
        }
        self.video.add(packet.bytes, now);
        let (is_last, has_room) = (packet.last, self.video.bps() < path.estimate_bps * ROOMY);
        let position = self.recent.push(packet, now);
        if path.loss > LOSSY && is_over(SLOW_ROUND_TRIP, path.round_trip) {
            if is_last {
                self.echoes.push_back(Echo::of(position, now));
            } else if has_room {
                self.spare.push_back(Echo::of(position, now));
            }
        }
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
        let first_useful_frame = self.first_useful_frame;
        let cool_down = round_trip.unwrap_or(COOL_DOWN).max(SHORTEST_COOL_DOWN);
        let Some(sent) = self.recent.get_mut(position) else {
            return;
        };
        let cooling = sent
            .repaired_at
            .is_some_and(|at| now.saturating_duration_since(at) < cool_down);
        if sent.asked || cooling || !sent.is_of_use(first_useful_frame, now) {
            return;
        }
        sent.asked = true;
        self.asked_bytes += sent.bytes;
        self.asked.push_back(position);
    }

    /// The next packet to send again, if the budget allows it.
    pub(super) fn pop(
        &mut self,
        estimate_bps: f64,
        round_trip: Option<Duration>,
        now: Instant,
    ) -> Option<Sent<P>> {
        self.refill(estimate_bps, now);
        while let Some(position) = self.asked.pop_front() {
            let Some(sent) = self.recent.get_mut(position) else {
                continue;
            };
            sent.asked = false;
            self.asked_bytes -= sent.bytes;
            if let Some(again) = self.pay(position, now) {
                if is_over(LONG_ROUND_TRIP, round_trip) {
                    self.echoes.push_back(Echo::of(position, now));
                }
                if let Some(sent) = self.recent.get_mut(position) {
                    sent.repaired_at = Some(now);
                }
                return Some(again);
            }
        }
        let echo = self.echoes.pop_front_if(|echo| echo.due_at <= now)?;
        self.pay(echo.position, now)
    }

    /// The next copy for which nothing else has to wait.
    pub(super) fn pop_spare(&mut self, now: Instant) -> Option<Sent<P>> {
        while let Some(echo) = self.spare.pop_front_if(|echo| echo.due_at <= now) {
            let first_useful_frame = self.first_useful_frame;
            let sent = self.recent.get_mut(echo.position);
            if let Some(sent) = sent.filter(|sent| sent.is_of_use(first_useful_frame, now)) {
                return Some(sent.clone());
            }
        }
        None
    }

    /// Whether nothing was heard yet of the last packet that left.
    pub(super) fn awaits_news(&self) -> bool {
        self.tail.is_some()
    }

    pub(super) fn is_asked(&self) -> bool {
        !self.asked.is_empty()
    }

    /// When a repair is to be repeated.
    pub(super) fn due_at(&self) -> Option<Instant> {
        let next = [self.echoes.front(), self.spare.front()];
        next.into_iter().flatten().map(|echo| echo.due_at).min()
    }

    /// How many bytes the receiver waits for.
    pub(super) fn asked_bytes(&self) -> usize {
        self.asked_bytes
    }

    /// Repairs nothing that has left so far, and says which frame was the newest.
    pub(super) fn give_up(&mut self) -> u64 {
        self.first_useful_frame = self.newest_frame.saturating_add(1);
        self.tail = None;
        self.newest_frame
    }

    /// The packet, if it is still of use and the budget can pay for it. What it can't pay for is forgotten:
    /// a receiver asks again.
    fn pay(&mut self, position: u64, now: Instant) -> Option<Sent<P>> {
        let first_useful_frame = self.first_useful_frame;
        let sent = self.recent.get_mut(position)?;
        if !sent.is_of_use(first_useful_frame, now) || sent.bytes as f64 > self.budget_bytes {
            return None;
        }
        self.budget_bytes -= sent.bytes as f64;
        Some(sent.clone())
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

fn is_over(bound: Duration, round_trip: Option<Duration>) -> bool {
    round_trip.is_some_and(|round_trip| round_trip > bound)
}
