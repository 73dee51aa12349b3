//! What each encoder carries, measured: sessions of a desktop that scrolls, as many at once as bring more.

use std::{
    path::Path,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use gstreamer as gst;
use gstreamer_video::VideoFormat;
use streamspace_gpu::{Calibration, Capabilities, Climb, Encoder, EncoderCapacity, EncoderTarget};

use super::{child::ask_within, trial};
use crate::media::Line;

const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;
const FPS: u16 = 60;
/// As long is measured with each number of sessions.
const SPAN: Duration = Duration::from_millis(800);
/// An encoder that has not ended by then hangs.
const LIMIT: Duration = Duration::from_secs(40);
const TARGET: EncoderTarget = EncoderTarget {
    bitrate_bps: 8_000_000,
    fps: FPS,
};
const PICTURES: usize = 4;
/// By which the picture moves from frame to frame.
const SCROLL: usize = 16;

/// Measures every encoder that works, one after the other and each in a child process.
pub(super) async fn calibrate(program: &Path, capabilities: &Capabilities) -> Calibration {
    let mut encoders = Vec::new();
    for encoder in Encoder::ALL {
        if capabilities.trial(encoder).is_none() {
            continue;
        }
        let words = ["measure-encoder", &encoder.to_string()];
        match ask_within::<EncoderCapacity>(LIMIT, program, words).await {
            Ok(capacity) => encoders.push(capacity),
            Err(error) => tracing::warn!(%encoder, %error, "cannot be measured"),
        }
    }
    Calibration {
        machine: capabilities.machine.clone(),
        encoders,
    }
}

/// Measures one encoder in this process, which it may take with it.
pub(super) fn measure(encoder: Encoder) -> anyhow::Result<EncoderCapacity> {
    let format = trial::format(encoder)?;
    let pictures = pictures(format);
    let mut climb = Climb::default();
    let mut failure = None;
    loop {
        let wanted = climb.sessions();
        let sessions: Vec<Session> = match start(wanted, encoder, format) {
            Ok(sessions) => sessions,
            Err((started, error)) => {
                climb.failed(started);
                failure = Some(error);
                break;
            }
        };
        match together(&sessions, &pictures) {
            Ok(megapixels) if climb.carried(megapixels) => {}
            Ok(_) => break,
            // They all started: one that is late then is none too many.
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    let capacity = climb.capacity(encoder);
    capacity.with_context(|| failure.map_or_else(String::new, |error| format!("{error:#}")))
}

struct Session(Line);

/// How many could be started, if not all, and why not the next.
fn start(
    wanted: u32,
    encoder: Encoder,
    format: VideoFormat,
) -> Result<Vec<Session>, (u32, anyhow::Error)> {
    let mut sessions = Vec::new();
    for started in 0..wanted {
        let line = Line::new(&format!(
            "appsrc name=in format=time is-live=true caps={} ! {} ! appsink name=out sync=false",
            trial::raw(encoder.codec(), format, (WIDTH, HEIGHT), FPS),
            encoder.pipeline(TARGET)
        ));
        let session = line.map(Session).and_then(|session| {
            // Devices are opened with the first frame.
            session.encode(&pictures(format)[0], 0)?;
            Ok(session)
        });
        sessions.push(session.map_err(|error| (started, error))?);
    }
    Ok(sessions)
}

/// Megapixels a second of all of them.
fn together(sessions: &[Session], pictures: &[Vec<u8>]) -> anyhow::Result<u32> {
    let barrier = Barrier::new(sessions.len());
    let rates = thread::scope(|scope| {
        let threads: Vec<_> = sessions
            .iter()
            .map(|session| {
                scope.spawn(|| {
                    barrier.wait();
                    session.rate(pictures)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Ok(0.0)))
            .collect::<anyhow::Result<Vec<f64>>>()
    })?;
    Ok((rates.iter().sum::<f64>() / 1e6) as u32)
}

impl Session {
    fn encode(&self, picture: &[u8], number: u64) -> anyhow::Result<()> {
        let time = gst::ClockTime::SECOND * number / u64::from(FPS);
        self.0.push(picture.to_vec(), time)?;
        self.0.pull()?;
        Ok(())
    }

    /// Pixels a second.
    fn rate(&self, pictures: &[Vec<u8>]) -> anyhow::Result<f64> {
        let began = Instant::now();
        let mut frames = 0;
        for (number, picture) in (1..).zip(pictures.iter().cycle()) {
            self.encode(picture, number)?;
            frames += 1;
            if began.elapsed() >= SPAN {
                break;
            }
        }
        Ok(f64::from(frames) * (WIDTH * HEIGHT) as f64 / began.elapsed().as_secs_f64())
    }
}

/// Lines of dark marks on white that scroll: what costs encoders most of what desktops do for long.
fn pictures(format: VideoFormat) -> Vec<Vec<u8>> {
    // The colour planes have as many bytes in either format, and are grey.
    debug_assert!(matches!(format, VideoFormat::I420 | VideoFormat::Nv12));
    let picture = |number: usize| {
        let mut picture = vec![128; WIDTH * HEIGHT * 3 / 2];
        let rows = picture.chunks_mut(WIDTH).take(HEIGHT);
        for (y, row) in (number * SCROLL..).zip(rows) {
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = mark(x, y);
            }
        }
        picture
    };
    (0..PICTURES).map(picture).collect()
}

/// Something like letters of 8 by 12 in lines of 16.
fn mark(x: usize, y: usize) -> u8 {
    let (letter, line) = (x / 8, y / 16);
    let shape = letter.wrapping_mul(2_654_435_761) ^ line.wrapping_mul(40_503);
    let inside = y % 16 < 12 && shape % 7 != 0;
    let bit = shape >> ((x % 8) / 2 + (y % 16) / 3 * 4) & 1;
    if inside && bit == 1 { 30 } else { 230 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_in_software_is_measured() {
        crate::media::start().expect("GStreamer");
        let capacity = measure(Encoder::OpenH264).expect("it works");
        assert!(capacity.megapixels_per_second > 0);
        assert_eq!(capacity.encoder, Encoder::OpenH264);
    }

    #[test]
    fn what_is_measured_with_moves_and_is_no_plain_colour() {
        let pictures = pictures(VideoFormat::I420);
        assert!(pictures.windows(2).all(|pair| pair[0] != pair[1]));
        let dark = pictures[0].iter().filter(|&&pixel| pixel == 30).count();
        assert!(dark > WIDTH * HEIGHT / 10 && dark < WIDTH * HEIGHT / 2);
    }
}
