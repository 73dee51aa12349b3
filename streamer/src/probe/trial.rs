//! Whether an encoder encodes: pictures go in, and are decoded and compared.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use gstreamer::{self as gst, prelude::*};
use gstreamer_video::{UpstreamForceKeyUnitEvent, VideoFormat};
use rustix::time::{ClockId, clock_gettime};
use streamspace_gpu::{Codec, Encoder, EncoderTarget, Trial};

use crate::media::{ENCODER, Line, decoder};

/// No multiple of a macroblock's 16 lines: what is beyond the edge must be cut off again.
const WIDTH: usize = 640;
const HEIGHT: usize = 360;
const FPS: u16 = 30;
const FRAMES: usize = 10;
/// For this one a keyframe is asked for.
const KEYFRAME: usize = 5;
const TARGET: EncoderTarget = EncoderTarget {
    bitrate_bps: 8_000_000,
    fps: FPS,
};
/// A picture that is less like its original is not of it, in dB: at this bitrate all reach 35.
const MIN_LIKENESS_DB: f64 = 22.0;

/// Encodes a few pictures, one at a time, as a session does.
pub(super) fn run(encoder: Encoder) -> anyhow::Result<Trial> {
    let (codec, format) = (encoder.codec(), format(encoder)?);
    let line = Line::new(&format!(
        "appsrc name=in format=time is-live=true caps={} ! {} ! appsink name=out sync=false",
        raw(codec, format, (WIDTH, HEIGHT), FPS),
        encoder.pipeline(TARGET)
    ))?;
    let (units, trial) = encode(&line, codec, format)?;
    if let Some(decoder) = decoder(codec) {
        compare(&units, &decoder, codec, format)?;
    }
    Ok(trial)
}

/// NV12, which is what hardware takes, or else I420.
pub(super) fn format(encoder: Encoder) -> anyhow::Result<VideoFormat> {
    let factory = gst::ElementFactory::find(encoder.element());
    let factory = factory.with_context(|| format!("no element {}", encoder.element()))?;
    let nv12 = gst::Caps::builder("video/x-raw")
        .field("format", "NV12")
        .build();
    Ok(if factory.can_sink_any_caps(&nv12) {
        VideoFormat::Nv12
    } else {
        VideoFormat::I420
    })
}

pub(super) fn raw(
    codec: Codec,
    format: VideoFormat,
    (width, height): (usize, usize),
    fps: u16,
) -> String {
    format!(
        "video/x-raw,format={},width={width},height={height},framerate={fps}/1,colorimetry={}",
        format.to_str(),
        codec.colorimetry()
    )
}

fn encode(
    line: &Line,
    codec: Codec,
    format: VideoFormat,
) -> anyhow::Result<(Vec<gst::Sample>, Trial)> {
    let (mut units, mut latencies) = (Vec::new(), Vec::new());
    let mut started = processor_time();
    for number in 0..FRAMES {
        if number == KEYFRAME {
            let encoder = line.element(ENCODER)?;
            encoder.send_event(
                UpstreamForceKeyUnitEvent::builder()
                    .all_headers(true)
                    .build(),
            );
        }
        let began = Instant::now();
        line.push(picture(number, format), time(number)?)?;
        let unit = line.pull()?;
        latencies.push(began.elapsed());
        if number == 0 {
            // The first one pays for opening the device.
            started = processor_time();
        }
        if [0, KEYFRAME].contains(&number) {
            ensure!(
                is_keyframe(&unit, codec)?,
                "no keyframe where one was asked for"
            );
        }
        units.push(unit);
    }
    let others = u32::try_from(FRAMES - 1)?;
    let trial = Trial {
        latency: latencies.into_iter().min().unwrap_or_default(),
        processor: processor_time().saturating_sub(started) / others,
    };
    Ok((units, trial))
}

fn time(number: usize) -> anyhow::Result<gst::ClockTime> {
    Ok(gst::ClockTime::SECOND * u64::try_from(number)? / u64::from(FPS))
}

