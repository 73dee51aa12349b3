//! Frames that are kept, so that a small change costs a small conversion.
//!
//! The encoder may hold some of them for a while. Each knows what has changed on the display since it
//! was last brought up to date, and the one that lacks least is used next.

use gstreamer as gst;

use crate::area::{Area, Areas};

/// More than this many in use at once, and the oldest is left to whoever holds it.
const MOST: usize = 3;

#[derive(Debug)]
pub(crate) struct Frames {
    bytes: usize,
    whole: Area,
    frames: Vec<Frame>,
}

#[derive(Debug)]
pub(crate) struct Frame {
    /// Never handed out itself: copies of it share its memory.
    pub(crate) buffer: gst::Buffer,
    /// Where the display is newer.
    pub(crate) missing: Areas,
}

impl Frames {
    /// Frames of this size that show `whole`.
    pub(crate) fn new(bytes: usize, whole: Area) -> Self {
        Self {
            bytes,
            whole,
            frames: Vec::new(),
        }
    }

    /// The display has changed here.
    pub(crate) fn changed(&mut self, areas: &Areas) {
        for frame in &mut self.frames {
            frame.missing.add_all(areas);
        }
    }

    /// The frame that lacks least of those that nobody reads.
    pub(crate) fn freshest(&mut self) -> &mut Frame {
        let free = self.frames.iter().enumerate();
        let free = free.filter(|(_, frame)| frame.buffer.is_all_memory_writable());
        let freshest = free.min_by_key(|(_, frame)| frame.missing.pixels());
        let index = match freshest {
            Some((index, _)) => index,
            None => self.add(),
        };
        &mut self.frames[index]
    }

    fn add(&mut self) -> usize {
        if self.frames.len() == MOST {
            self.frames.remove(0);
        }
        let mut missing = Areas::default();
        missing.add(self.whole);
        self.frames.push(Frame {
            buffer: gst::Buffer::from_mut_slice(vec![0; self.bytes]),
            missing,
        });
        self.frames.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> Frames {
        gst::init().expect("GStreamer");
        Frames::new(6, Area::whole(2, 2))
    }

    fn up_to_date(frame: &mut Frame) -> gst::Buffer {
        frame.missing = Areas::default();
        frame.buffer.copy()
    }

    #[test]
    fn a_frame_that_is_read_is_not_written() {
        let mut frames = frames();
        let first = up_to_date(frames.freshest());
        assert!(!frames.freshest().missing.is_empty());
        drop(first);
        assert!(frames.freshest().missing.is_empty());
        assert_eq!(frames.frames.len(), 2);
    }

    #[test]
    fn a_change_is_missing_in_every_frame_until_it_is_made() {
        let mut frames = frames();
        let first = up_to_date(frames.freshest());
        let second = up_to_date(frames.freshest());
        let mut change = Areas::default();
        change.add(Area::whole(2, 2));
        frames.changed(&change);
        drop((first, second));
        for frame in &frames.frames {
            assert_eq!(frame.missing.as_slice(), change.as_slice());
        }
    }

    #[test]
    fn a_reader_that_never_ends_costs_a_few_frames_only() {
        let mut frames = frames();
        let held: Vec<_> = (0..9).map(|_| up_to_date(frames.freshest())).collect();
        assert_eq!(frames.frames.len(), MOST);
        drop(held);
    }
}
