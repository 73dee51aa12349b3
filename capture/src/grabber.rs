//! Pixels of the X display: what changed (DAMAGE), by shared memory (MIT-SHM).
//!
//! The X server is trusted no further than to answer: sizes and areas come from the server, so every
//! one is checked against the memory it points into.

use std::{
    fs::File,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::fs::FileExt,
    },
    time::{Duration, Instant},
};

use rustix::{
    fs::{MemfdFlags, memfd_create},
    time::{ClockId, clock_gettime},
};
use x11rb::{
    connection::{Connection, RequestConnection},
    errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        ErrorKind, Event, damage, shm,
        xfixes::{self, ConnectionExt as _},
        xproto::{
            ChangeWindowAttributesAux, ConnectionExt as _, EventMask, ImageFormat, ImageOrder,
            Rectangle, Timestamp, Window,
        },
    },
    rust_connection::RustConnection,
};

use crate::area::{Area, Areas};

/// Bytes of a BGRx pixel.
pub(crate) const PIXEL_BYTES: usize = 4;

/// Why a display cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum GrabError {
    #[error("the display cannot be reached: {0}")]
    Connect(#[from] ConnectError),
    #[error("the X server lacks the extension {0}")]
    Missing(&'static str),
    #[error("the display's pixels are not 32-bit BGRx")]
    PixelFormat,
    #[error("the connection to the X server broke: {0}")]
    Connection(#[from] ConnectionError),
    #[error("the X server refused a request: {0}")]
    Reply(#[from] ReplyError),
    #[error("the X server refused a request: {0}")]
    Id(#[from] ReplyOrIdError),
    #[error("shared memory: {0}")]
    Memory(#[from] std::io::Error),
}

impl GrabError {
    /// Whether the connection is gone.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(
            self,
            Self::Connection(_)
                | Self::Reply(ReplyError::ConnectionError(_))
                | Self::Id(ReplyOrIdError::ConnectionError(_))
        )
    }

    /// Whether an area reached beyond the display, which may have become smaller meanwhile.
    pub(crate) fn is_beyond_display(&self) -> bool {
        matches!(self, Self::Reply(ReplyError::X11Error(error)) if error.error_kind == ErrorKind::Match)
    }
}

/// A connection of its own that learns of changes and reads pixels.
#[derive(Debug)]
pub(crate) struct Grabber {
    connection: RustConnection,
    root: Window,
    damage: damage::Damage,
    region: xfixes::Region,
    segment: Segment,
    /// The whole display.
    display: Area,
    /// What is looked at of it.
    view: Area,
}

/// Memory that the X server writes into.
///
/// It is read with `pread`, not mapped: a server that shrinks the file then causes an error instead
/// of a crash. Read in pieces that stay in the processor's cache, that is as fast as mapped memory.
#[derive(Debug)]
struct Segment {
    id: shm::Seg,
    file: File,
    bytes: usize,
}

impl Grabber {
    pub(crate) fn open(display: Option<&str>) -> Result<Self, GrabError> {
        let (connection, screen) = x11rb::connect(display)?;
        check_pixels(&connection, screen)?;
        check_extensions(&connection)?;
        let root = connection.setup().roots[screen].root;
        let resizes = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        connection
            .change_window_attributes(root, &resizes)?
            .check()?;
        let damage = connection.generate_id()?;
        damage::create(&connection, damage, root, damage::ReportLevel::NON_EMPTY)?.check()?;
        let region = connection.generate_id()?;
        xfixes::create_region(&connection, region, &[])?.check()?;
        let display = whole_display(&connection, root)?;
        let segment = Segment::attach(&connection, display)?;
        Ok(Self {
            connection,
            root,
            damage,
            region,
            segment,
            display,
            view: display,
        })
    }

    /// Looks at this part of the display from now on, as far as there is one, or at all of it; every
    /// other place that is told or asked for counts from its corner.
    pub(crate) fn look_at(&mut self, part: Option<Area>) -> Area {
        let view = part.and_then(|part| part.common(self.display));
        self.view = view.unwrap_or(self.display);
        self.view
    }

    pub(crate) fn sees_all(&self) -> bool {
        self.view == self.display
    }

    /// Reads the pending events; tells when the first one says that something changed.
    pub(crate) fn drain_events(&mut self) -> Result<Option<Instant>, GrabError> {
        let mut changed = None;
        while let Some(event) = self.connection.poll_for_event()? {
            match event {
                Event::DamageNotify(damage) => {
                    changed.get_or_insert_with(|| moment(damage.timestamp));
                }
                Event::ConfigureNotify(configured) if configured.window == self.root => {
                    self.follow(Area::whole(configured.width, configured.height))?;
                }
                _ => {}
            }
        }
        Ok(changed)
    }

    /// Asks for the display's size; `true` if it is another than before.
    pub(crate) fn look_again(&mut self) -> Result<bool, GrabError> {
        let display = whole_display(&self.connection, self.root)?;
        self.follow(display)
    }

    fn follow(&mut self, display: Area) -> Result<bool, GrabError> {
        if display == self.display {
            return Ok(false);
        }
        self.display = display;
        if self.segment.bytes < bytes(display) {
            shm::detach(&self.connection, self.segment.id)?;
            self.segment = Segment::attach(&self.connection, display)?;
        }
        Ok(true)
    }

    /// All that changed since the last call.
    pub(crate) fn take_changes(&self) -> Result<Areas, GrabError> {
        damage::subtract(&self.connection, self.damage, x11rb::NONE, self.region)?;
        let region = xfixes::fetch_region(&self.connection, self.region)?.reply()?;
        let mut changes = Areas::default();
        for area in region.rectangles {
            if let Some(area) = visible(area).and_then(|area| area.common(self.view)) {
                changes.add(area.within(self.view));
            }
        }
        Ok(changes)
    }

    /// Has the X server write these areas' pixels into the shared memory, one after the other.
    ///
    /// All of them are of one moment: the requests go out together, and while more than one is
    /// carried out no other program's are.
    pub(crate) fn grab(&self, areas: &[Area]) -> Result<(), GrabError> {
        let several = areas.len() > 1;
        if several {
            self.connection.grab_server()?;
        }
        let mut replies = Vec::with_capacity(areas.len());
        let mut offset = 0;
        for &area in areas {
            replies.push(self.get_image(area, offset)?);
            offset += bytes(area);
        }
        if several {
            self.connection.ungrab_server()?;
        }
        for reply in replies {
            reply.reply()?;
        }
        Ok(())
    }

    fn get_image(
        &self,
        area: Area,
        offset: usize,
    ) -> Result<x11rb::cookie::Cookie<'_, RustConnection, shm::GetImageReply>, ConnectionError>
    {
        let offset =
            u32::try_from(offset).map_err(|_| ConnectionError::MaximumRequestLengthExceeded)?;
        let x = area.x.saturating_add(self.view.x).cast_signed();
        let y = area.y.saturating_add(self.view.y).cast_signed();
        let (plane_mask, format) = (!0, ImageFormat::Z_PIXMAP.into());
        shm::get_image(
            &self.connection,
            self.root,
            x,
            y,
            area.width,
            area.height,
            plane_mask,
            format,
            self.segment.id,
            offset,
        )
    }

    /// Reads what was grabbed, from this byte on.
    pub(crate) fn read(&self, offset: usize, pixels: &mut [u8]) -> Result<(), GrabError> {
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        Ok(self.segment.file.read_exact_at(pixels, offset)?)
    }
}

impl AsFd for Grabber {
    /// Becomes readable when events may be there.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.connection.stream().as_fd()
    }
}

impl Segment {
    /// Room for all of this display. Pages that are never written cost nothing.
    fn attach(connection: &RustConnection, display: Area) -> Result<Self, GrabError> {
        let bytes = bytes(display);
        let file = memfd_create("streamspace-capture", MemfdFlags::CLOEXEC)
            .map_err(std::io::Error::from)?;
        let file = File::from(file);
        file.set_len(u64::try_from(bytes).unwrap_or(u64::MAX))?;
        let id = connection.generate_id()?;
        let shared: OwnedFd = file.try_clone()?.into();
        shm::attach_fd(connection, id, shared, false)?.check()?;
        Ok(Self { id, file, bytes })
    }
}

/// The moment of an X server's time stamp: milliseconds of the machine's monotonic clock, which this
/// process may read late. From a server elsewhere, or with another clock, it is just now.
fn moment(timestamp: Timestamp) -> Instant {
    let clock = clock_gettime(ClockId::Monotonic);
    let now_ms = clock.tv_sec.wrapping_mul(1000) + clock.tv_nsec / 1_000_000;
    let ago_ms = (now_ms as u32).wrapping_sub(timestamp);
    let now = Instant::now();
    if ago_ms > LONGEST_DELAY_MS {
        return now;
    }
    let ago = Duration::from_millis(ago_ms.into());
    now.checked_sub(ago).unwrap_or(now)
}

/// An event that is older than that has another clock.
const LONGEST_DELAY_MS: u32 = 2000;

/// How much shared memory an area's pixels take.
pub(crate) fn bytes(area: Area) -> usize {
    usize::from(area.width) * usize::from(area.height) * PIXEL_BYTES
}

fn whole_display(connection: &RustConnection, root: Window) -> Result<Area, GrabError> {
    let geometry = connection.get_geometry(root)?.reply()?;
    Ok(Area::whole(geometry.width, geometry.height))
}

fn check_extensions(connection: &RustConnection) -> Result<(), GrabError> {
    for name in [
        shm::X11_EXTENSION_NAME,
        xfixes::X11_EXTENSION_NAME,
        damage::X11_EXTENSION_NAME,
    ] {
        connection
            .extension_information(name)?
            .ok_or(GrabError::Missing(name))?;
    }
    // File descriptors are passed since MIT-SHM 1.2.
    let shm = shm::query_version(connection)?.reply()?;
    if (shm.major_version, shm.minor_version) < (1, 2) {
        return Err(GrabError::Missing("MIT-SHM 1.2"));
    }
    connection.xfixes_query_version(5, 0)?.reply()?;
    damage::query_version(connection, 1, 1)?.reply()?;
    Ok(())
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

/// The part of a rectangle that lies right of and below the display's corner.
fn visible(area: Rectangle) -> Option<Area> {
    let range = |start: i16, length: u16| {
        let end = i32::from(start) + i32::from(length);
        let length = u16::try_from(end - i32::from(start.max(0))).ok()?;
        (length > 0).then_some((start.max(0).unsigned_abs(), length))
    };
    let (x, width) = range(area.x, area.width)?;
    let (y, height) = range(area.y, area.height)?;
    Some(Area {
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
    fn an_event_that_is_read_late_keeps_its_time() {
        let clock = clock_gettime(ClockId::Monotonic);
        let now_ms = (clock.tv_sec * 1000 + clock.tv_nsec / 1_000_000) as u32;
        for (timestamp, at_least, at_most) in [
            (now_ms.wrapping_sub(500), 499, 1500),
            (now_ms, 0, 1000),
            (now_ms.wrapping_add(5000), 0, 0),
            (now_ms.wrapping_sub(60_000), 0, 0),
        ] {
            let before = Instant::now();
            let found = moment(timestamp);
            let ago = before.saturating_duration_since(found).as_millis();
            assert!((at_least..=at_most).contains(&ago), "{timestamp} {ago}");
        }
    }

    #[test]
    fn what_lies_left_of_or_above_the_display_is_cut_off() {
        for ((x, y, width, height), seen) in [
            ((10, 10, 20, 20), Some((10, 10, 20, 20))),
            ((-5, -5, 20, 20), Some((0, 0, 15, 15))),
            ((-9, 0, 9, 9), None),
            ((0, 0, 0, 0), None),
            (
                (i16::MAX, i16::MIN, u16::MAX, u16::MAX),
                Some((32767, 0, 65535, 32767)),
            ),
        ] {
            let change = Rectangle {
                x,
                y,
                width,
                height,
            };
            let found = visible(change).map(|area| (area.x, area.y, area.width, area.height));
            assert_eq!(found, seen, "{change:?}");
        }
    }
}
