//! Whether a keyframe of a hardware encoder shows what the encoder was given.
//!
//! Drivers have made grey, green and other people's pictures without a word of error. Viewers whose
//! decoders lose their way ask for a keyframe, so what cannot be decoded is looked at soon. Only the
//! means of large blocks are compared: however little a keyframe may cost, those are right.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use gstreamer as gst;
use gstreamer_video::{VideoFrameExt, VideoFrameRef, VideoInfo};
use streamspace_gpu::Codec;

use super::{line::Line, watchdog};

/// Decoding costs processor time, which hardware is there to save: after one, the next waits for so long.
const PAUSE: Duration = Duration::from_millis(500);
/// The side of the blocks that are compared.
const BLOCK: usize = 16;
/// Blocks whose means are less alike than this are not of the same picture, in dB. Noise has 8, a grey
/// picture in place of a desktop 6 to 15; what encoders leave of a mean is above 30.
const MIN_LIKENESS_DB: f64 = 20.0;

/// A picture, and the access unit that was made of it.
#[derive(Debug)]
pub(super) struct Keyframe {
    pub(super) picture: gst::Sample,
    pub(super) unit: gst::Sample,
}

/// Where keyframes are looked at, one at a time, while the next one waits; nothing without a decoder.
pub(super) fn start(
    codec: Codec,
    failed: impl Fn(String) + Send + 'static,
) -> Option<SyncSender<Keyframe>> {
    let decoder = decoder(codec)?;
    let (sender, keyframes) = sync_channel(1);
    watchdog::start("proof", move || look_at_all(&keyframes, &decoder, &failed));
    Some(sender)
}

/// GStreamer text of what decodes this codec here.
pub(crate) fn decoder(codec: Codec) -> Option<String> {
    let is_there = |name: &&&str| gst::ElementFactory::find(name).is_some();
    let decoder = codec.decoders().iter().find(is_there)?;
    Some(match codec.parser() {
        Some(parser) => format!("{parser} ! {decoder}"),
        None => (*decoder).to_owned(),
    })
}

fn look_at_all(keyframes: &Receiver<Keyframe>, decoder: &str, failed: &impl Fn(String)) {
    let mut next = Instant::now();
    for keyframe in keyframes {
        thread::sleep(next.saturating_duration_since(Instant::now()));
        if let Err(error) = look_at(&keyframe, decoder) {
            return failed(format!("{error:#}"));
        }
        next = Instant::now() + PAUSE;
    }
}

fn look_at(keyframe: &Keyframe, decoder: &str) -> anyhow::Result<()> {
    let line = Line::new(&format!(
        "appsrc name=in format=time ! {decoder} ! appsink name=out sync=false"
    ))?;
    line.push_sample(&keyframe.unit)?;
    line.end()?;
    let decoded = line.pull().context("its keyframe cannot be decoded")?;
    let likeness = likeness(&means(&keyframe.picture)?, &means(&decoded)?);
    if likeness < MIN_LIKENESS_DB {
        bail!("its keyframe shows something else ({likeness:.0} dB)");
    }
    Ok(())
}

/// The means of a picture's blocks, of luma and of both colours, one after the other.
struct Means {
    size: (u32, u32),
    blocks: Vec<f64>,
}

fn means(sample: &gst::Sample) -> anyhow::Result<Means> {
    let info = VideoInfo::from_caps(sample.caps().context("a picture of no format")?)?;
    let buffer = sample.buffer().context("an empty picture")?;
    let frame = VideoFrameRef::from_buffer_ref_readable(buffer, &info)?;
    let size = (info.width(), info.height());
    let components = (0..info.n_components()).map(|component| {
        let data = frame.comp_data(component)?;
        let stride = usize::try_from(frame.comp_stride(component))?;
        let step = usize::try_from(frame.comp_pstride(component))?.max(1);
        let width = usize::try_from(frame.comp_width(component))?;
        let height = usize::try_from(frame.comp_height(component))?;
        let rows: Vec<&[u8]> = data.chunks(stride).take(height).collect();
        // Of the same part of the picture in each component, where colours have fewer samples.
        let block = (BLOCK * width / usize::try_from(size.0)?.max(1)).max(1);
        let mean = |rows: &[&[u8]], column: usize| {
            let samples = rows
                .iter()
                .flat_map(|row| row.iter().step_by(step).skip(column).take(block));
            samples.map(|&sample| f64::from(sample)).sum::<f64>() / (block * block) as f64
        };
        let columns = || (0..width / block).map(|column| column * block);
        let of_rows = |rows| columns().map(|column| mean(rows, column)).collect();
        let blocks: Vec<Vec<f64>> = rows.chunks_exact(block).map(of_rows).collect();
        Ok(blocks.concat())
    });
    let components: anyhow::Result<Vec<Vec<f64>>> = components.collect();
    Ok(Means {
        size,
        blocks: components?.concat(),
    })
}

