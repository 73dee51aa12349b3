//! What a frame costs by how much of it has changed.

use std::{hint::black_box, num::NonZeroU16};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use streamspace_x264::{Colour, Encoder, Frame, MACROBLOCK, Picture, Plane, Search, Settings};

const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;

/// Something like text, further on by a few pixels in each picture.
fn luma(number: usize) -> Vec<u8> {
    let ink = |x: usize, y: usize| y % 16 < 11 && (x / 2 * 7 + y / 16 * 13 + x * y / 40) % 5 < 2;
    let pixels = (0..WIDTH * HEIGHT).map(|index| (index % WIDTH, index / WIDTH + number * 6));
    let shade = |(x, y)| if ink(x, y) { 30 } else { 225 };
    pixels.map(shade).collect()
}

fn encoding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode 1080p");
    group.throughput(Throughput::Elements((WIDTH * HEIGHT) as u64));
    let pictures = [luma(0), luma(1)];
    let colours = vec![128; WIDTH * HEIGHT / 2];
    for (name, changed_rows, changed_columns) in [
        ("nothing", 0, 0),
        ("a letter", 2, 1),
        ("a window", 30, 40),
        ("all", 68, 120),
    ] {
        let settings = Settings {
            width: 1920,
            height: 1080,
            fps: NonZeroU16::MIN.saturating_add(59),
            threads: NonZeroU16::MIN,
            colour: Colour::Bt709,
        };
        let mut encoder = Encoder::open(settings).expect("open");
        let (columns, rows) = encoder.macroblocks();
        let mut unchanged = vec![1; columns * rows];
        for row in unchanged.chunks_mut(columns).take(changed_rows) {
            row[..changed_columns].fill(0);
        }
        let mut shown = pictures[0].clone();
        let mut number = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for row in 0..(changed_rows * MACROBLOCK).min(HEIGHT) {
                    let part = row * WIDTH..row * WIDTH + changed_columns * MACROBLOCK;
                    shown[part.clone()].copy_from_slice(&pictures[number % 2][part]);
                }
                let plane = |data| Plane {
                    data,
                    stride: WIDTH,
                };
                let picture = Picture {
                    luma: plane(&shown),
                    chroma: plane(&colours),
                    frame: if number == 0 {
                        Frame::Key
                    } else {
                        Frame::Delta
                    },
                    quantizer: 23,
                    search: Search::Wide,
                    unchanged: Some(&unchanged),
                };
                let encoded = encoder.encode(black_box(&picture)).expect("encoded");
                number += 1;
                encoded.data.len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, encoding);
criterion_main!(benches);
