//! Follows one display: waits until a frame is due, and makes it.

use std::time::Instant;

use gstreamer as gst;
use gstreamer_video::VideoInfo;

use crate::{
    area::{Area, Areas},
    changes::Changes,
    controls::Controls,
    convert::{ConvertError, Converter},
    frames::Frames,
    grabber::{GrabError, Grabber},
    schedule::Schedule,
    stages::Moments,
};

/// What the frames depend on; a new one makes new caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    display: Area,
    factor: u16,
    fps: u16,
}

impl Layout {
    pub(crate) fn new(display: Area, controls: &Controls) -> Self {
        Self {
            display,
            factor: controls.downscale(),
            fps: controls.max_fps(),
        }
    }

    /// Frames are even, since the colour planes are half as large: an odd edge is cut off.
    pub(crate) fn size(self) -> (u16, u16) {
        let shown = |length: u16| ((length / self.factor) & !1).max(2);
        (shown(self.display.width), shown(self.display.height))
    }

    /// Fewer frames a second need no new caps, which would cost a keyframe.
    fn covers(self, other: Self) -> bool {
        (self.display, self.factor) == (other.display, other.factor) && self.fps >= other.fps
    }
}

/// Why the wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    FrameDue,
    /// Frames are to become others: see [`Capture::layout`].
    LayoutChanged,
    Flushing,
}

