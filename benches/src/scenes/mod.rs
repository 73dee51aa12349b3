//! What the screen shows. Each scene draws the same for the same picture number.

mod flash;
mod scroll;
mod text;
mod video;
mod work;

use std::time::Duration;

use clap::ValueEnum;

pub use self::{flash::Flash, scroll::Scroll, text::Text, video::Video, work::Work};
use crate::screen::Screen;

/// Pictures a second of the scenes that move.
pub const RATE: u32 = 60;

/// A scene's name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// One colour, which a click changes.
    Flash,
    /// A still page of text, on which each key press writes a letter.
    Text,
    /// A page of text that scrolls.
    Scroll,
    /// Gradients and shapes, each pixel in motion.
    Video,
    /// A person at work: ten letters a second, and a second of scrolling in every five.
    Work,
}

/// Something that can be drawn picture by picture.
pub trait Scene {
    /// Time from one picture to the next; none if the scene changes only with its input.
    fn interval(&self) -> Option<Duration> {
        Some(Duration::from_secs(1) / RATE)
    }

    /// Draws the picture of a number into the screen's back picture, below the strip.
    ///
    /// # Errors
    /// If the display is gone.
    fn draw(&mut self, screen: &Screen, number: u32) -> anyhow::Result<Drawn>;

    /// A key was pressed.
    ///
    /// # Errors
    /// If the display is gone.
    fn key(&mut self, _screen: &Screen) -> anyhow::Result<()> {
        Ok(())
    }

    /// What a click changes.
    fn reaction(&self) -> Reaction {
        Reaction::Marker
    }
}

/// Whether there is a new picture to present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    Picture,
    Nothing,
}

/// How much of the picture takes the marker's new colour at a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    Marker,
    WholePicture,
}

/// The scene of a kind, with its pictures prepared.
///
/// # Errors
/// If the display is gone.
pub fn prepare(kind: Kind, screen: &Screen) -> anyhow::Result<Box<dyn Scene>> {
    Ok(match kind {
        Kind::Flash => Box::new(Flash),
        Kind::Text => Box::new(Text::new(screen)?),
        Kind::Scroll => Box::new(Scroll::new(screen)?),
        Kind::Video => Box::new(Video::new(screen)?),
        Kind::Work => Box::new(Work::new(screen)?),
    })
}
