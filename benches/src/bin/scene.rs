//! Draws a scene over the whole screen until it is ended.
//!
//! At a mouse button press it changes the marker's colour at once, in whatever it is drawing; each
//! picture of a moving scene carries its number. It prints `drawn` when the first one is on the screen,
//! and `pressed` with the time, in microseconds since 1970, of each press that it has seen.

use std::{
    io::{Write, stdout},
    os::fd::AsFd,
    time::{Duration, Instant, SystemTime},
};

use clap::Parser;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use streamspace_benches::{
    layout::{MARKER, MARKER_COLOURS, STRIP_HEIGHT},
    scenes::{Drawn, Kind, Reaction, Scene, prepare},
    screen::Screen,
    tone::Tone,
};
use x11rb::{
    connection::Connection,
    protocol::{Event, xproto::Rectangle},
    wrapper::ConnectionExt,
};

const STRIP_COLOUR: u32 = 0x0040_4040;

#[derive(Debug, Parser)]
struct Args {
    kind: Kind,
    /// Draw only the picture of this number, and keep it.
    #[arg(long)]
    picture: Option<u32>,
    /// Change the marker so often by itself, each time with a tone at the same moment, in milliseconds.
    #[arg(long)]
    beat: Option<u64>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let screen = Screen::open()?;
    let scene = prepare(args.kind, &screen)?;
    let mut show = Show {
        screen,
        scene,
        number: args.picture.unwrap_or(0),
        clicks: 0,
    };
    show.draw()?;
    show.screen.connection.sync()?;
    writeln!(stdout(), "drawn")?;
    if let Some(beat) = args.beat {
        return show.beat(Duration::from_millis(beat));
    }
    let interval = show.scene.interval().filter(|_| args.picture.is_none());
    show.run(interval)
}

struct Show {
    screen: Screen,
    scene: Box<dyn Scene>,
    number: u32,
    clicks: usize,
}

impl Show {
    fn run(&mut self, interval: Option<Duration>) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut ticks = 0;
        loop {
            while let Some(event) = self.screen.connection.poll_for_event()? {
                self.handle(&event)?;
            }
            let due = interval.map(|interval| began + interval * (ticks + 1));
            if due.is_none_or(|due| Instant::now() < due) {
                self.wait(due)?;
                continue;
            }
            ticks += 1;
            self.number += 1;
            self.draw()?;
        }
    }

    /// Changes the picture and sounds the tone together, until it is ended.
    fn beat(&mut self, interval: Duration) -> anyhow::Result<()> {
        let mut tone = Tone::start()?;
        loop {
            std::thread::sleep(interval);
            self.click()?;
            self.screen.connection.sync()?;
            tone.play()?;
        }
    }

    /// Until the X server says something or the next picture is due.
    fn wait(&self, due: Option<Instant>) -> anyhow::Result<()> {
        let left = due.map(|due| due.saturating_duration_since(Instant::now()));
        let timeout = left.map(Timespec::try_from).transpose()?;
        let stream = self.screen.connection.stream();
        match poll(
            &mut [PollFd::new(&stream.as_fd(), PollFlags::IN)],
            timeout.as_ref(),
        ) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn handle(&mut self, event: &Event) -> anyhow::Result<()> {
        match event {
            Event::ButtonPress(_) => {
                let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
                self.click()?;
                writeln!(stdout(), "pressed {}", time.as_micros())?;
                Ok(())
            }
            Event::KeyPress(_) => self.scene.key(&self.screen),
            Event::Expose(expose) if expose.count == 0 => self.screen.present(),
            _ => Ok(()),
        }
    }

    fn click(&mut self) -> anyhow::Result<()> {
        self.clicks += 1;
        match self.scene.reaction() {
            Reaction::Marker => {
                self.screen.fill(self.marker_colour(), &[MARKER])?;
                self.screen.present_part(MARKER)
            }
            Reaction::WholePicture => self.draw(),
        }
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        match self.scene.draw(&self.screen, self.number)? {
            Drawn::Picture => {
                self.draw_strip()?;
                self.screen.present()
            }
            Drawn::Nothing => Ok(()),
        }
    }

    fn draw_strip(&self) -> anyhow::Result<()> {
        let (width, height) = (self.screen.width, self.screen.height);
        let (colour, height) = match self.scene.reaction() {
            Reaction::Marker => (STRIP_COLOUR, STRIP_HEIGHT),
            Reaction::WholePicture => (self.marker_colour(), height),
        };
        let (x, y) = (0, 0);
        self.screen.fill(
            colour,
            &[Rectangle {
                x,
                y,
                width,
                height,
            }],
        )?;
        self.screen.fill(self.marker_colour(), &[MARKER])?;
        // As many pictures as the counter has numbers: it starts over.
        #[allow(clippy::cast_possible_truncation)]
        self.screen.number(self.number as u16)
    }

    fn marker_colour(&self) -> u32 {
        MARKER_COLOURS[self.clicks % MARKER_COLOURS.len()]
    }
}
