//! What left under which transport-wide number, until its fate is known.

use std::collections::VecDeque;
use std::time::Instant;

/// Numbers that can be asked about: the oldest is forgotten then. Three seconds at 30 Mb/s, and far below
/// half of the 16-bit space, beyond which a number would be ambiguous.
const REMEMBERED: usize = 8_192;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Unknown,
    /// Reported as missing; it may still turn up.
    Missing,
    Received,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Departure {
    pub(super) left_at: Instant,
    pub(super) bytes: usize,
    pub(super) train: u64,
    /// The RTP sequence number, if it is video.
    pub(super) video: Option<u16>,
    pub(super) fate: Fate,
}

#[derive(Debug, Default)]
pub(super) struct Departures {
    kept: VecDeque<Departure>,
    /// The number, not wrapped, of the first one kept.
    first: u64,
}

impl Departures {
    /// Gives the departure its transport-wide number.
    pub(super) fn push(&mut self, departure: Departure) -> u16 {
        if self.kept.len() == REMEMBERED {
            self.kept.pop_front();
            self.first += 1;
        }
        self.kept.push_back(departure);
        (self.first + self.kept.len() as u64 - 1) as u16
    }

    /// The departure of that number with its number unwrapped, unless it was never given or is forgotten.
    pub(super) fn get_mut(&mut self, number: u16) -> Option<(u64, &mut Departure)> {
        let index = number.wrapping_sub(self.first as u16);
        let departure = self.kept.get_mut(usize::from(index))?;
        Some((self.first + u64::from(index), departure))
    }
}
