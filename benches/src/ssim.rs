//! Structural similarity of two pictures (Wang, Bovik, Sheikh and Simoncelli, 2004): the mean over
//! windows of 8 x 8 pixels of luma, a window every 4 pixels.

const WINDOW: usize = 8;
const STEP: usize = 4;
/// (0.01 x 255)^2 and (0.03 x 255)^2, as in the paper.
const C1: f64 = 6.5025;
const C2: f64 = 58.5225;

/// Luma of a picture, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Luma {
    width: usize,
    values: Vec<f32>,
}

/// Where a colour's parts are within a pixel of four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    RedFirst,
    BlueFirst,
}

impl Luma {
    /// Takes pixels of four bytes, and leaves out the rows above `top`.
    ///
    /// None if the pixels are not whole rows of this width.
    #[must_use]
    pub fn new(pixels: &[u8], width: usize, order: Order, top: usize) -> Option<Self> {
        let row = width * 4;
        if row == 0 || !pixels.len().is_multiple_of(row) {
            return None;
        }
        let values = pixels.get(top * row..)?;
        let values = values
            .chunks_exact(4)
            .map(|pixel| luma(pixel, order))
            .collect();
        Some(Self { width, values })
    }

    /// Takes rows of luma.
    ///
    /// None if they are not whole rows of this width.
    #[must_use]
    pub fn of_plane(plane: &[u8], width: usize) -> Option<Self> {
        let is_whole = width > 0 && plane.len().is_multiple_of(width);
        let values = plane.iter().map(|&value| f32::from(value)).collect();
        is_whole.then_some(Self { width, values })
    }

    fn height(&self) -> usize {
        self.values.len() / self.width
    }
}

/// Rec. 601, as JPEG and most SSIM tools weigh colours.
fn luma(pixel: &[u8], order: Order) -> f32 {
    let [first, green, third] = [pixel[0], pixel[1], pixel[2]].map(f32::from);
    let (red, blue) = match order {
        Order::RedFirst => (first, third),
        Order::BlueFirst => (third, first),
    };
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// From 0 (nothing in common) to 1 (the same); none if the sizes differ or are less than a window.
#[must_use]
pub fn similarity(one: &Luma, other: &Luma) -> Option<f64> {
    if one.width != other.width || one.values.len() != other.values.len() {
        return None;
    }
    let (mut sum, mut windows) = (0.0, 0_u32);
    for y in (0..(one.height() + 1).saturating_sub(WINDOW)).step_by(STEP) {
        for x in (0..(one.width + 1).saturating_sub(WINDOW)).step_by(STEP) {
            sum += window(one, other, x, y);
            windows += 1;
        }
    }
    (windows > 0).then(|| sum / f64::from(windows))
}

fn window(one: &Luma, other: &Luma, x: usize, y: usize) -> f64 {
    const COUNT: f64 = (WINDOW * WINDOW) as f64;
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for row in y..y + WINDOW {
        let start = row * one.width + x;
        let rows = one.values[start..start + WINDOW].iter();
        for (&p, &q) in rows.zip(&other.values[start..start + WINDOW]) {
            let (p, q) = (f64::from(p), f64::from(q));
            a += p;
            b += q;
            aa += p * p;
            bb += q * q;
            ab += p * q;
        }
    }
    let (a, b) = (a / COUNT, b / COUNT);
    let (aa, bb, ab) = (aa / COUNT - a * a, bb / COUNT - b * b, ab / COUNT - a * b);
    (2.0 * a * b + C1) * (2.0 * ab + C2) / ((a * a + b * b + C1) * (aa + bb + C2))
}

#[cfg(test)]
mod tests {
    use super::{Luma, Order, similarity};
    use crate::random::Random;

    const WIDTH: usize = 64;

    fn noise(seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        (0..WIDTH * 48 * 4)
            .map(|_| random.below(256) as u8)
            .collect()
    }

    fn luma(pixels: &[u8]) -> Luma {
        Luma::new(pixels, WIDTH, Order::RedFirst, 0).expect("whole rows")
    }

    #[test]
    fn a_picture_is_the_same_as_itself() {
        let picture = luma(&noise(1));
        let same = similarity(&picture, &picture).expect("same size");
        assert!((same - 1.0).abs() < 1e-9, "{same}");
    }

    #[test]
    fn unrelated_pictures_have_little_in_common() {
        let value = similarity(&luma(&noise(1)), &luma(&noise(2))).expect("same size");
        assert!(value.abs() < 0.1, "{value}");
    }

    #[test]
    fn a_little_noise_costs_a_little() {
        let original = noise(1);
        let coarse: Vec<u8> = original.iter().map(|value| value & 0xe0 | 0x10).collect();
        let value = similarity(&luma(&original), &luma(&coarse)).expect("same size");
        assert!((0.9..1.0).contains(&value), "{value}");
    }

    #[test]
    fn the_order_of_colours_makes_no_difference() {
        let red_first = noise(1);
        let mut blue_first = red_first.clone();
        blue_first
            .chunks_exact_mut(4)
            .for_each(|pixel| pixel.swap(0, 2));
        let blue_first = Luma::new(&blue_first, WIDTH, Order::BlueFirst, 0).expect("whole rows");
        assert_eq!(luma(&red_first), blue_first);
    }

    #[test]
    fn what_is_no_picture_of_this_width_is_refused() {
        assert!(Luma::new(&[0; 100], WIDTH, Order::RedFirst, 0).is_none());
        assert!(Luma::new(&[0; WIDTH * 4], WIDTH, Order::RedFirst, 2).is_none());
        assert!(Luma::new(&[], 0, Order::RedFirst, 0).is_none());
        let small = luma(&[0; WIDTH * 4]);
        assert_eq!(similarity(&small, &small), None);
    }
}
