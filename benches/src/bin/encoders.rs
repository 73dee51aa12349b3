//! Compares software encoders at equal quality: for each, the lowest bitrate at which a scene's pictures,
//! decoded again, are as similar to the originals as asked for, and what that costs.

use std::{
    io::{Write, stdout},
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::Parser;
use gstreamer::{self as gst, prelude::*};
use gstreamer_app::{AppSink, AppSrc};
use gstreamer_video::{VideoFormat, VideoFrameExt, VideoFrameRef, VideoInfo};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use streamspace_benches::{
    pictures::{Picture, pictures},
    scenes::Kind,
    screen::Screen,
    ssim::{Luma, similarity},
};
use streamspace_gpu::{Codec, Encoder, EncoderTarget};

const FPS: u16 = 60;
/// Every so many pictures one is compared.
const COMPARED: usize = 8;
/// The bitrates between which the right one is looked for, and how often the span is halved.
const BITRATES_BPS: (f64, f64) = (300_000.0, 40_000_000.0);
const HALVINGS: u32 = 6;
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(20);

/// Draws on the display that `DISPLAY` names, and prints a line of JSON for each encoder.
#[derive(Debug, Parser)]
struct Args {
    #[arg(long)]
    scene: Kind,
    #[arg(long, default_value_t = 64)]
    frames: u32,
    /// The structural similarity of luma, from 0 to 1, that each has to reach.
    #[arg(long, default_value_t = 0.97)]
    similarity: f64,
}

/// An encoder with settings of its own.
struct Candidate {
    name: &'static str,
    codec: Codec,
    element: &'static str,
    format: VideoFormat,
    text: Box<dyn Fn(EncoderTarget) -> String>,
}

/// What encoding the pictures gave.
struct Outcome {
    units: Vec<gst::Sample>,
    bytes: usize,
    processor: Duration,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    gst::init()?;
    streamspace_encode::register()?;
    let screen = Screen::open()?;
    let pictures = pictures(args.scene, &screen, args.frames)?;
    for candidate in candidates() {
        if gst::ElementFactory::find(candidate.element).is_none() {
            continue;
        }
        let line = match cheapest(&candidate, &pictures, args.similarity)? {
            Some((outcome, similarity)) => {
                let frames = pictures.len() as f64;
                let kbps = outcome.bytes as f64 * 8.0 * f64::from(FPS) / frames / 1000.0;
                let processor_ms = outcome.processor.as_secs_f64() * 1000.0 / frames;
                json!({ "name": candidate.name, "kbps": kbps, "processorMs": processor_ms,
                        "similarity": similarity })
            }
            None => json!({ "name": candidate.name }),
        };
        writeln!(stdout(), "{line}")?;
    }
    Ok(())
}

fn candidates() -> Vec<Candidate> {
    let ours = [
        ("x264, ours", Encoder::X264),
        ("openh264", Encoder::OpenH264),
        ("VP8", Encoder::Vp8),
        ("VP9", Encoder::Vp9),
    ];
    let ours = ours.map(|(name, encoder)| Candidate {
        name,
        codec: encoder.codec(),
        element: encoder.element(),
        format: match encoder {
            Encoder::X264 => VideoFormat::Nv12,
            _ => VideoFormat::I420,
        },
        text: Box::new(move |target| encoder.pipeline(target)),
    });
    let presets = [
        ("x264 ultrafast", "ultrafast"),
        ("x264 superfast", "superfast"),
        ("x264 veryfast", "veryfast"),
    ];
    let presets = presets.map(|(name, preset)| Candidate {
        name,
        codec: Codec::H264,
        element: Encoder::X264Plain.element(),
        format: VideoFormat::I420,
        text: Box::new(move |target| {
            let text = Encoder::X264Plain.pipeline(target);
            text.replace("speed-preset=ultrafast", &format!("speed-preset={preset}"))
        }),
    });
    ours.into_iter().chain(presets).collect()
}

/// At the lowest bitrate that reaches this similarity; nothing if none does.
fn cheapest(
    candidate: &Candidate,
    pictures: &[Picture],
    wanted: f64,
) -> anyhow::Result<Option<(Outcome, f64)>> {
    let (mut low, mut high) = (BITRATES_BPS.0.log2(), BITRATES_BPS.1.log2());
    let mut best = None;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        let bitrate_bps = middle.exp2() as u32;
        let outcome = encode(candidate, pictures, bitrate_bps)
            .with_context(|| format!("{} at {bitrate_bps} bit/s", candidate.name))?;
        let reached = reached(candidate.codec, &outcome.units, pictures)?;
        if reached >= wanted {
            (high, best) = (middle, Some((outcome, reached)));
        } else {
            low = middle;
        }
    }
    Ok(best)
}