/// Whether viewers can begin with it.
fn is_keyframe(unit: &gst::Sample, codec: Codec) -> anyhow::Result<bool> {
    let buffer = unit.buffer().context("an empty sample")?;
    let bytes = buffer.map_readable()?;
    // A sequence parameter set is NAL unit type 7 (ITU-T H.264, table 7-1).
    let has_parameters = bytes
        .windows(4)
        .any(|bytes| bytes[..3] == [0, 0, 1] && bytes[3] & 0x1f == 7);
    let is_complete = codec != Codec::H264 || has_parameters;
    Ok(is_complete && !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT))
}

fn compare(
    units: &[gst::Sample],
    decoder: &str,
    codec: Codec,
    format: VideoFormat,
) -> anyhow::Result<()> {
    let line = Line::new(&format!(
        "appsrc name=in format=time ! {decoder} ! videoconvert ! {} \
         ! appsink name=out sync=false",
        raw(codec, format, (WIDTH, HEIGHT), FPS)
    ))?;
    for unit in units {
        line.push_sample(unit)?;
    }
    line.end()?;
    for number in 0..units.len() {
        let sample = line.pull().context("what it made cannot be decoded")?;
        let buffer = sample.buffer().context("an empty sample")?;
        let likeness = likeness(&buffer.map_readable()?, &picture(number, format));
        if likeness < MIN_LIKENESS_DB {
            bail!("what it made shows something else ({likeness:.0} dB)");
        }
    }
    Ok(())
}

/// Slopes with a dark square that moves; colours differ from left to right.
fn picture(number: usize, format: VideoFormat) -> Vec<u8> {
    let byte = |value: usize| u8::try_from(value.min(235)).unwrap_or(235);
    let mut picture = Vec::with_capacity(WIDTH * HEIGHT * 3 / 2);
    for y in 0..HEIGHT {
        picture.extend((0..WIDTH).map(|x| {
            let inside = (x / 160, y / 120) == (number % 4, number % 3);
            byte(if inside { 30 } else { 60 + x / 8 + y / 4 })
        }));
    }
    let chroma = |x: usize| [byte(90 + x / 8), byte(160 - x / 8)];
    let row = || (0..WIDTH / 2).map(chroma);
    if format == VideoFormat::Nv12 {
        (0..HEIGHT / 2).for_each(|_| picture.extend(row().flatten()));
    } else {
        for plane in 0..2 {
            (0..HEIGHT / 2).for_each(|_| picture.extend(row().map(|pair| pair[plane])));
        }
    }
    picture
}

/// Peak signal-to-noise ratio, in dB; nothing is like a picture of another size.
fn likeness(one: &[u8], other: &[u8]) -> f64 {
    if one.len() != other.len() {
        return 0.0;
    }
    let squares = one
        .iter()
        .zip(other)
        .map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2));
    let mean = squares.sum::<f64>() / other.len() as f64;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

/// What all threads of this process have used, those of a driver too.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_encodes_here_and_what_it_makes_looks_right() {
        crate::media::start().expect("GStreamer");
        for encoder in [
            Encoder::X264,
            Encoder::X264Plain,
            Encoder::OpenH264,
            Encoder::Vp8,
            Encoder::Vp9,
        ] {
            let trial = run(encoder).unwrap_or_else(|error| panic!("{encoder}: {error}"));
            assert!(trial.latency > Duration::ZERO && trial.processor > Duration::ZERO);
        }
    }

    #[test]
    fn another_picture_than_the_one_that_went_in_is_noticed() {
        let picture = |number| picture(number, VideoFormat::Nv12);
        assert!(likeness(&picture(1), &picture(1)) > 90.0);
        assert!(likeness(&picture(1), &picture(2)) < MIN_LIKENESS_DB);
        assert!(likeness(&[], &picture(1)) < MIN_LIKENESS_DB);
    }
}
