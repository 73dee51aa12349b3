//! Which GStreamer elements are there, and which encoders really encode.

use std::{
    io::{self, Write},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use gstreamer::{self as gst, prelude::*};
use serde::{Deserialize, Serialize};
use streamspace_gpu::{Capabilities, Encoder, EncoderTarget, Health};

/// The answer of `streamspace-streamer probe`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Probe {
    elements: Vec<ElementProbe>,
    encoders: Vec<EncoderProbe>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ElementProbe {
    name: String,
    present: bool,
    /// The Debian package that brings it.
    package: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct EncoderProbe {
    name: String,
    works: bool,
    detail: String,
    #[serde(flatten)]
    health: Health,
}

/// Elements that every session uses, and their packages.
const ELEMENTS: [(&str, &str); 7] = [
    ("ximagesrc", "gstreamer1.0-plugins-good"),
    ("videoconvert", "gstreamer1.0-plugins-base"),
    ("appsink", "gstreamer1.0-plugins-base"),
    ("pulsesrc", "gstreamer1.0-pulseaudio"),
    ("audioconvert", "gstreamer1.0-plugins-base"),
    ("audioresample", "gstreamer1.0-plugins-base"),
    ("opusenc", "gstreamer1.0-plugins-base"),
];

/// A driver that hangs must not hang the session.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Tries everything in this process and prints the result.
pub(crate) fn print() -> anyhow::Result<()> {
    gst::init().context("GStreamer does not start")?;
    let probe = Probe {
        elements: ELEMENTS
            .iter()
            .map(|&(name, package)| element(name, package))
            .collect(),
        encoders: Encoder::ALL.into_iter().map(encoder).collect(),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &probe)?;
    writeln!(out).context("writing the result")
}

/// Tries every encoder in a child process, so that a driver that crashes takes nothing with it.
pub(crate) async fn capabilities() -> anyhow::Result<Capabilities> {
    let program = std::env::current_exe().context("finding this program")?;
    let child = tokio::process::Command::new(program)
        .arg("probe")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(TIME_LIMIT, child)
        .await
        .context("probing the encoders took over 10 s")?
        .context("starting the probe")?;
    if !output.status.success() {
        bail!("probing the encoders ended with {}", output.status);
    }
    let probe: Probe = serde_json::from_slice(&output.stdout).context("reading the probe")?;
    probe
        .encoders
        .into_iter()
        .map(|encoder| Ok((encoder.name.parse()?, encoder.health)))
        .collect()
}

fn element(name: &str, package: &str) -> ElementProbe {
    ElementProbe {
        name: name.into(),
        present: gst::ElementFactory::find(name).is_some(),
        package: package.into(),
    }
}

fn encoder(encoder: Encoder) -> EncoderProbe {
    let health = if gst::ElementFactory::find(encoder.element()).is_none() {
        Health::Absent
    } else {
        match test_encode(encoder) {
            Ok(()) => Health::Works,
            Err(error) => Health::Broken(error.to_string()),
        }
    };
    let detail = match &health {
        Health::Absent => format!(
            "no element {} (package {})",
            encoder.element(),
            encoder.package()
        ),
        Health::Broken(error) => error.clone(),
        Health::Works => "a test picture was encoded".into(),
    };
    EncoderProbe {
        name: encoder.to_string(),
        works: health == Health::Works,
        detail,
        health,
    }
}

/// Encodes a few pictures and looks for a keyframe with its parameter sets.
fn test_encode(encoder: Encoder) -> anyhow::Result<()> {
    let target = EncoderTarget {
        bitrate_bps: 1_000_000,
        fps: 30,
    };
    let description = format!(
        "videotestsrc num-buffers=4 ! video/x-raw,format=I420,width=320,height=240,framerate=30/1 \
         ! {} ! appsink name=frames sync=false",
        encoder.pipeline(target)
    );
    let pipeline = gst::parse::launch(&description)?
        .downcast::<gst::Pipeline>()
        .map_err(|_| anyhow::anyhow!("not a pipeline"))?;
    let result = first_frame(&pipeline);
    pipeline.set_state(gst::State::Null)?;
    result
}

fn first_frame(pipeline: &gst::Pipeline) -> anyhow::Result<()> {
    let sink = pipeline
        .by_name("frames")
        .and_then(|element| element.downcast::<gstreamer_app::AppSink>().ok())
        .context("no appsink")?;
    pipeline
        .set_state(gst::State::Playing)
        .map_err(|_| bus_error(pipeline))?;
    let sample = sink.try_pull_sample(gst::ClockTime::from_seconds(3));
    let sample = sample.ok_or_else(|| bus_error(pipeline))?;
    let map = sample.buffer().context("an empty sample")?.map_readable()?;
    // A sequence parameter set is NAL unit type 7 (ITU-T H.264, table 7-1).
    let has_parameters = map
        .windows(4)
        .any(|bytes| bytes[..3] == [0, 0, 1] && bytes[3] & 0x1f == 7);
    if has_parameters {
        Ok(())
    } else {
        bail!("the first frame is no keyframe")
    }
}

/// What the pipeline says went wrong.
fn bus_error(pipeline: &gst::Pipeline) -> anyhow::Error {
    let message = pipeline
        .bus()
        .and_then(|bus| bus.pop_filtered(&[gst::MessageType::Error]));
    match message.as_ref().map(|message| message.view()) {
        Some(gst::MessageView::Error(error)) => anyhow::anyhow!("{}", error.error()),
        _ => anyhow::anyhow!("no frame within 3 s"),
    }
}