/// A new frame, and when it was made.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) buffer: gst::Buffer,
    pub(crate) moments: Moments,
    pub(crate) changes: Changes,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum CaptureError {
    #[error(transparent)]
    Grab(#[from] GrabError),
    #[error(transparent)]
    Convert(#[from] ConvertError<GrabError>),
    #[error("no format has been negotiated")]
    NoFormat,
}

impl CaptureError {
    /// Whether the X server has ended.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::Grab(error) if error.is_lost())
    }
}

/// Where events come from. The server reports a change with the first of the program's requests that
/// makes one, but says so when it has carried out those that came with it.
#[derive(Debug, Clone, Copy)]
enum News {
    /// They came while the last frame was under way, nobody knows when: as early as the server says.
    Waited,
    /// They have just woken this thread.
    JustCame,
}

#[derive(Debug)]
pub(crate) struct Capture {
    grabber: Grabber,
    schedule: Schedule,
    layout: Layout,
    making: Option<Making>,
    /// When the first change that is in no frame yet was reported.
    damaged: Option<Instant>,
}

/// What it takes to make frames of the negotiated format.
#[derive(Debug)]
struct Making {
    converter: Converter,
    frames: Frames,
    /// What is in no frame that was handed out.
    pending: Areas,
    /// How many frames were handed out.
    count: u64,
    /// Of the negotiated format.
    fps: u16,
}

impl Capture {
    pub(crate) fn open(display: Option<&str>, controls: &Controls) -> Result<Self, GrabError> {
        let mut grabber = Grabber::open(display)?;
        Ok(Self {
            layout: Layout::new(grabber.look_at(controls.part()), controls),
            grabber,
            schedule: Schedule::new(controls.max_fps()),
            making: None,
            damaged: None,
        })
    }

    /// What frames are to be.
    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// Makes frames of this format from now on, which is one of the layout's.
    pub(crate) fn set_format(&mut self, info: VideoInfo) {
        let rate = info.fps();
        let fps = (rate.numer() / rate.denom().max(1)).clamp(1, i32::from(u16::MAX));
        let bytes = info.size();
        let converter = Converter::new(info, self.layout.factor);
        self.making = Some(Making {
            frames: Frames::new(bytes, converter.shown()),
            pending: everything(&converter),
            count: 0,
            converter,
            fps: fps.unsigned_abs().try_into().unwrap_or(u16::MAX),
        });
        self.schedule.changed();
    }

    /// Waits for whatever comes next.
    pub(crate) fn wait(&mut self, controls: &Controls) -> Result<Wake, GrabError> {
        let mut news = News::Waited;
        loop {
            if controls.is_flushing() {
                return Ok(Wake::Flushing);
            }
            self.schedule
                .set_most_refinements(controls.most_refinements());
            if controls.take_sharp() {
                self.schedule.sharp();
            }
            if controls.take_refresh() {
                self.schedule.refresh();
            }
            self.learn(news)?;
            let wanted = Layout::new(self.grabber.look_at(controls.part()), controls);
            if !self.layout.covers(wanted) {
                self.layout = wanted;
                self.begin_anew();
                return Ok(Wake::LayoutChanged);
            }
            let negotiated = self.making.as_ref().map_or(u16::MAX, |making| making.fps);
            self.schedule.set_fps(wanted.fps.min(negotiated));
            let now = Instant::now();
            let due = self.schedule.due(now).filter(|_| !controls.is_held());
            match due {
                Some(due) if due <= now => return Ok(Wake::FrameDue),
                due => controls.wait(&self.grabber, due.map(|due| due - now))?,
            }
            news = News::JustCame;
        }
    }

    /// The new layout may have the same frames, but not the same picture.
    fn begin_anew(&mut self) {
        if let Some(making) = &mut self.making {
            making.changed(&everything(&making.converter));
        }
        self.schedule.changed();
    }

    fn learn(&mut self, news: News) -> Result<(), GrabError> {
        if let Some(reported) = self.grabber.drain_events()? {
            let damaged = match news {
                News::Waited => reported,
                News::JustCame => Instant::now(),
            };
            self.damaged.get_or_insert(damaged);
            self.schedule.changed();
        }
        Ok(())
    }

    /// Makes a frame of the display as it is now; `None` if it is being resized, or nothing has changed
    /// in sight.
    pub(crate) fn make_frame(&mut self) -> Result<Option<Captured>, CaptureError> {
        let began = Instant::now();
        let damaged = self.damaged.take().unwrap_or(began);
        let making = self.making.as_mut().ok_or(CaptureError::NoFormat)?;
        let changes = making.aligned(&self.grabber.take_changes()?);
        if changes.is_empty() && making.pending.is_empty() && !self.grabber.sees_all() {
            self.schedule.changed_elsewhere(began);
            if self.schedule.due(began).is_none_or(|due| due > began) {
                return Ok(None);
            }
        }
        let part = changes.pixels() as f64 / making.converter.shown().pixels().max(1) as f64;
        self.schedule.made(part, began);
        making.changed(&changes);

        let frame = making.frames.freshest();
        let areas = std::mem::take(&mut frame.missing).simplified();
        if let Err(error) = self.grabber.grab(areas.as_slice()) {
            let resized = error.is_beyond_display() && self.grabber.look_again()?;
            return if resized { Ok(None) } else { Err(error.into()) };
        }
        let grabbed = Instant::now();
        if let Some(buffer) = frame.buffer.get_mut().filter(|_| !areas.is_empty()) {
            let read = |offset, pixels: &mut [u8]| self.grabber.read(offset, pixels);
            making.converter.convert(areas.as_slice(), buffer, read)?;
        }
        let moments = Moments {
            damaged,
            began,
            grabbed,
            converted: Instant::now(),
        };
        let buffer = frame.buffer.copy();
        let changes = making.hand_out();
        Ok(Some(Captured {
            buffer,
            moments,
            changes,
        }))
    }
}

impl Making {
    fn changed(&mut self, areas: &Areas) {
        self.frames.changed(areas);
        self.pending.add_all(areas);
    }

    /// What differs in the frame that is handed out now from the one before.
    fn hand_out(&mut self) -> Changes {
        let factor = self.converter.step() / 2;
        let areas = std::mem::take(&mut self.pending);
        self.count += 1;
        Changes {
            number: self.count,
            areas: (areas.as_slice().iter())
                .map(|area| area.shrunk(factor))
                .collect(),
        }
    }

    /// The areas as whole colour samples of the frame.
    fn aligned(&self, areas: &Areas) -> Areas {
        let shown = self.converter.shown();
        let mut all = Areas::default();
        for area in areas.as_slice() {
            if let Some(area) = area.aligned(self.converter.step(), shown) {
                all.add(area);
            }
        }
        all
    }
}

fn everything(converter: &Converter) -> Areas {
    let mut everything = Areas::default();
    everything.add(converter.shown());
    everything
}
