//! The thread that follows the display's changes.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use gstreamer as gst;
use gstreamer_app::AppSrc;
use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    io::{read, write},
};
use streamspace_protocol::DisplaySize;
use x11rb::protocol::xproto::Rectangle;

use super::{
    grabber::{GrabError, Grabber},
    schedule::Schedule,
};

/// A running capture thread; dropping it ends the thread.
#[derive(Debug)]
pub(super) struct DamageCapture {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    /// Readable when something below has changed.
    wake: OwnedFd,
    ending: AtomicBool,
    refresh: AtomicBool,
}

impl DamageCapture {
    pub(super) fn start(grabber: Grabber, appsrc: AppSrc, size: DisplaySize, fps: u16) -> Self {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .expect("a process that streams has file descriptors left");
        let shared = Arc::new(Shared {
            wake,
            ending: AtomicBool::new(false),
            refresh: AtomicBool::new(false),
        });
        let mut worker = Worker {
            picture: vec![0; usize::from(size.width) * usize::from(size.height) * 4],
            schedule: Schedule::new(fps),
            shared: shared.clone(),
            grabber,
            appsrc,
            size,
        };
        let body = move || match worker.run() {
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(%error, "the display cannot be read any more");
                // The pipeline's end is what the room hears.
                let _ = worker.appsrc.end_of_stream();
            }
        };
        let thread = std::thread::Builder::new()
            .name("capture".into())
            .spawn(body)
            .expect("a machine that runs a desktop has room for one more thread");
        Self {
            shared,
            thread: Some(thread),
        }
    }

    pub(super) fn refresh(&self) {
        self.shared.refresh.store(true, Ordering::Release);
        self.shared.wake();
    }
}

impl Drop for DamageCapture {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Release);
        self.shared.wake();
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the capture thread panicked");
        }
    }
}

impl Shared {
    fn wake(&self) {
        // It fails only when the counter is full, and then the thread is awake.
        let _ = write(&self.wake, &1u64.to_ne_bytes());
    }
}

struct Worker {
    grabber: Grabber,
    appsrc: AppSrc,
    size: DisplaySize,
    /// The display as last seen, BGRx.
    picture: Vec<u8>,
    schedule: Schedule,
    shared: Arc<Shared>,
}

impl Worker {
    fn run(&mut self) -> Result<(), GrabError> {
        let everything = Rectangle {
            x: 0,
            y: 0,
            width: self.size.width,
            height: self.size.height,
        };
        let mut first = Some(everything);
        while !self.shared.ending.load(Ordering::Acquire) {
            if self.shared.refresh.swap(false, Ordering::AcqRel) {
                self.schedule.refresh();
            }
            if self.grabber.drain_events()? {
                self.schedule.changed();
            }
            let now = Instant::now();
            match self.schedule.due(now) {
                Some(due) if due <= now => self.make_frame(first.take())?,
                due => self.wait(due.map(|due| due - now))?,
            }
        }
        Ok(())
    }

    /// Until the X server or the room has something to say, or the time is over.
    fn wait(&self, time: Option<Duration>) -> Result<(), GrabError> {
        let timeout = time.map(|time| Timespec {
            tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        });
        let x = self.grabber.as_fd();
        let mut fds = [
            PollFd::new(&x, PollFlags::IN),
            PollFd::new(&self.shared.wake, PollFlags::IN),
        ];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(GrabError::Memory(error.into())),
        }
        // Empty is fine: it was the X server that woke us.
        let _ = read(&self.shared.wake, &mut [0u8; 8]);
        Ok(())
    }

    fn make_frame(&mut self, whole: Option<Rectangle>) -> Result<(), GrabError> {
        let changed = self.grabber.take_changes(self.size)?;
        let part = match whole.or(changed) {
            Some(area) => {
                self.grabber.read(area, &mut self.picture, self.size)?;
                let pixels = f64::from(area.width) * f64::from(area.height);
                pixels / (f64::from(self.size.width) * f64::from(self.size.height))
            }
            None => 0.0,
        };
        self.schedule.made(part, Instant::now());
        let buffer = gst::Buffer::from_slice(self.picture.clone());
        if let Err(error) = self.appsrc.push_buffer(buffer) {
            // The pipeline is being stopped, or has failed and says so itself.
            tracing::debug!(%error, "a frame is not taken");
        }
        Ok(())
    }
}
