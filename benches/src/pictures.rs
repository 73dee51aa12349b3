//! A scene's pictures, as encoders take them.

use anyhow::{Context, ensure};
use x11rb::protocol::xproto::{ConnectionExt, ImageFormat};

use crate::{
    scenes::{Kind, prepare},
    screen::Screen,
};

/// A picture in I420.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub planes: Vec<u8>,
}

impl Picture {
    #[must_use]
    pub fn luma(&self) -> &[u8] {
        &self.planes[..self.width * self.height]
    }

    /// The same with its colours in one plane, as NV12 has them.
    #[must_use]
    pub fn nv12(&self) -> Vec<u8> {
        let (luma, colours) = self.planes.split_at(self.width * self.height);
        let (blue, red) = colours.split_at(colours.len() / 2);
        let colours = blue.iter().zip(red).flat_map(|(&blue, &red)| [blue, red]);
        luma.iter().copied().chain(colours).collect()
    }

    /// From rows of pixels of four bytes, blue first; sizes are even.
    #[must_use]
    pub fn new(pixels: &[u8], width: usize, height: usize) -> Self {
        let pixel = |x: usize, y: usize| &pixels[(y * width + x) * 4..][..3];
        let mut planes = Vec::with_capacity(width * height * 3 / 2);
        for y in 0..height {
            planes.extend((0..width).map(|x| weigh(pixel(x, y), LUMA)));
        }
        for weights in [BLUE, RED] {
            for y in (0..height).step_by(2) {
                planes.extend((0..width).step_by(2).map(|x| weigh(pixel(x, y), weights)));
            }
        }
        Self {
            width,
            height,
            planes,
        }
    }
}

/// Weights of blue, green and red in 256ths, and what is added: Rec. 709 with 16 to 235 for luma.
#[derive(Clone, Copy)]
struct Weights([i32; 3], i32);
const LUMA: Weights = Weights([16, 157, 47], 16);
const BLUE: Weights = Weights([112, -87, -25], 128);
const RED: Weights = Weights([-10, -102, 112], 128);

fn weigh(pixel: &[u8], Weights(weights, offset): Weights) -> u8 {
    let parts = pixel.iter().zip(weights);
    let sum: i32 = parts.map(|(&part, weight)| i32::from(part) * weight).sum();
    u8::try_from((sum / 256 + offset).clamp(0, 255)).unwrap_or(u8::MAX)
}

/// Draws so many pictures of a scene and reads each back.
///
/// # Errors
/// If the display is gone, or its size is odd.
pub fn pictures(kind: Kind, screen: &Screen, count: u32) -> anyhow::Result<Vec<Picture>> {
    let (width, height) = (screen.width, screen.height);
    ensure!(
        width % 2 == 0 && height % 2 == 0,
        "the screen has an odd size"
    );
    let mut scene = prepare(kind, screen)?;
    (0..count)
        .map(|number| {
            scene.draw(screen, number)?;
            screen.present()?;
            let image = screen
                .connection
                .get_image(
                    ImageFormat::Z_PIXMAP,
                    screen.window(),
                    0,
                    0,
                    width,
                    height,
                    !0,
                )?
                .reply()
                .context("the screen cannot be read")?;
            Ok(Picture::new(&image.data, width.into(), height.into()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Picture;

    #[test]
    fn black_white_and_colours_are_where_video_has_them() {
        let of = |pixel: [u8; 4]| Picture::new(&pixel.repeat(4), 2, 2).planes;
        assert_eq!(of([0, 0, 0, 0]), [16, 16, 16, 16, 128, 128]);
        let white = of([255, 255, 255, 0]);
        assert!(white[..4].iter().all(|&luma| luma.abs_diff(235) <= 1));
        assert_eq!(white[4..], [128, 128]);
        let blue = of([255, 0, 0, 0]);
        assert!(blue[4] > 235 && blue[5] < 128);
        let wide = Picture::new(&[255, 0, 0, 0].repeat(8), 4, 2);
        assert_eq!(wide.nv12()[8..], [blue[4], blue[5], blue[4], blue[5]]);
    }
}
