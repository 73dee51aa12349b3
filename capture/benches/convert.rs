//! What converting a changed area costs, apart from grabbing it.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gstreamer as gst;
use gstreamer_video::{VideoFormat, VideoInfo};
use streamspace_capture::{Area, Converter};

fn conversion(criterion: &mut Criterion) {
    gst::init().expect("GStreamer");
    let mut group = criterion.benchmark_group("convert to 1080p");
    let areas = [
        ("a letter", 16, 24),
        ("a window", 640, 480),
        ("720p", 1280, 720),
        ("all", 1920, 1080),
    ];
    for (name, width, height) in areas {
        let area = Area {
            x: 0,
            y: 0,
            width,
            height,
        };
        group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        for format in [VideoFormat::I420, VideoFormat::Nv12] {
            let info = VideoInfo::builder(format, 1920, 1080).build();
            let info = info.expect("valid");
            let mut buffer = gst::Buffer::from_mut_slice(vec![0; info.size()]);
            let mut converter = Converter::new(info, 1);
            let pixels = vec![127; 1920 * 1080 * 4];
            let id = BenchmarkId::new(name, format);
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    let frame = buffer.get_mut().expect("ours alone");
                    let read = |offset: usize, strip: &mut [u8]| {
                        strip.copy_from_slice(&pixels[offset..offset + strip.len()]);
                        Ok::<(), std::io::Error>(())
                    };
                    let converted = converter.convert(black_box(&[area]), frame, read);
                    converted.expect("within the frame");
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, conversion);
criterion_main!(benches);
