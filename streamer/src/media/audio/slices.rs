//! Cuts recorded sound into what one packet carries, and says when it was played.

use std::time::{Duration, Instant};

use super::recording::BYTES_A_MILLISECOND;

/// Of sound in a slice, and so in a packet.
pub(super) const SLICE: Duration = Duration::from_millis(10);
pub(super) const SLICE_BYTES: usize = 10 * BYTES_A_MILLISECOND;

/// Sound cannot come before it is played, but a first fragment may come late by itself.
const EARLY: Duration = Duration::from_millis(20);
/// Later than the largest fragment and a busy machine explain: some sound is missing.
const LATE: Duration = Duration::from_millis(250);

/// Whether a fragment follows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Continuity {
    Continues,
    /// What was held back of the sound before it is gone.
    BeginsAnew,
}

/// By the recorder's own clock, which counts samples: fragments arrive in bursts, and times of arrival
/// would make a decoder stretch and squeeze them.
#[derive(Debug, Default)]
pub(super) struct Slices {
    /// Less than a slice between two calls.
    held: Vec<u8>,
    /// When the first held sample was played, or the next one if none is held.
    next: Option<Instant>,
    /// When the last slice that was given ended.
    given_until: Option<Instant>,
}

impl Slices {
    /// Takes a fragment that arrived at `now`.
    pub(super) fn add(&mut self, fragment: &[u8], now: Instant) -> Continuity {
        let continuity = self.continuity(now);
        if continuity == Continuity::BeginsAnew {
            self.held.clear();
            self.next = Some(now);
        }
        self.held.extend_from_slice(fragment);
        continuity
    }

    /// The next whole slice, and when it was played: after the end of the one before it. A clock that
    /// turned out to be late was set back, and what now falls on a time that is given is left out,
    /// as a decoder would do with it.
    pub(super) fn next(&mut self) -> Option<(Instant, Vec<u8>)> {
        loop {
            let (played, slice) = self.cut()?;
            if self.given_until.is_none_or(|end| end <= played) {
                self.given_until = Some(played + SLICE);
                return Some((played, slice));
            }
        }
    }

    fn cut(&mut self) -> Option<(Instant, Vec<u8>)> {
        let played = self.next?;
        if self.held.len() < SLICE_BYTES {
            return None;
        }
        let rest = self.held.split_off(SLICE_BYTES);
        self.next = Some(played + SLICE);
        Some((played, std::mem::replace(&mut self.held, rest)))
    }

    fn continuity(&self, now: Instant) -> Continuity {
        let Some(next) = self.next else {
            return Continuity::BeginsAnew;
        };
        let expected = next + SLICE.mul_f64(self.held.len() as f64 / SLICE_BYTES as f64);
        if now + EARLY < expected || expected + LATE < now {
            Continuity::BeginsAnew
        } else {
            Continuity::Continues
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn times(slices: &mut Slices) -> Vec<Instant> {
        std::iter::from_fn(|| slices.next())
            .map(|(played, slice)| {
                assert_eq!(slice.len(), SLICE_BYTES);
                played
            })
            .collect()
    }

    #[test]
    fn slices_that_arrive_together_keep_their_distance() {
        let start = Instant::now();
        let mut slices = Slices::default();
        assert_eq!(
            slices.add(&[0; 3 * SLICE_BYTES], start),
            Continuity::BeginsAnew
        );
        assert_eq!(
            times(&mut slices),
            [start, start + 10 * MS, start + 20 * MS]
        );
    }

    #[test]
    fn fragments_of_any_size_and_with_jitter_make_slices_10_ms_apart() {
        let start = Instant::now();
        let mut slices = Slices::default();
        let mut played = Vec::new();
        let mut recorded = 0;
        for (fragment, jitter) in [(144, 0), (1920, 9), (4 * 1920, 47), (7, 0), (1921, 3)] {
            let now = start + MS * (recorded / BYTES_A_MILLISECOND) as u32 + MS * jitter;
            slices.add(&vec![1; fragment], now);
            recorded += fragment;
            played.extend(times(&mut slices));
        }
        let whole = recorded / SLICE_BYTES;
        let expected: Vec<_> = (0..whole).map(|n| start + SLICE * n as u32).collect();
        assert_eq!(played, expected);
    }

    #[test]
    fn after_a_gap_the_clock_is_right_again() {
        let start = Instant::now();
        let mut slices = Slices::default();
        slices.add(&[0; SLICE_BYTES + 100], start);
        assert_eq!(times(&mut slices), [start]);
        let later = start + 5000 * MS;
        assert_eq!(
            slices.add(&[0; SLICE_BYTES], later),
            Continuity::BeginsAnew,
            "the 100 bytes before the gap are of another time"
        );
        assert_eq!(times(&mut slices), [later]);
    }

    #[test]
    fn a_stall_at_the_start_does_not_delay_all_that_follows() {
        let start = Instant::now();
        let stalled_until = start + 100 * MS;
        let mut slices = Slices::default();
        let mut given = Vec::new();
        let mut due = start;
        for n in 0..30 {
            due = start + SLICE * n;
            slices.add(&[0; SLICE_BYTES], due.max(stalled_until));
            given.extend(times(&mut slices));
        }
        let last = *given.last().expect("there is sound");
        assert!(last >= due && last <= due + EARLY);
        assert!(
            given.windows(2).all(|pair| pair[0] + SLICE <= pair[1]),
            "no two slices share a time: {given:?}"
        );
    }
}
