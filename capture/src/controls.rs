//! What other threads may change while the source waits for the display.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    time::Duration,
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    io::{Errno, read, write},
};

use crate::{area::Area, source::lock};

/// The element's live settings. Each change wakes the thread that waits.
#[derive(Debug)]
pub(crate) struct Controls {
    /// Readable when something below has changed.
    wake: OwnedFd,
    flushing: AtomicBool,
    held: AtomicBool,
    refresh: AtomicBool,
    sharp: AtomicBool,
    max_fps: AtomicU16,
    most_refinements: AtomicU16,
    downscale: AtomicU16,
    reconnect_s: AtomicU16,
    /// What to show of the display; `None`: all of it.
    part: Mutex<Option<Area>>,
}

impl Default for Controls {
    fn default() -> Self {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .expect("a process that streams has file descriptors left");
        Self {
            wake,
            flushing: AtomicBool::new(false),
            held: AtomicBool::new(false),
            refresh: AtomicBool::new(false),
            sharp: AtomicBool::new(false),
            max_fps: AtomicU16::new(60),
            most_refinements: AtomicU16::new(12),
            downscale: AtomicU16::new(1),
            reconnect_s: AtomicU16::new(5),
            part: Mutex::new(None),
        }
    }
}

impl Controls {
    pub(crate) fn is_flushing(&self) -> bool {
        self.flushing.load(Ordering::Acquire)
    }

    pub(crate) fn set_flushing(&self, flushing: bool) {
        self.set(&self.flushing, flushing);
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    pub(crate) fn set_held(&self, held: bool) {
        self.set(&self.held, held);
    }

    /// Asks for a frame although nothing changed.
    pub(crate) fn refresh(&self) {
        self.set(&self.refresh, true);
    }

    pub(crate) fn take_refresh(&self) -> bool {
        self.refresh.swap(false, Ordering::AcqRel)
    }

    /// Says that repeating the picture has no more to gain.
    pub(crate) fn sharp(&self) {
        // Nobody waits to hear it.
        self.sharp.store(true, Ordering::Release);
    }

    pub(crate) fn take_sharp(&self) -> bool {
        self.sharp.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn most_refinements(&self) -> u16 {
        self.most_refinements.load(Ordering::Acquire)
    }

    pub(crate) fn set_most_refinements(&self, most: u16) {
        self.most_refinements.store(most, Ordering::Release);
    }

    pub(crate) fn max_fps(&self) -> u16 {
        self.max_fps.load(Ordering::Acquire)
    }

    pub(crate) fn set_max_fps(&self, fps: u16) {
        self.max_fps.store(fps, Ordering::Release);
        self.wake();
    }

    pub(crate) fn downscale(&self) -> u16 {
        self.downscale.load(Ordering::Acquire)
    }

    pub(crate) fn set_downscale(&self, factor: u16) {
        self.downscale.store(factor, Ordering::Release);
        self.wake();
    }

    /// How long to wait for an X server that takes the place of one that ended.
    pub(crate) fn reconnect(&self) -> Duration {
        Duration::from_secs(self.reconnect_s.load(Ordering::Acquire).into())
    }

    pub(crate) fn part(&self) -> Option<Area> {
        *lock(&self.part)
    }

    pub(crate) fn set_part(&self, part: Option<Area>) {
        *lock(&self.part) = part;
        self.wake();
    }

    pub(crate) fn set_reconnect_s(&self, seconds: u16) {
        self.reconnect_s.store(seconds, Ordering::Release);
    }

    fn set(&self, what: &AtomicBool, value: bool) {
        what.store(value, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        // It fails only when the counter is full, and then the thread is awake.
        let _ = write(&self.wake, &1u64.to_ne_bytes());
    }

    /// Until the display has something to say, a control has changed, or the time is over.
    pub(crate) fn wait(
        &self,
        display: &impl AsFd,
        time: Option<Duration>,
    ) -> Result<(), std::io::Error> {
        let timeout = time.map(|time| Timespec {
            tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        });
        let mut fds = [
            PollFd::new(display, PollFlags::IN),
            PollFd::new(&self.wake, PollFlags::IN),
        ];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // Empty is fine: it was the display that woke us.
        let _ = read(&self.wake, &mut [0u8; 8]);
        Ok(())
    }
}
