//! The whole screen in the marker's colour: the largest change that one click can make.

use std::time::Duration;

use super::{Drawn, Reaction, Scene};
use crate::screen::Screen;

pub struct Flash;

impl Scene for Flash {
    fn interval(&self) -> Option<Duration> {
        None
    }

    fn draw(&mut self, _screen: &Screen, _number: u32) -> anyhow::Result<Drawn> {
        Ok(Drawn::Picture)
    }

    fn reaction(&self) -> Reaction {
        Reaction::WholePicture
    }
}