fn encode(
    candidate: &Candidate,
    pictures: &[Picture],
    bitrate_bps: u32,
) -> anyhow::Result<Outcome> {
    let target = EncoderTarget {
        bitrate_bps,
        fps: FPS,
    };
    let first = pictures.first().context("no picture")?;
    let line = Line::new(&format!(
        "appsrc name=in format=time is-live=true caps=video/x-raw,format={},width={},height={},\
         framerate={FPS}/1,colorimetry={} ! {} ! appsink name=out sync=false",
        candidate.format.to_str(),
        first.width,
        first.height,
        candidate.codec.colorimetry(),
        (candidate.text)(target)
    ))?;
    let planes: Vec<Vec<u8>> = match candidate.format {
        VideoFormat::Nv12 => pictures.iter().map(Picture::nv12).collect(),
        _ => pictures
            .iter()
            .map(|picture| picture.planes.clone())
            .collect(),
    };
    let began = clock_gettime(ClockId::ProcessCPUTime);
    let mut units = Vec::new();
    for (number, planes) in (0..).zip(planes) {
        line.push(planes, number)?;
        units.push(line.pull()?);
    }
    let processor = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime) - began)?;
    let bytes = units.iter().filter_map(|unit| unit.buffer());
    Ok(Outcome {
        bytes: bytes.map(gst::BufferRef::size).sum(),
        units,
        processor,
    })
}

/// How similar the decoded pictures are to the originals, on average.
fn reached(codec: Codec, units: &[gst::Sample], pictures: &[Picture]) -> anyhow::Result<f64> {
    let is_there = |name: &&&str| gst::ElementFactory::find(name).is_some();
    let decoder = codec
        .decoders()
        .iter()
        .find(is_there)
        .context("no decoder")?;
    let parser = codec.parser().unwrap_or("identity");
    let line = Line::new(&format!(
        "appsrc name=in format=time ! {parser} ! {decoder} ! appsink name=out sync=false"
    ))?;
    for unit in units {
        line.source.push_sample(unit)?;
    }
    line.source.end_of_stream()?;
    let mut values = Vec::new();
    for (number, picture) in pictures.iter().enumerate() {
        let decoded = line.pull()?;
        if number % COMPARED == COMPARED - 1 {
            let original = Luma::of_plane(picture.luma(), picture.width);
            let value = similarity(&luma(&decoded)?, &original.context("no picture")?);
            values.push(value.context("a picture of another size")?);
        }
    }
    ensure!(!values.is_empty(), "too few pictures to compare");
    Ok(values.iter().sum::<f64>() / values.len() as f64)
}

fn luma(sample: &gst::Sample) -> anyhow::Result<Luma> {
    let info = VideoInfo::from_caps(sample.caps().context("a picture of no format")?)?;
    let buffer = sample.buffer().context("an empty picture")?;
    let frame = VideoFrameRef::from_buffer_ref_readable(buffer, &info)?;
    let stride = usize::try_from(frame.plane_stride()[0])?;
    let (width, height) = (info.width() as usize, info.height() as usize);
    let rows = frame.plane_data(0)?.chunks(stride).take(height);
    let plane: Vec<u8> = rows
        .flat_map(|row| row.iter().take(width).copied())
        .collect();
    Luma::of_plane(&plane, width).context("an empty picture")
}

/// A playing pipeline from an appsrc `in` to an appsink `out`; it ends with the process.
struct Line {
    pipeline: gst::Pipeline,
    source: AppSrc,
    sink: AppSink,
}

impl Line {
    fn new(text: &str) -> anyhow::Result<Self> {
        let pipeline = gst::parse::launch(text)?;
        let pipeline = pipeline
            .downcast::<gst::Pipeline>()
            .ok()
            .context("no pipeline")?;
        let line = Self {
            source: pipeline.by_name("in").and_downcast().context("no appsrc")?,
            sink: pipeline
                .by_name("out")
                .and_downcast()
                .context("no appsink")?,
            pipeline,
        };
        line.pipeline.set_state(gst::State::Playing)?;
        Ok(line)
    }

    fn push(&self, planes: Vec<u8>, number: u64) -> anyhow::Result<()> {
        let mut buffer = gst::Buffer::from_slice(planes);
        let frame = buffer.get_mut().context("a buffer of ours")?;
        frame.set_pts(gst::ClockTime::SECOND * number / u64::from(FPS));
        self.source.push_buffer(buffer)?;
        Ok(())
    }

    fn pull(&self) -> anyhow::Result<gst::Sample> {
        let sample = self.sink.try_pull_sample(PATIENCE);
        sample.with_context(|| format!("no frame came out: {:?}", self.error()))
    }

    fn error(&self) -> Option<String> {
        let message = self
            .pipeline
            .bus()?
            .pop_filtered(&[gst::MessageType::Error])?;
        match message.view() {
            gst::MessageView::Error(error) => Some(error.error().to_string()),
            _ => None,
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // What does not stop ends with the process.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}
