//! A person at work: ten letters a second, and a second of scrolling in every five.

use super::{Drawn, RATE, Scene, Scroll, Text};
use crate::screen::Screen;

const PERIOD: u32 = 5 * RATE;
const LETTER_EVERY: u32 = RATE / 10;

pub struct Work {
    scroll: Scroll,
    text: Text,
}

impl Work {
    /// # Errors
    /// If the display is gone.
    pub fn new(screen: &Screen) -> anyhow::Result<Self> {
        Ok(Self {
            scroll: Scroll::new(screen)?,
            text: Text::new(screen)?,
        })
    }
}

/// What happens at one tick.
#[derive(Debug, PartialEq, Eq)]
enum Tick {
    Scroll,
    Letter,
    Nothing,
}

fn tick(number: u32) -> Tick {
    if number % PERIOD < RATE {
        Tick::Scroll
    } else if number.is_multiple_of(LETTER_EVERY) {
        Tick::Letter
    } else {
        Tick::Nothing
    }
}

impl Scene for Work {
    fn draw(&mut self, screen: &Screen, number: u32) -> anyhow::Result<Drawn> {
        match tick(number) {
            Tick::Scroll => self.scroll.draw(screen, number),
            Tick::Letter => self.text.key(screen).map(|()| Drawn::Nothing),
            Tick::Nothing => Ok(Drawn::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PERIOD, RATE, Tick, tick};

    #[test]
    fn a_period_has_a_second_of_scrolling_and_forty_letters() {
        let count = |what| (0..PERIOD).filter(|&number| tick(number) == what).count();
        assert_eq!(count(Tick::Scroll), RATE as usize);
        assert_eq!(count(Tick::Letter), 40);
    }
}
