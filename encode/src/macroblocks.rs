//! What is known of each macroblock of the picture: whether it changed, how much there is to code in
//! it, and how sharply the viewers have it. Pure.

use streamspace_capture::Area;
use streamspace_x264::{MACROBLOCK, Plane};

/// What a macroblock costs even if there is nothing in it but motion, as activity.
const BLOCK: u32 = 150;
/// Text has three times as much activity in a macroblock, gradients a tenth.
const DETAILED: u32 = 2000;
/// Coarser than any quantizer: viewers do not have this macroblock at all.
const NOTHING: u8 = 52;

#[derive(Debug)]
pub(crate) struct Macroblocks {
    columns: usize,
    rows: usize,
    all: Vec<Macroblock>,
    /// As x264 wants it: 1 for those that are as in the frame before.
    unchanged: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Macroblock {
    /// Of the last frame in which it changed.
    activity: u32,
    /// With which viewers have it.
    quantizer: u8,
}

/// What a frame asks of the encoder. Activity is the sum of the differences between neighbouring
/// samples: with a quantizer given, bits are about proportional to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Work {
    /// How many macroblocks differ from the frame before.
    pub(crate) changed_blocks: f64,
    /// How many of those are as busy as text.
    pub(crate) detailed_blocks: f64,
    /// The part of the picture (0 to 1) that differs from the frame before.
    pub(crate) changed_part: f64,
    /// The activity of what differs.
    pub(crate) changed: f64,
    /// The activity of what does not, by the quantizer with which viewers have it.
    pub(crate) unchanged: [f64; NOTHING as usize + 1],
}

impl Work {
    /// Whether much would be lost if it is not found where it has gone: on a page that scrolls by 24
    /// pixels a wide search takes a third of the bits, in video none less.
    pub(crate) fn is_detailed(&self) -> bool {
        self.detailed_blocks > 0.1 * self.changed_blocks
    }

    /// The activity of the whole picture.
    pub(crate) fn whole(&self) -> f64 {
        self.changed + self.unchanged.iter().sum::<f64>()
    }

    /// The coarsest quantizer with which viewers have something that has not changed.
    pub(crate) fn coarsest(&self) -> Option<u8> {
        let coarsest = self
            .unchanged
            .iter()
            .rposition(|&activity| activity > 0.0)?;
        u8::try_from(coarsest).ok()
    }
}

impl Macroblocks {
    pub(crate) fn new((columns, rows): (usize, usize)) -> Self {
        let nothing = Macroblock {
            activity: 0,
            quantizer: NOTHING,
        };
        Self {
            columns,
            rows,
            all: vec![nothing; columns * rows],
            unchanged: vec![0; columns * rows],
        }
    }

    /// Looks at the parts of the picture that differ from the frame before.
    pub(crate) fn see(&mut self, luma: Plane<'_>, changes: &[Area]) -> Work {
        self.unchanged.fill(1);
        for area in changes {
            let (columns, rows) = self.within(*area);
            for row in rows {
                let start = row * self.columns;
                self.unchanged[start + columns.start..start + columns.end].fill(0);
            }
        }
        let mut work = Work {
            changed_blocks: 0.0,
            detailed_blocks: 0.0,
            changed_part: 0.0,
            changed: 0.0,
            unchanged: [0.0; NOTHING as usize + 1],
        };
        let columns = self.columns;
        for (index, (block, unchanged)) in self.all.iter_mut().zip(&self.unchanged).enumerate() {
            if *unchanged == 0 {
                block.activity = activity(luma, index % columns, index / columns);
                work.changed_blocks += 1.0;
                work.detailed_blocks += f64::from(u8::from(block.activity > DETAILED));
                work.changed += f64::from(block.activity);
            } else {
                work.unchanged[usize::from(block.quantizer.min(NOTHING))] +=
                    f64::from(block.activity);
            }
        }
        work.changed_part = work.changed_blocks / self.all.len().max(1) as f64;
        work
    }

    /// The macroblocks that an area touches.
    fn within(&self, area: Area) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let range = |start: u16, length: u16, most: usize| {
            let end = usize::from(start) + usize::from(length);
            let end = end.div_ceil(MACROBLOCK).min(most);
            (usize::from(start) / MACROBLOCK).min(end)..end
        };
        (
            range(area.x, area.width, self.columns),
            range(area.y, area.height, self.rows),
        )
    }

    pub(crate) fn unchanged(&self) -> &[u8] {
        &self.unchanged
    }

    /// The coarsest quantizer with which viewers have any of it.
    pub(crate) fn coarsest(&self) -> u8 {
        let quantizers = self.all.iter().map(|block| block.quantizer);
        quantizers.max().unwrap_or(0)
    }

    /// Viewers have all of the last frame with this quantizer, or better.
    pub(crate) fn encoded(&mut self, quantizer: u8) {
        for (block, unchanged) in self.all.iter_mut().zip(&self.unchanged) {
            block.quantizer = match unchanged {
                0 => quantizer,
                _ => block.quantizer.min(quantizer),
            };
        }
    }

    /// The last frame was a keyframe: viewers have nothing but that.
    pub(crate) fn encoded_anew(&mut self, quantizer: u8) {
        for block in &mut self.all {
            block.quantizer = quantizer;
        }
    }
}

