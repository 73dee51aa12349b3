//! RTP sequence numbers, given to packets as they leave.
//!
//! A frame may be dropped while it waits. Had its packets their numbers by then, the receiver would take
//! them for lost and ask for them in vain.

use std::collections::VecDeque;

/// How many packets can be told by their numbers; far more than can be asked for again.
const KEPT: usize = 4096;

/// Which number each packet of one stream left with, against that with which it was queued.
#[derive(Debug)]
pub(super) struct Numbers {
    next: u16,
    /// The queue's numbers of those that left last, oldest first.
    queued: VecDeque<u16>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            // As low as a stream may begin: see `RtpStream::new`.
            next: 1,
            queued: VecDeque::new(),
        }
    }
}

impl Numbers {
    /// The number that a packet leaves with.
    pub(super) fn leave(&mut self, queued: u16) -> u16 {
        if self.queued.len() == KEPT {
            self.queued.pop_front();
        }
        self.queued.push_back(queued);
        let sent = self.next;
        self.next = self.next.wrapping_add(1);
        sent
    }

    /// The queue's number of the packet that left with this one.
    pub(super) fn queued(&self, sent: u16) -> Option<u16> {
        let back = usize::from(self.next.wrapping_sub(sent));
        let index = self.queued.len().checked_sub(back)?;
        self.queued.get(index).copied()
    }

    /// The number with which the packet of this number in the queue left.
    pub(super) fn sent(&self, queued: u16) -> Option<u16> {
        let newest_first = self.queued.iter().rev();
        let back = newest_first
            .take(KEPT)
            .position(|&number| number == queued)?;
        let back = u16::try_from(back).ok()?;
        Some(self.next.wrapping_sub(1).wrapping_sub(back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_that_never_leave_make_no_gap() {
        let mut numbers = Numbers::default();
        assert_eq!(
            [10, 11, 40, 41].map(|queued| numbers.leave(queued)),
            [1, 2, 3, 4]
        );
        assert_eq!(
            [1, 3, 4].map(|sent| numbers.queued(sent)),
            [Some(10), Some(40), Some(41)]
        );
        assert_eq!(
            [10, 40, 41].map(|queued| numbers.sent(queued)),
            [Some(1), Some(3), Some(4)]
        );
    }

    #[test]
    fn numbers_that_never_left_or_left_long_ago_are_unknown() {
        let mut numbers = Numbers::default();
        assert_eq!((numbers.queued(1), numbers.sent(1)), (None, None));
        for queued in 0..=u16::MAX {
            numbers.leave(queued);
        }
        // The numbers have wrapped: 0 was the last.
        assert_eq!(numbers.queued(0), Some(u16::MAX));
        assert_eq!(numbers.queued(1), None);
        assert_eq!(numbers.queued(30_000), None);
        assert_eq!(numbers.sent(30_000), None);
    }
}
