//! A receiver that behaves as Chromium: feedback each 50 to 100 ms, NACKs at once and then each round trip,
//! frames shown as soon as they and all before them are there, freezes counted as in its statistics.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::encoder::{Packet, Part};

const NACK_TRIES: u32 = 10;
/// Packets are remembered this long for feedback, as in Chromium.
const FEEDBACK_MEMORY: Duration = Duration::from_millis(500);
/// Nothing decoded for this long while packets come: the receiver asks for a keyframe.
const HOPELESS: Duration = Duration::from_millis(1_000);
const PLI_INTERVAL: Duration = Duration::from_millis(300);

#[derive(Debug)]
struct Nack {
    tries: u32,
    asked_at: Duration,
}

/// A picture that was shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) at: Duration,
    pub(crate) latency: Duration,
}

#[derive(Debug)]
pub(crate) struct Receiver {
    round_trip: Duration,
    /// Arrivals by transport-wide number, and the first number not reported yet.
    arrivals: BTreeMap<u64, Duration>,
    unreported: u64,
    packets: BTreeMap<u64, (Part, usize)>,
    nacks: BTreeMap<u64, Nack>,
    newest: Option<u64>,
    /// The last sequence number of the last frame shown.
    decoded: Option<u64>,
    asked_for_keyframe: Duration,
    pub(crate) shown: Vec<Shown>,
    pub(crate) shown_bytes: usize,
}

impl Receiver {
    pub(crate) fn new(round_trip: Duration) -> Self {
        Self {
            round_trip,
            arrivals: BTreeMap::new(),
            unreported: 0,
            packets: BTreeMap::new(),
            nacks: BTreeMap::new(),
            newest: None,
            decoded: None,
            asked_for_keyframe: Duration::ZERO,
            shown: Vec::new(),
            shown_bytes: 0,
        }
    }

    /// Takes in a packet and says which ones are missing.
    pub(crate) fn receive(&mut self, number: u16, packet: Packet, now: Duration) -> Vec<u16> {
        let newest = self
            .arrivals
            .last_key_value()
            .map_or(0, |(number, _)| *number);
        let number = unwrap(number, newest);
        self.unreported = self.unreported.min(number);
        self.arrivals.insert(number, now);
        let Some(part) = packet.part else {
            return Vec::new();
        };
        let sequence_number = unwrap(packet.sequence_number, self.newest.unwrap_or(65_001));
        self.nacks.remove(&sequence_number);
        if self.decoded.is_none_or(|decoded| sequence_number > decoded) {
            self.packets.insert(sequence_number, (part, packet.bytes));
        }
        let missing = self.find_missing(sequence_number, now);
        while self.decode(now) {}
        missing
    }

    /// What a feedback message says now: arrivals by number.
    pub(crate) fn feedback(&mut self, now: Duration) -> Vec<(u16, Option<Duration>)> {
        let Some((&newest, _)) = self.arrivals.last_key_value() else {
            return Vec::new();
        };
        let reports = (self.unreported..=newest)
            .map(|number| (number as u16, self.arrivals.get(&number).copied()))
            .collect();
        self.unreported = newest + 1;
        self.arrivals
            .retain(|number, at| *number == newest || now - *at < FEEDBACK_MEMORY);
        reports
    }

    /// NACKs whose time has come again.
    pub(crate) fn nack_again(&mut self, now: Duration) -> Vec<u16> {
        let mut again = Vec::new();
        for (sequence_number, nack) in &mut self.nacks {
            if now - nack.asked_at >= self.round_trip {
                nack.asked_at = now;
                nack.tries += 1;
                again.push(*sequence_number as u16);
            }
        }
        self.nacks.retain(|_, nack| nack.tries < NACK_TRIES);
        again
    }

    /// Whether only a keyframe helps.
    pub(crate) fn wants_keyframe(&mut self, now: Duration) -> bool {
        let waits_since = self.shown.last().map_or(Duration::ZERO, |shown| shown.at);
        let hopeless = !self.packets.is_empty()
            && now - waits_since > HOPELESS
            && now - self.asked_for_keyframe > PLI_INTERVAL;
        if hopeless {
            self.asked_for_keyframe = now;
        }
        hopeless
    }

    fn find_missing(&mut self, arrived: u64, now: Duration) -> Vec<u16> {
        let newest = self.newest.unwrap_or(arrived);
        self.newest = Some(newest.max(arrived));
        let missing: Vec<u64> = (newest + 1..arrived).collect();
        for &sequence_number in &missing {
            let nack = Nack {
                tries: 1,
                asked_at: now,
            };
            self.nacks.insert(sequence_number, nack);
        }
        missing.iter().map(|number| *number as u16).collect()
    }

    /// Shows the next frame, or the next keyframe, if it is complete.
    fn decode(&mut self, now: Duration) -> bool {
        let Some((first, last)) = self.next_frame().or_else(|| self.next_keyframe()) else {
            return false;
        };
        let frame = self.packets.range(first..=last);
        self.shown_bytes += frame.map(|(_, (_, bytes))| bytes).sum::<usize>();
        let captured = self.packets[&first].0.captured;
        self.shown.push(Shown {
            at: now,
            latency: now - captured,
        });
        self.packets = self.packets.split_off(&(last + 1));
        self.nacks = self.nacks.split_off(&(last + 1));
        self.decoded = Some(last);
        true
    }

    fn next_frame(&self) -> Option<(u64, u64)> {
        self.complete_from(self.decoded? + 1)
    }

    fn next_keyframe(&self) -> Option<(u64, u64)> {
        self.packets
            .iter()
            .filter(|(_, (part, _))| part.keyframe && part.first)
            .find_map(|(first, _)| self.complete_from(*first))
    }

    fn complete_from(&self, first: u64) -> Option<(u64, u64)> {
        let frame = self.packets.get(&first)?.0.frame;
        let mut sequence_number = first;
        loop {
            let (part, _) = self.packets.get(&sequence_number)?;
            if part.frame != frame {
                return None;
            }
            if part.last {
                return Some((first, sequence_number));
            }
            sequence_number += 1;
        }
    }
}

/// Freezes as in WebRTC's statistics (`freezeCount`, `totalFreezesDuration`): a gap longer than three times
/// the mean of the last 30, and than that mean plus 150 ms. Each freeze is as long as its gap.
pub(crate) fn freezes(shown: &[Shown]) -> Vec<Duration> {
    let mut gaps: VecDeque<Duration> = VecDeque::new();
    let mut freezes = Vec::new();
    for pair in shown.windows(2) {
        let gap = pair[1].at - pair[0].at;
        if !gaps.is_empty() {
            let mean = gaps.iter().sum::<Duration>() / gaps.len() as u32;
            if gap > (3 * mean).max(mean + Duration::from_millis(150)) {
                freezes.push(gap);
            }
        }
        gaps.push_back(gap);
        if gaps.len() > 30 {
            gaps.pop_front();
        }
    }
    freezes
}

/// The full number that is nearest to another one.
fn unwrap(number: u16, near: u64) -> u64 {
    let ahead = number.wrapping_sub(near as u16) as i16;
    near.saturating_add_signed(i64::from(ahead))
}