/// The differences between neighbouring samples along the macroblock's rows.
fn activity(luma: Plane<'_>, column: usize, row: usize) -> u32 {
    let left = column * MACROBLOCK;
    let mut sum = BLOCK;
    for row in row * MACROBLOCK..(row + 1) * MACROBLOCK {
        let start = row * luma.stride;
        let end = (start + left + MACROBLOCK + 1).min(start + luma.stride);
        let Some(line) = luma.data.get(start + left..end) else {
            break;
        };
        sum += match (
            line.first_chunk(),
            line.get(1..).and_then(<[u8]>::first_chunk),
        ) {
            (Some(samples), Some(next)) => differences(samples, next),
            // At the right edge.
            _ => line
                .windows(2)
                .map(|pair| u32::from(pair[0].abs_diff(pair[1])))
                .sum(),
        };
    }
    sum
}

/// Of arrays, so that it becomes a single instruction.
fn differences(samples: &[u8; MACROBLOCK], next: &[u8; MACROBLOCK]) -> u32 {
    let pairs = samples.iter().zip(next);
    pairs
        .map(|(&one, &other)| u32::from(one.abs_diff(other)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 64;

    /// 64 x 40: four columns, and three rows of which the last is cut off.
    fn macroblocks() -> Macroblocks {
        Macroblocks::new((4, 3))
    }

    fn luma(data: &[u8]) -> Plane<'_> {
        Plane {
            data,
            stride: WIDTH,
        }
    }

    fn stripes() -> Vec<u8> {
        [0, 10].repeat(WIDTH * 40 / 2)
    }

    #[test]
    fn only_what_changed_is_looked_at() {
        let picture = stripes();
        let mut blocks = macroblocks();
        let everything = blocks.see(luma(&picture), &[Area::whole(64, 40)]);
        assert!((everything.changed_part - 1.0).abs() < 1e-9);
        // In each row 16 differences of 10, but for the last column, which has 15.
        let cut_off = 3.0 * 1430.0 + 1350.0;
        assert!((everything.changed - (6.0 * 2710.0 + 2.0 * 2550.0 + cut_off)).abs() < 1e-9);

        let area = Area {
            x: 15,
            y: 32,
            width: 2,
            height: 2,
        };
        let little = blocks.see(luma(&picture), &[area]);
        assert_eq!(blocks.unchanged(), [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1]);
        assert!((little.changed - 2.0 * 1430.0).abs() < 1e-9);
        assert!((little.whole() - everything.whole()).abs() < 1e-9);
    }

    #[test]
    fn what_viewers_have_becomes_sharper_until_it_changes() {
        let picture = stripes();
        let mut blocks = macroblocks();
        let new = blocks.see(luma(&picture), &[Area::whole(64, 40)]);
        assert_eq!(new.coarsest(), None);
        blocks.encoded(30);
        assert_eq!(blocks.see(luma(&picture), &[]).coarsest(), Some(30));
        blocks.encoded(20);
        blocks.see(luma(&picture), &[Area::whole(16, 16)]);
        blocks.encoded(40);
        let after = blocks.see(luma(&picture), &[]);
        assert_eq!((after.coarsest(), blocks.coarsest()), (Some(40), 40));
        assert!((after.unchanged[40] - 2710.0).abs() < 1e-9);
        assert!((after.unchanged[20] - (after.whole() - 2710.0)).abs() < 1e-9);
        blocks.encoded_anew(25);
        let anew = blocks.see(luma(&picture), &[]);
        assert!((anew.unchanged[25] - anew.whole()).abs() < 1e-9);
    }

    #[test]
    fn areas_and_planes_that_are_not_the_pictures_do_no_harm() {
        let mut blocks = macroblocks();
        let far = Area {
            x: u16::MAX,
            y: u16::MAX,
            width: u16::MAX,
            height: u16::MAX,
        };
        let work = blocks.see(luma(&[]), &[far, Area::whole(u16::MAX, u16::MAX)]);
        assert!((work.changed_part - 1.0).abs() < 1e-9);
        assert!((work.whole() - 12.0 * f64::from(BLOCK)).abs() < 1e-9);
    }
}
