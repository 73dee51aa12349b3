//! Pages of words that are the same in every run.

use std::time::Duration;

use x11rb::protocol::xproto::{Pixmap, Rectangle};

use super::{Drawn, Scene};
use crate::{
    layout::STRIP_HEIGHT,
    random::Random,
    screen::{Part, Screen},
};

const PAPER: u32 = 0x00ff_ffff;
const MARGIN: u16 = 24;
/// The built-in font's cell.
const LETTER_WIDTH: u16 = 6;
const LINE_HEIGHT: u16 = 16;
/// A line is sent in one request, which holds at most 255 letters.
const LONGEST_LINE: u16 = 250;
const SEED: u64 = 3;

/// A still page; each key press writes one more letter over it.
pub struct Text {
    page: Pixmap,
    typed: u32,
    letters: Random,
}

impl Text {
    /// # Errors
    /// If the display is gone.
    pub fn new(screen: &Screen) -> anyhow::Result<Self> {
        Ok(Self {
            page: page(screen, screen.height)?,
            typed: 0,
            letters: Random::new(SEED),
        })
    }
}

impl Scene for Text {
    fn interval(&self) -> Option<Duration> {
        None
    }

    fn draw(&mut self, screen: &Screen, _number: u32) -> anyhow::Result<Drawn> {
        let place = (0, i16::try_from(STRIP_HEIGHT)?);
        let part = Part {
            from: place,
            to: place,
            size: (screen.width, screen.height - STRIP_HEIGHT),
        };
        screen.copy(self.page, part)?;
        Ok(Drawn::Picture)
    }

    fn key(&mut self, screen: &Screen) -> anyhow::Result<()> {
        let columns = u32::from(columns(screen.width));
        let lines = u32::from((screen.height - STRIP_HEIGHT) / LINE_HEIGHT) - 1;
        let (column, line) = (self.typed % columns, self.typed / columns % lines);
        self.typed += 1;
        let x = i16::try_from(u32::from(MARGIN) + column * u32::from(LETTER_WIDTH))?;
        let baseline = u32::from(STRIP_HEIGHT) + (line + 1) * u32::from(LINE_HEIGHT);
        let baseline = i16::try_from(baseline)?;
        screen.text(x, baseline, &[letter(&mut self.letters)])?;
        screen.present_part(Rectangle {
            x,
            y: baseline - i16::try_from(LINE_HEIGHT)?,
            width: LETTER_WIDTH,
            height: LINE_HEIGHT + 4,
        })
    }
}

/// A picture of lines of words, as wide as the screen and `height` high.
pub(super) fn page(screen: &Screen, height: u16) -> anyhow::Result<Pixmap> {
    let page = screen.picture(screen.width, height)?;
    let paper = Rectangle {
        x: 0,
        y: 0,
        width: screen.width,
        height,
    };
    screen.fill_in(page, PAPER, &[paper])?;
    let mut random = Random::new(SEED);
    let columns = usize::from(columns(screen.width));
    for line in 1..height / LINE_HEIGHT {
        let words = words(&mut random, columns);
        let baseline = i16::try_from(line * LINE_HEIGHT)?;
        screen.text_in(page, i16::try_from(MARGIN)?, baseline, &words)?;
    }
    Ok(page)
}

fn columns(width: u16) -> u16 {
    ((width - 2 * MARGIN) / LETTER_WIDTH).min(LONGEST_LINE)
}

fn words(random: &mut Random, columns: usize) -> Vec<u8> {
    let mut line = Vec::with_capacity(columns + 10);
    // One line in eight is the short end of a paragraph.
    let end = if random.below(8) == 0 {
        columns / 3
    } else {
        columns
    };
    while line.len() < end {
        for _ in 0..2 + random.below(8) {
            line.push(letter(random));
        }
        line.push(b' ');
    }
    line.truncate(end);
    line
}

fn letter(random: &mut Random) -> u8 {
    b"etaoinshrdlucmfwypvbgkjqxz"[random.below(26) as usize]
}

#[cfg(test)]
mod tests {
    use super::{Random, words};

    #[test]
    fn a_line_fills_its_columns_and_no_more() {
        let mut random = Random::new(1);
        for _ in 0..100 {
            let line = words(&mut random, 200);
            assert!(line.len() == 200 || line.len() == 66, "{}", line.len());
            assert!(
                line.iter()
                    .all(|&byte| byte.is_ascii_lowercase() || byte == b' ')
            );
        }
    }
}
