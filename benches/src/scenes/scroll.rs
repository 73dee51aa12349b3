//! A long page of text that scrolls by the same distance at each picture, and starts over.

use x11rb::protocol::xproto::Pixmap;

use super::{Drawn, Scene, text::page};
use crate::{
    layout::STRIP_HEIGHT,
    screen::{Part, Screen},
};

/// Pixels a picture: a brisk scroll of 360 pixels a second.
const STEP: u32 = 6;
/// Screens of text before it starts over.
const SCREENS: u16 = 4;

pub struct Scroll {
    page: Pixmap,
    height: u16,
}

impl Scroll {
    /// # Errors
    /// If the display is gone.
    pub fn new(screen: &Screen) -> anyhow::Result<Self> {
        let height = screen.height * SCREENS;
        let page = page(screen, height)?;
        Ok(Self { page, height })
    }
}

impl Scene for Scroll {
    fn draw(&mut self, screen: &Screen, number: u32) -> anyhow::Result<Drawn> {
        let visible = screen.height - STRIP_HEIGHT;
        let top = number * STEP % u32::from(self.height - visible);
        let part = Part {
            from: (0, i16::try_from(top)?),
            to: (0, i16::try_from(STRIP_HEIGHT)?),
            size: (screen.width, visible),
        };
        screen.copy(self.page, part)?;
        Ok(Drawn::Picture)
    }
}
