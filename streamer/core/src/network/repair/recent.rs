//! The video packets that left lately, by RTP sequence number.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Bounds of what is kept; the oldest goes first. Bytes are those of a second and a half at 25 Mb/s.
const MOST_PACKETS: usize = 4_096;
const MOST_BYTES: usize = 5 << 20;
/// A frame older than this is not worth repairing.
const OLDEST: Duration = Duration::from_millis(1_500);

/// A video packet that left.
#[derive(Debug, Clone)]
pub(in crate::network) struct Sent<P> {
    pub(in crate::network) sequence_number: u16,
    pub(in crate::network) frame: u64,
    pub(in crate::network) keyframe: bool,
    pub(in crate::network) last: bool,
    pub(in crate::network) bytes: usize,
    pub(in crate::network) left_at: Instant,
    pub(in crate::network) repaired_at: Option<Instant>,
    /// It waits to be sent again.
    pub(in crate::network) asked: bool,
    pub(in crate::network) received: bool,
    pub(in crate::network) packet: P,
}

impl<P> Sent<P> {
    pub(super) fn is_of_use(&self, first_useful_frame: u64, now: Instant) -> bool {
        !self.received && self.frame >= first_useful_frame && !self.is_old(now)
    }

    fn is_old(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.left_at) > OLDEST
    }
}

#[derive(Debug)]
pub(super) struct Recent<P> {
    kept: VecDeque<Sent<P>>,
    /// The position of the first one kept; positions count all packets ever.
    first: u64,
    positions: HashMap<u16, u64>,
    bytes: usize,
}

impl<P> Recent<P> {
    pub(super) fn new() -> Self {
        Self {
            kept: VecDeque::new(),
            first: 0,
            positions: HashMap::new(),
            bytes: 0,
        }
    }

    /// Keeps the packet and says its position.
    pub(super) fn push(&mut self, packet: Sent<P>, now: Instant) -> u64 {
        let position = self.first + self.kept.len() as u64;
        self.bytes += packet.bytes;
        self.positions.insert(packet.sequence_number, position);
        self.kept.push_back(packet);
        while self.is_over(now) {
            self.forget_first();
        }
        position
    }

    pub(super) fn find(&self, sequence_number: u16) -> Option<u64> {
        self.positions.get(&sequence_number).copied()
    }

    pub(super) fn get_mut(&mut self, position: u64) -> Option<&mut Sent<P>> {
        let index = position.checked_sub(self.first)?;
        self.kept.get_mut(usize::try_from(index).ok()?)
    }

    /// The newest packet of at least that size, among the last few.
    pub(super) fn newest_of(&self, bytes: usize) -> Option<&Sent<P>> {
        let last_few = self.kept.iter().rev().take(8);
        last_few
            .clone()
            .find(|sent| sent.bytes >= bytes)
            .or_else(|| self.kept.back())
    }

    fn is_over(&self, now: Instant) -> bool {
        let old = self.kept.front().is_some_and(|sent| sent.is_old(now));
        old || self.kept.len() > MOST_PACKETS || self.bytes > MOST_BYTES
    }

    fn forget_first(&mut self) {
        let Some(sent) = self.kept.pop_front() else {
            return;
        };
        self.bytes -= sent.bytes;
        if self.positions.get(&sent.sequence_number) == Some(&self.first) {
            self.positions.remove(&sent.sequence_number);
        }
        self.first += 1;
    }
}
