//! A moving picture without noise: bands of a soft gradient that slide past one another, and shapes
//! that cross them. Every pixel changes in every picture.

use std::f32::consts::TAU;

use x11rb::protocol::xproto::{Pixmap, Rectangle};

use super::{Drawn, Scene};
use crate::{
    layout::STRIP_HEIGHT,
    screen::{Part, Screen},
};

/// Pixels a picture by which each band moves.
const BAND_STEPS: [i32; 5] = [3, -5, 8, -4, 11];
const SHAPES: u32 = 10;

pub struct Video {
    /// Two periods of the gradient side by side, so that any offset within one has a full width.
    gradient: Pixmap,
}

impl Video {
    /// # Errors
    /// If the display is gone.
    pub fn new(screen: &Screen) -> anyhow::Result<Self> {
        let width = screen.width * 2;
        let gradient = screen.picture(width, screen.height)?;
        let pixels = gradient_pixels(screen.width, screen.height);
        screen.upload(gradient, width, &pixels)?;
        Ok(Self { gradient })
    }

    fn draw_bands(&self, screen: &Screen, number: u32) -> anyhow::Result<()> {
        let count = u16::try_from(BAND_STEPS.len())?;
        let height = (screen.height - STRIP_HEIGHT).div_ceil(count);
        for (index, step) in (0..count).zip(BAND_STEPS) {
            let top = STRIP_HEIGHT + index * height;
            let part = Part {
                from: (offset(step, number, screen.width), i16::try_from(top)?),
                to: (0, i16::try_from(top)?),
                size: (screen.width, height.min(screen.height - top)),
            };
            screen.copy(self.gradient, part)?;
        }
        Ok(())
    }
}

impl Scene for Video {
    fn draw(&mut self, screen: &Screen, number: u32) -> anyhow::Result<Drawn> {
        self.draw_bands(screen, number)?;
        for index in 0..SHAPES {
            let colour = 0x0010_2030_u32.wrapping_mul(index * 5 + 1) & 0x00ff_ffff;
            screen.fill(colour, &[shape(screen, index, number)])?;
        }
        Ok(Drawn::Picture)
    }
}

/// Where a band starts in the gradient.
fn offset(step: i32, number: u32, period: u16) -> i16 {
    let moved = i64::from(step) * i64::from(number);
    i16::try_from(moved.rem_euclid(i64::from(period))).unwrap_or(0)
}

/// A rectangle that runs to and fro in both directions, below the strip.
fn shape(screen: &Screen, index: u32, number: u32) -> Rectangle {
    let size = 60 + 14 * index;
    let across = to_and_fro(
        number * (3 + index) + 97 * index,
        u32::from(screen.width) - size,
    );
    let below = u32::from(screen.height - STRIP_HEIGHT) - size;
    let down = u32::from(STRIP_HEIGHT) + to_and_fro(number * (2 + index / 2) + 53 * index, below);
    let [x, y] = [across, down].map(|value| i16::try_from(value).unwrap_or(i16::MAX));
    let size = u16::try_from(size).unwrap_or(u16::MAX);
    Rectangle {
        x,
        y,
        width: size,
        height: size,
    }
}

fn to_and_fro(distance: u32, length: u32) -> u32 {
    let phase = distance % (2 * length);
    phase.min(2 * length - phase)
}

/// Rows of blue, green, red, unused; `2 * period` pixels wide, periodic in `period`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // colours are in 0..=255
fn gradient_pixels(period: u16, height: u16) -> Vec<u8> {
    let wave = |turns: f32| (127.5 + 100.0 * (turns * TAU).sin()) as u8;
    let mut pixels = Vec::with_capacity(usize::from(period) * usize::from(height) * 8);
    for y in 0..height {
        let v = f32::from(y) / f32::from(height);
        let start = pixels.len();
        for x in 0..period {
            let u = f32::from(x) / f32::from(period);
            pixels.extend([
                wave(3.0 * u + v),
                wave(5.0 * u - 2.0 * v),
                wave(2.0 * u + 4.0 * v),
                0,
            ]);
        }
        pixels.extend_from_within(start..);
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::{gradient_pixels, offset, to_and_fro};

    #[test]
    fn a_band_stays_within_one_period() {
        for number in [0, 1, 719, 65_535, u32::MAX] {
            for step in [-5, 11] {
                assert!((0..1280).contains(&offset(step, number, 1280)));
            }
        }
    }

    #[test]
    fn a_shape_turns_round_at_both_ends() {
        let places: Vec<_> = (0..8).map(|distance| to_and_fro(distance, 3)).collect();
        assert_eq!(places, [0, 1, 2, 3, 2, 1, 0, 1]);
    }

    #[test]
    fn the_gradient_repeats_after_one_period() {
        let pixels = gradient_pixels(64, 2);
        assert_eq!(pixels.len(), 64 * 2 * 2 * 4);
        assert_eq!(pixels[..256], pixels[256..512]);
    }
}
