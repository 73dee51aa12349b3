//! An X server of the test's own, and a pipeline that shows it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use gstreamer::{self as gst, prelude::*};
use gstreamer_app::AppSink;
use gstreamer_video::{VideoFrameRef, VideoInfo};
use tempfile::TempDir;
use x11rb::{
    connection::Connection,
    protocol::xproto::{ConnectionExt, CreateGCAux, Rectangle},
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

/// How long a test waits for what it expects.
pub(crate) const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(20);

pub(crate) struct Xvnc {
    process: Child,
    pub(crate) display: String,
    _folder: TempDir,
}

impl Xvnc {
    /// On the first free display from 160 on.
    pub(crate) fn start(options: &[&str]) -> Self {
        (160..260)
            .find_map(|number| Self::on_display(number, options))
            .expect("one of a hundred displays is free")
    }

    fn on_display(number: u32, options: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let display = format!(":{number}");
        let mut process = Command::new("Xvnc")
            .args([&display, "-displayfd", "1", "-geometry", "640x480"])
            .args(["-depth", "24", "-SecurityTypes", "None", "-rfbport", "-1"])
            .arg("-rfbunixpath")
            .arg(folder.path().join("vnc"))
            .args(["-nolisten", "tcp"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvnc is installed (tigervnc-standalone-server)");
        let stdout = process.stdout.take().expect("piped");
        let xvnc = Self {
            process,
            display,
            _folder: folder,
        };
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("readable");
        // It ends without a word if another server has the display.
        (line.trim() == number.to_string()).then_some(xvnc)
    }

    /// Ends the server, and starts another one in its place.
    pub(crate) fn start_again(&mut self, options: &[&str]) {
        self.end();
        let number = self.display[1..].parse().expect("a number");
        *self = Self::on_display(number, options).expect("the display is free again");
    }

    /// As `xrandr` does it; the server knows the usual sizes.
    pub(crate) fn resize(&self, size: &str) {
        let resized = Command::new("xrandr")
            .args(["-d", &self.display, "-s", size])
            .status();
        let resized = resized.expect("xrandr is installed (x11-xserver-utils)");
        assert!(resized.success());
    }

    /// Ends the server, as a crash would.
    pub(crate) fn end(&mut self) {
        // Asked to end, it takes its lock and its socket with it.
        if let Some(pid) = rustix::process::Pid::from_raw(self.process.id().cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.process.wait();
    }
}

impl Drop for Xvnc {
    fn drop(&mut self) {
        self.end();
    }
}

/// Colours, as the X server takes them and as BT.709 in limited range writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour {
    pixel: u32,
    yuv: [u8; 3],
}

pub(crate) const RED: Colour = Colour {
    pixel: 0x00ff_0000,
    yuv: [63, 102, 240],
};
pub(crate) const GREEN: Colour = Colour {
    pixel: 0x0000_ff00,
    yuv: [173, 42, 26],
};
pub(crate) const BLUE: Colour = Colour {
    pixel: 0x0000_00ff,
    yuv: [32, 240, 118],
};

/// A program that draws.
pub(crate) struct Painter {
    connection: RustConnection,
    root: u32,
}

impl Painter {
    pub(crate) fn new(xvnc: &Xvnc) -> Self {
        let (connection, screen) = x11rb::connect(Some(&xvnc.display)).expect("reachable");
        let root = connection.setup().roots[screen].root;
        Self { connection, root }
    }

    pub(crate) fn fill(&self, (x, y, width, height): (i16, i16, u16, u16), colour: Colour) {
        let context = self.connection.generate_id().expect("an id");
        let foreground = CreateGCAux::new().foreground(colour.pixel);
        let area = Rectangle {
            x,
            y,
            width,
            height,
        };
        let draw = || {
            self.connection.create_gc(context, self.root, &foreground)?;
            self.connection
                .poly_fill_rectangle(self.root, context, &[area])?;
            self.connection.free_gc(context)?;
            self.connection.sync()
        };
        draw().expect("drawn");
    }
}

/// A pipeline from a display to what the test reads.
pub(crate) struct Screen {
    pipeline: gst::Pipeline,
    pub(crate) source: gst::Element,
    sink: AppSink,
}

impl Screen {
    /// `format` is what an encoder would ask for.
    pub(crate) fn show(xvnc: &Xvnc, format: &str) -> Self {
        let screen = Self::prepare(xvnc, format);
        screen
            .pipeline
            .set_state(gst::State::Playing)
            .expect("it plays");
        screen
    }

    pub(crate) fn prepare(xvnc: &Xvnc, format: &str) -> Self {
        gst::init().expect("GStreamer");
        streamspace_capture::register().expect("registered");
        let description = format!(
            "{} name=source display-name={} ! video/x-raw,format={format} \
             ! appsink name=sink sync=false",
            streamspace_capture::ELEMENT,
            xvnc.display
        );
        let pipeline = gst::parse::launch(&description).expect("valid");
        let pipeline = pipeline.downcast::<gst::Pipeline>().expect("a pipeline");
        let element = |name| pipeline.by_name(name).expect("it is in there");
        let sink = element("sink").downcast().expect("an appsink");
        Self {
            source: element("source"),
            sink,
            pipeline,
        }
    }

    /// The next frame, if one comes in this time.
    pub(crate) fn next(&self, time: gst::ClockTime) -> Option<Shown> {
        let sample = self.sink.try_pull_sample(time)?;
        let info = VideoInfo::from_caps(sample.caps().expect("caps")).expect("video");
        Some(Shown { sample, info })
    }

    /// The first frame of which this is so.
    pub(crate) fn frame_that(&self, what: &str, is_so: impl Fn(&Shown) -> bool) -> Shown {
        loop {
            let frame = self.next(PATIENCE);
            let frame = frame.unwrap_or_else(|| panic!("waited in vain for a frame that {what}"));
            if is_so(&frame) {
                return frame;
            }
        }
    }

    /// Reads frames until no more come.
    pub(crate) fn wait_until_still(&self) {
        // More than the longest pause between two frames of a display that has just become still.
        let pause = gst::ClockTime::from_mseconds(1500);
        let frames = std::iter::from_fn(|| self.next(pause)).take(200).count();
        assert!(frames < 200, "a still display makes frames without end");
    }

    /// What the pipeline says went wrong.
    pub(crate) fn error(&self) -> String {
        let bus = self.pipeline.bus().expect("a bus");
        let message = bus.timed_pop_filtered(PATIENCE, &[gst::MessageType::Error]);
        let message = message.expect("an error comes");
        match message.view() {
            gst::MessageView::Error(error) => error.error().to_string(),
            _ => unreachable!("only errors are asked for"),
        }
    }

    pub(crate) fn play(&self) -> Result<gst::StateChangeSuccess, gst::StateChangeError> {
        self.pipeline.set_state(gst::State::Playing)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// A frame.
pub(crate) struct Shown {
    pub(crate) sample: gst::Sample,
    info: VideoInfo,
}

impl Shown {
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.info.width(), self.info.height())
    }

    pub(crate) fn buffer(&self) -> &gst::BufferRef {
        self.sample.buffer().expect("a buffer")
    }

    /// Whether the pixel here has this colour.
    pub(crate) fn is(&self, colour: Colour, x: usize, y: usize) -> bool {
        let found = self.pixel(x, y);
        let pairs = found.into_iter().zip(colour.yuv);
        pairs.into_iter().all(|(a, b)| a.abs_diff(b) <= 2)
    }

    fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let frame = VideoFrameRef::from_buffer_ref_readable(self.buffer(), &self.info);
        let frame = frame.expect("readable");
        let sample = |component: u32, x: usize, y: usize| {
            let plane = self.info.format_info().plane()[component as usize];
            let (plane, offset) = (plane, self.info.comp_poffset(component as u8));
            let stride = self.info.stride()[plane as usize] as usize;
            let step = self.info.comp_pstride(component as u8) as usize;
            frame.plane_data(plane).expect("a plane")[y * stride + x * step + offset as usize]
        };
        [
            sample(0, x, y),
            sample(1, x / 2, y / 2),
            sample(2, x / 2, y / 2),
        ]
    }
}
