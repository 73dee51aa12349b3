//! The video that waits to leave, by frame.
//!
//! A picture that waits behind stale pictures is itself late. So when the queue takes too long, whole
//! frames are dropped. What refers to a dropped frame can't be decoded: everything up to the next keyframe
//! goes too, and the keyframe is asked for.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Content, Outgoing};

/// Longer than this, and what is queued is dropped.
const LONGEST: Duration = Duration::from_millis(150);
/// A keyframe is large, and to drop it would only bring the next one: it may take this long.
const LONGEST_KEYFRAME: Duration = Duration::from_millis(500);
/// Of one viewer's video, whatever the rate: all of it is dropped then.
const MOST_BYTES: usize = 8 << 20;

#[derive(Debug)]
struct Frame<P> {
    number: u64,
    keyframe: bool,
    /// Some of its packets have left.
    begun: bool,
    bytes: usize,
    packets: VecDeque<Outgoing<P>>,
}

#[derive(Debug)]
pub(super) struct VideoQueue<P> {
    frames: VecDeque<Frame<P>>,
    bytes: usize,
    /// The newest frame that was dropped, while no keyframe has come since.
    broken_by: Option<u64>,
    needs_keyframe: bool,
}

impl<P> VideoQueue<P> {
    pub(super) fn new() -> Self {
        Self {
            frames: VecDeque::new(),
            bytes: 0,
            broken_by: None,
            needs_keyframe: false,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether this packet is the first of its frame.
    pub(super) fn is_new(&self, number: u64) -> bool {
        self.frames.back().is_none_or(|last| last.number != number)
    }

    pub(super) fn push(&mut self, packet: Outgoing<P>, number: u64, keyframe: bool) {
        if !self.wants(number, keyframe) {
            return;
        }
        if self.bytes + packet.bytes > MOST_BYTES {
            self.drop_behind(0, Some(number));
            return;
        }
        self.bytes += packet.bytes;
        if self.is_new(number) {
            self.frames.push_back(Frame {
                number,
                keyframe,
                begun: false,
                bytes: 0,
                packets: VecDeque::new(),
            });
        }
        if let Some(frame) = self.frames.back_mut() {
            frame.bytes += packet.bytes;
            frame.packets.push_back(packet);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Outgoing<P>> {
        let frame = self.frames.front_mut()?;
        let packet = frame.packets.pop_front()?;
        frame.begun = true;
        frame.bytes -= packet.bytes;
        self.bytes -= packet.bytes;
        if frame.packets.is_empty() {
            self.frames.pop_front();
        }
        Some(packet)
    }

    /// Drops what would leave too late.
    pub(super) fn shed(&mut self, time_for: impl Fn(usize) -> Duration) {
        if time_for(self.bytes) <= self.longest() {
            return;
        }
        self.skip_to_keyframe();
        if time_for(self.bytes) <= self.longest() {
            return;
        }
        let front_stays = self.frames.front().is_some_and(|front| {
            (front.begun || front.keyframe) && time_for(front.bytes) <= front.longest()
        });
        self.drop_behind(usize::from(front_stays), None);
    }

    /// Drops everything up to the next keyframe: the receiver can't decode it any more.
    pub(super) fn give_up(&mut self, newest_sent: u64) {
        self.drop_behind(0, None);
        self.broken_by = self.broken_by.max(Some(newest_sent));
        self.needs_keyframe = true;
    }

    /// Whether frames were dropped since the last call, so that the decoder needs a keyframe.
    pub(super) fn take_dropped(&mut self) -> bool {
        std::mem::take(&mut self.needs_keyframe)
    }

    fn longest(&self) -> Duration {
        self.frames
            .iter()
            .map(Frame::longest)
            .max()
            .unwrap_or(LONGEST)
    }

    fn wants(&mut self, number: u64, keyframe: bool) -> bool {
        let Some(dropped) = self.broken_by else {
            return true;
        };
        let mends = keyframe && number > dropped;
        if mends {
            self.broken_by = None;
        }
        self.needs_keyframe = !mends;
        mends
    }

    /// A keyframe needs nothing of what is before it.
    fn skip_to_keyframe(&mut self) {
        if let Some(newest) = self.frames.iter().rposition(|frame| frame.keyframe) {
            for stale in self.frames.drain(..newest) {
                self.bytes -= stale.bytes;
            }
        }
    }

    fn drop_behind(&mut self, kept: usize, current: Option<u64>) {
        let dropped: Vec<_> = self.frames.drain(kept.min(self.frames.len())..).collect();
        self.bytes -= dropped.iter().map(|frame| frame.bytes).sum::<usize>();
        if let Some(newest) = current.or(dropped.last().map(|frame| frame.number)) {
            self.broken_by = Some(newest);
            self.needs_keyframe = true;
        }
    }
}

impl<P> Frame<P> {
    fn longest(&self) -> Duration {
        if self.keyframe {
            LONGEST_KEYFRAME
        } else {
            LONGEST
        }
    }
}

/// A packet of video with what its content says.
pub(super) fn video(content: Content) -> Option<(u64, bool)> {
    match content {
        Content::Audio => None,
        Content::Video {
            frame, keyframe, ..
        } => Some((frame, keyframe)),
    }
}
