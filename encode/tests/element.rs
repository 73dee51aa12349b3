//! The element in a real pipeline: what comes out is decoded and compared with what went in.

use gstreamer::{self as gst, prelude::*};
use gstreamer_app::{AppSink, AppSrc};
use gstreamer_video::UpstreamForceKeyUnitEvent;
use streamspace_capture::{Area, Changes};

const WIDTH: usize = 320;
const HEIGHT: usize = 192;
const LUMA: usize = WIDTH * HEIGHT;

/// An encoder, and after it a decoder.
struct Bench {
    pipeline: gst::Pipeline,
    source: AppSrc,
    encoded: AppSink,
    decoded: AppSink,
    frames: u64,
}

impl Bench {
    fn new() -> Self {
        gst::init().expect("GStreamer");
        streamspace_encode::register().expect("registered");
        let description = format!(
            "appsrc name=in format=time is-live=true caps=video/x-raw,format=NV12,width={WIDTH},\
             height={HEIGHT},framerate=60/1,colorimetry=bt709 \
             ! streamspacex264enc name=encoder bitrate=20000 ! tee name=both \
             both. ! queue ! appsink name=encoded sync=false \
             both. ! queue ! h264parse ! openh264dec ! appsink name=decoded sync=false"
        );
        let pipeline = gst::parse::launch(&description).expect("a pipeline");
        let pipeline = pipeline.downcast::<gst::Pipeline>().expect("a pipeline");
        pipeline.set_state(gst::State::Playing).expect("it plays");
        let sink = |name| {
            let element = pipeline.by_name(name).expect("it is there");
            element.downcast::<AppSink>().expect("an appsink")
        };
        let source = pipeline.by_name("in").expect("it is there");
        Self {
            source: source.downcast().expect("an appsrc"),
            encoded: sink("encoded"),
            decoded: sink("decoded"),
            pipeline,
            frames: 0,
        }
    }

    /// Encodes a picture that says of itself what changed.
    fn encode(&mut self, picture: &[u8], areas: Option<&[Area]>) -> gst::Buffer {
        let mut buffer = gst::Buffer::from_slice(picture.to_vec());
        let frame = buffer.get_mut().expect("ours alone");
        self.frames += 1;
        frame.set_pts(gst::ClockTime::from_mseconds(self.frames * 17));
        if let Some(areas) = areas {
            let changes = Changes {
                number: self.frames,
                areas: areas.to_vec(),
            };
            changes.attach(frame).expect("registered");
        }
        self.source.push_buffer(buffer).expect("taken");
        pull(&self.encoded)
    }

    /// The luma of the picture that viewers have now.
    fn shown(&self) -> Vec<u8> {
        let buffer = pull(&self.decoded);
        buffer.map_readable().expect("readable")[..LUMA].to_vec()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn pull(sink: &AppSink) -> gst::Buffer {
    let sample = sink.try_pull_sample(gst::ClockTime::from_seconds(20));
    let sample = sample.expect("every frame comes out before the next goes in");
    sample.buffer_owned().expect("a buffer")
}

fn is_keyframe(buffer: &gst::Buffer) -> bool {
    !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT)
}

/// Something like text, of this seed.
fn page(seed: usize) -> Vec<u8> {
    let mut picture = vec![128; LUMA * 3 / 2];
    for (index, sample) in picture[..LUMA].iter_mut().enumerate() {
        let (x, y) = (index % WIDTH / 3, index / WIDTH / 2);
        let ink = y % 8 < 5 && (x * 7 + y * 13 + seed * 31 + x * y * seed) % 5 < 2;
        *sample = if ink { 30 } else { 225 };
    }
    picture
}

/// Peak signal-to-noise ratio, in dB.
fn psnr(one: &[u8], other: &[u8]) -> f64 {
    let squares = one
        .iter()
        .zip(other)
        .map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2));
    let mean = squares.sum::<f64>() / one.len() as f64;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

#[test]
fn a_change_is_shown_and_the_rest_stays() {
    let mut bench = Bench::new();
    let mut picture = page(1);
    bench.encode(&picture, Some(&[Area::whole(320, 192)]));
    bench.shown();
    let (x, y, width, height) = (101, 50, 70, 33);
    let other = page(2);
    for row in y..y + height {
        let part = row * WIDTH + x..row * WIDTH + x + width;
        picture[part.clone()].copy_from_slice(&other[part]);
    }
    let [x, y, width, height] = [x, y, width, height].map(|length| length as u16);
    let area = Area {
        x,
        y,
        width,
        height,
    };
    let changed = bench.encode(&picture, Some(&[area]));
    let likeness = psnr(&bench.shown(), &picture[..LUMA]);
    assert!(likeness > 35.0, "{likeness} dB");
    let everything = bench.encode(&page(3), Some(&[Area::whole(320, 192)]));
    assert!(changed.size() < everything.size() / 2);
}

#[test]
fn a_still_picture_becomes_sharp_and_then_takes_nothing() {
    let mut bench = Bench::new();
    let picture = page(1);
    let encoder = bench.pipeline.by_name("encoder").expect("it is there");
    encoder.set_property("bitrate", 1000_u32);
    bench.encode(&picture, Some(&[Area::whole(320, 192)]));
    let first = bench.shown();
    assert!(!encoder.property::<bool>("sharp"));
    let repeated = (0..200).map(|_| (bench.encode(&picture, Some(&[])).size(), bench.shown()));
    let (bytes, last) = repeated.last().expect("there are some");
    assert!(bytes < 100, "{bytes} bytes");
    assert!(encoder.property::<bool>("sharp"));
    assert!(psnr(&last, &picture[..LUMA]) >= psnr(&first, &picture[..LUMA]));
    assert!(psnr(&last, &picture[..LUMA]) > 43.0);
}

#[test]
fn a_source_that_does_not_tell_what_changed_loses_nothing() {
    let mut bench = Bench::new();
    for seed in 1..4 {
        let picture = page(seed);
        bench.encode(&picture, None);
        let likeness = psnr(&bench.shown(), &picture[..LUMA]);
        assert!(likeness > 25.0, "{likeness} dB");
    }
    // Nor does one that leaves a frame out on the way: 4 is missing.
    bench.frames += 1;
    let picture = page(9);
    bench.encode(&picture, Some(&[]));
    let likeness = psnr(&bench.shown(), &picture[..LUMA]);
    assert!(likeness > 25.0, "{likeness} dB");
}

#[test]
fn keyframes_come_first_and_on_request() {
    let mut bench = Bench::new();
    let picture = page(1);
    assert!(is_keyframe(&bench.encode(&picture, Some(&[]))));
    assert!(!is_keyframe(&bench.encode(&picture, Some(&[]))));
    let encoder = bench.pipeline.by_name("encoder").expect("it is there");
    encoder.send_event(
        UpstreamForceKeyUnitEvent::builder()
            .all_headers(true)
            .build(),
    );
    assert!(is_keyframe(&bench.encode(&picture, Some(&[]))));
    assert!(!is_keyframe(&bench.encode(&picture, Some(&[]))));
}