/// Peak signal-to-noise ratio, in dB; nothing is like a picture of another size.
fn likeness(one: &Means, other: &Means) -> f64 {
    if (one.size, one.blocks.len()) != (other.size, other.blocks.len()) {
        return 0.0;
    }
    let pairs = one.blocks.iter().zip(&other.blocks);
    let squares = pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let mean = squares / one.blocks.len().max(1) as f64;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

#[cfg(test)]
mod tests {
    use streamspace_gpu::{Encoder, EncoderTarget};

    use super::*;

    /// A picture of GStreamer's and its keyframe, at a bitrate that leaves little of it.
    fn keyframe(pattern: &str) -> Keyframe {
        crate::media::start().expect("GStreamer");
        let raw = "video/x-raw,format=I420,width=640,height=360,framerate=30/1";
        let target = EncoderTarget {
            bitrate_bps: 100_000,
            fps: 30,
        };
        let line = Line::new(&format!(
            "videotestsrc num-buffers=1 pattern={pattern} ! {raw} ! tee name=t \
             t. ! queue ! {} ! appsink name=out sync=false t. ! queue ! appsink name=raw sync=false \
             appsrc name=in ! fakesink async=false",
            Encoder::OpenH264.pipeline(target)
        ));
        let line = line.expect("it plays");
        Keyframe {
            picture: line.pull_from("raw").expect("a picture"),
            unit: line.pull().expect("a keyframe"),
        }
    }

    fn verdict(keyframe: &Keyframe) -> Result<(), String> {
        let decoder = decoder(Codec::H264).expect("a decoder, which tests need");
        look_at(keyframe, &decoder).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_keyframe_of_the_right_picture_passes_however_coarse() {
        for pattern in ["smpte", "ball", "checkers-8", "zone-plate"] {
            assert_eq!(verdict(&keyframe(pattern)), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn a_keyframe_of_another_picture_does_not() {
        let mixed = Keyframe {
            picture: keyframe("smpte").picture,
            unit: keyframe("black").unit,
        };
        let error = verdict(&mixed).expect_err("another picture");
        assert!(
            error.starts_with("its keyframe shows something else"),
            "{error}"
        );
    }

    #[test]
    fn a_grey_keyframe_of_a_green_picture_of_the_same_brightness_does_not() {
        let mixed = Keyframe {
            picture: keyframe("green").picture,
            unit: keyframe("solid-color foreground-color=0xff909090").unit,
        };
        let error = verdict(&mixed).expect_err("another picture");
        assert!(
            error.starts_with("its keyframe shows something else"),
            "{error}"
        );
    }

    #[test]
    fn bytes_that_are_no_picture_do_not() {
        let right = keyframe("smpte");
        let mut bytes = right.unit.buffer().expect("bytes").to_owned();
        {
            let mut all = bytes.make_mut().map_writable().expect("ours");
            all.fill(0x5a);
        }
        let caps = right.unit.caps().expect("a format").to_owned();
        let unit = gst::Sample::builder().buffer(&bytes).caps(&caps).build();
        let garbage = Keyframe {
            picture: right.picture,
            unit,
        };
        let error = verdict(&garbage).expect_err("garbage");
        assert!(
            error.starts_with("its keyframe cannot be decoded"),
            "{error}"
        );
    }
}
