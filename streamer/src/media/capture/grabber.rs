//! Pixels of the X display: what changed (DAMAGE), by shared memory (MIT-SHM).

use std::{
    fs::File,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::fs::FileExt,
    },
};

use rustix::fs::{MemfdFlags, memfd_create};
use streamspace_protocol::DisplaySize;
use x11rb::{
    connection::Connection,
    errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        Event, damage, shm,
        xfixes::{self, ConnectionExt as _},
        xproto::{ImageFormat, ImageOrder, Rectangle, Window},
    },
    rust_connection::RustConnection,
};

/// Bytes of a BGRx pixel.
const PIXEL_BYTES: usize = 4;

#[derive(Debug, thiserror::Error)]
pub(crate) enum GrabError {
    #[error("the display cannot be reached: {0}")]
    Connect(#[from] ConnectError),
    #[error("the connection to the X server broke: {0}")]
    Connection(#[from] ConnectionError),
    #[error("the X server refused a request: {0}")]
    Reply(#[from] ReplyError),
    #[error("the X server refused a request: {0}")]
    Id(#[from] ReplyOrIdError),
    #[error("the display's pixels are not 32-bit BGRx")]
    PixelFormat,
    #[error("shared memory: {0}")]
    Memory(#[from] std::io::Error),
}

/// A connection of its own that learns of changes and reads pixels.
#[derive(Debug)]
pub(in crate::media) struct Grabber {
    connection: RustConnection,
    root: Window,
    damage: damage::Damage,
    region: xfixes::Region,
    segment: Option<Segment>,
    row: Vec<u8>,
}

/// Memory that the X server writes into.
///
/// It is read with `pread`, not mapped: a copy by the kernel costs the same as one by this process,
/// and a server that shrinks the file then gives an error instead of a crash.
#[derive(Debug)]
struct Segment {
    id: shm::Seg,
    file: File,
    bytes: usize,
}

impl Grabber {
    pub(super) fn open(display: &str) -> Result<Self, GrabError> {
        let (connection, screen) = x11rb::connect(Some(display))?;
        check_pixels(&connection, screen)?;
        let root = connection.setup().roots[screen].root;
        // File descriptors are passed since MIT-SHM 1.2.
        let shm = shm::query_version(&connection)?.reply()?;
        if (shm.major_version, shm.minor_version) < (1, 2) {
            return Err(ConnectionError::UnsupportedExtension.into());
        }
        connection.xfixes_query_version(5, 0)?.reply()?;
        damage::query_version(&connection, 1, 1)?.reply()?;
        let damage = connection.generate_id()?;
        damage::create(&connection, damage, root, damage::ReportLevel::NON_EMPTY)?.check()?;
        let region = connection.generate_id()?;
        xfixes::create_region(&connection, region, &[])?.check()?;
        Ok(Self {
            connection,
            root,
            damage,
            region,
            segment: None,
            row: Vec::new(),
        })
    }

    /// Reads the pending events; `true` if one says that something changed.
    pub(super) fn drain_events(&self) -> Result<bool, GrabError> {
        let mut changed = false;
        while let Some(event) = self.connection.poll_for_event()? {
            changed |= matches!(event, Event::DamageNotify(_));
        }
        Ok(changed)
    }

    /// The box around all that changed since the last call, within a display of this size.
    pub(super) fn take_changes(&self, size: DisplaySize) -> Result<Option<Rectangle>, GrabError> {
        damage::subtract(&self.connection, self.damage, x11rb::NONE, self.region)?;
        let extents = xfixes::fetch_region(&self.connection, self.region)?
            .reply()?
            .extents;
        Ok(clip(extents, size))
    }

    /// Reads the pixels of `area` into a picture of `size`, BGRx without gaps.
    ///
    /// One request, so that all of it is of one moment.
    pub(super) fn read(
        &mut self,
        area: Rectangle,
        picture: &mut [u8],
        size: DisplaySize,
    ) -> Result<(), GrabError> {
        let row_bytes = usize::from(area.width) * PIXEL_BYTES;
        let id = self.segment(row_bytes * usize::from(area.height))?;
        let (plane_mask, format) = (!0, ImageFormat::Z_PIXMAP.into());
        let Rectangle {
            x,
            y,
            width,
            height,
        } = area;
        shm::get_image(
            &self.connection,
            self.root,
            x,
            y,
            width,
            height,
            plane_mask,
            format,
            id,
            0,
        )?
        .reply()?;
        let file = &self.segment.as_ref().expect("made above").file;
        let picture_row = usize::from(size.width) * PIXEL_BYTES;
        let left = usize::from(x.unsigned_abs()) * PIXEL_BYTES;
        let top = usize::from(y.unsigned_abs());
        if row_bytes == picture_row {
            let start = top * picture_row;
            let end = start + row_bytes * usize::from(height);
            file.read_exact_at(&mut picture[start..end], 0)?;
            return Ok(());
        }
        self.row.resize(row_bytes * usize::from(height), 0);
        file.read_exact_at(&mut self.row, 0)?;
        for (index, row) in self.row.chunks_exact(row_bytes).enumerate() {
            let start = (top + index) * picture_row + left;
            picture[start..start + row_bytes].copy_from_slice(row);
        }
        Ok(())
    }

    /// A segment of at least this many bytes.
    fn segment(&mut self, bytes: usize) -> Result<shm::Seg, GrabError> {
        if let Some(segment) = self
            .segment
            .as_ref()
            .filter(|segment| segment.bytes >= bytes)
        {
            return Ok(segment.id);
        }
        if let Some(old) = self.segment.take() {
            shm::detach(&self.connection, old.id)?;
        }
        let file = memfd_create("streamspace-capture", MemfdFlags::CLOEXEC)
            .map_err(std::io::Error::from)?;
        let file = File::from(file);
        file.set_len(u64::try_from(bytes).expect("a picture's size"))?;
        let id = self.connection.generate_id()?;
        let shared: OwnedFd = file.try_clone()?.into();
        shm::attach_fd(&self.connection, id, shared, false)?.check()?;
        self.segment = Some(Segment { id, file, bytes });
        Ok(id)
    }
}

impl AsFd for Grabber {
    /// Becomes readable when events may be there.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.connection.stream().as_fd()
    }
}

fn check_pixels(connection: &RustConnection, screen: usize) -> Result<(), GrabError> {
    let setup = connection.setup();
    let depth = setup.roots[screen].root_depth;
    let format = setup
        .pixmap_formats
        .iter()
        .find(|format| format.depth == depth);
    let is_32_bit = format.is_some_and(|format| format.bits_per_pixel == 32);
    if is_32_bit && depth == 24 && setup.image_byte_order == ImageOrder::LSB_FIRST {
        Ok(())
    } else {
        Err(GrabError::PixelFormat)
    }
}

/// The part of `area` within a display of this size, if there is one.
fn clip(area: Rectangle, size: DisplaySize) -> Option<Rectangle> {
    let range = |start: i16, length: u16, limit: u16| {
        let limit = i32::from(limit);
        let from = i32::from(start).clamp(0, limit);
        let to = (i32::from(start) + i32::from(length)).clamp(0, limit);
        let length = u16::try_from(to - from).ok().filter(|&length| length > 0)?;
        Some((i16::try_from(from).ok()?, length))
    };
    let (x, width) = range(area.x, area.width, size.width)?;
    let (y, height) = range(area.y, area.height, size.height)?;
    Some(Rectangle {
        x,
        y,
        width,
        height,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_clipped_to_the_display() {
        let size = DisplaySize {
            width: 100,
            height: 50,
        };
        for ((x, y, width, height), seen) in [
            ((10, 10, 20, 20), Some((10, 10, 20, 20))),
            ((-5, -5, 20, 20), Some((0, 0, 15, 15))),
            ((90, 40, 200, 200), Some((90, 40, 10, 10))),
            ((100, 0, 1, 1), None),
            ((-9, 0, 9, 9), None),
            ((0, 0, 0, 0), None),
            ((i16::MAX, i16::MIN, u16::MAX, u16::MAX), None),
        ] {
            let change = Rectangle {
                x,
                y,
                width,
                height,
            };
            let clipped = clip(change, size).map(|area| (area.x, area.y, area.width, area.height));
            assert_eq!(clipped, seen, "{change:?}");
        }
    }
}
