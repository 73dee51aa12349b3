//! Which parts of a frame differ from the one before, carried by the frame itself.
//!
//! An encoder that knows need not look at the rest. Nothing may be lost or reordered between the two
//! frames, so frames are numbered; without the number before, everything has to be taken as changed.

use std::sync::LazyLock;

use gstreamer::{self as gst, glib, meta::CustomMeta};

use crate::area::Area;

const NAME: &str = "StreamspaceChanges";

/// What a frame of the source says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// One more than that of the frame before.
    pub number: u64,
    /// What differs from the frame before, in the frame's pixels; areas may overlap.
    pub areas: Vec<Area>,
}

impl Changes {
    /// What a frame of the source carries.
    pub fn of(buffer: &gst::BufferRef) -> Option<Self> {
        let meta = CustomMeta::from_buffer(buffer, NAME).ok()?;
        let structure = meta.structure();
        let bytes = structure.get::<glib::Bytes>("areas").ok()?;
        Some(Self {
            number: structure.get("number").ok()?,
            areas: bytes.chunks_exact(8).filter_map(parse).collect(),
        })
    }

    /// Makes the frame carry this.
    ///
    /// # Errors
    ///
    /// GStreamer refuses.
    pub fn attach(&self, buffer: &mut gst::BufferRef) -> Result<(), glib::BoolError> {
        static REGISTERED: LazyLock<()> = LazyLock::new(|| CustomMeta::register(NAME, &[]));
        LazyLock::force(&REGISTERED);
        let bytes: Vec<u8> = self.areas.iter().flat_map(|&area| format(area)).collect();
        let mut meta = CustomMeta::add(buffer, NAME)?;
        let structure = meta.mut_structure();
        structure.set("number", self.number);
        structure.set("areas", glib::Bytes::from_owned(bytes));
        Ok(())
    }
}

fn format(area: Area) -> impl Iterator<Item = u8> {
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    [x, y, width, height].into_iter().flat_map(u16::to_ne_bytes)
}

fn parse(bytes: &[u8]) -> Option<Area> {
    let number = |index: usize| {
        let pair = bytes.get(2 * index..2 * index + 2)?;
        Some(u16::from_ne_bytes(pair.try_into().ok()?))
    };
    Some(Area {
        x: number(0)?,
        y: number(1)?,
        width: number(2)?,
        height: number(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_tells_what_differs_from_the_one_before() {
        gst::init().expect("GStreamer");
        let mut buffer = gst::Buffer::new();
        assert_eq!(Changes::of(&buffer), None);
        for areas in [vec![], vec![Area::whole(640, 480), Area::whole(2, 65534)]] {
            let changes = Changes { number: 7, areas };
            let mut buffer = gst::Buffer::new();
            let attached = changes.attach(buffer.get_mut().expect("ours alone"));
            attached.expect("registered");
            assert_eq!(Changes::of(&buffer), Some(changes));
        }
        let empty = buffer.get_mut().expect("ours alone");
        assert_eq!(Changes::of(empty), None);
    }
}
