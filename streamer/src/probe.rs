//! Which GStreamer elements are there, and which encoders really encode.

use std::{
    io::{self, Write},
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use gstreamer::{self as gst, prelude::*};
use serde::Serialize;
use streamspace_gpu::{Capabilities, Encoder, EncoderTarget, Health};
use tokio::task::JoinSet;

/// The answer of `streamspace-streamer probe`.
#[derive(Debug, Serialize)]
pub(crate) struct Probe {
    elements: Vec<ElementProbe>,
    encoders: Vec<EncoderProbe>,
}

#[derive(Debug, Serialize)]
struct ElementProbe {
    name: String,
    present: bool,
    /// The Debian package that brings it.
    package: String,
}

#[derive(Debug, Serialize)]
struct EncoderProbe {
    name: String,
    works: bool,
    detail: String,
}

/// Elements that every session uses, and their packages.
const ELEMENTS: [(&str, &str); 5] = [
    ("ximagesrc", "gstreamer1.0-plugins-good"),
    ("videoconvert", "gstreamer1.0-plugins-base"),
    ("appsrc", "gstreamer1.0-plugins-base"),
    ("appsink", "gstreamer1.0-plugins-base"),
    ("opusenc", "gstreamer1.0-plugins-base"),
];

/// A driver that hangs must not hang the session.
const TIME_LIMIT: Duration = Duration::from_secs(8);
const MAX_REASON_CHARS: usize = 200;

/// Prints what is there and what works.
pub(crate) fn print() -> anyhow::Result<()> {
    crate::media::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let capabilities = runtime.block_on(capabilities())?;
    let probe = Probe {
        elements: ELEMENTS
            .iter()
            .map(|&(name, package)| element(name, package))
            .collect(),
        encoders: Encoder::ALL
            .into_iter()
            .map(|encoder| describe(encoder, &capabilities))
            .collect(),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &probe)?;
    writeln!(out).context("writing the result")
}

/// Tries one encoder in this process, which it may take with it.
pub(crate) fn try_encoder(encoder: Encoder) -> anyhow::Result<()> {
    crate::media::start()?;
    test_encode(encoder)
}

/// Tries every encoder whose element is there, each in a child process of its own: a driver that
/// crashes or hangs costs that encoder and nothing else.
pub(crate) async fn capabilities() -> anyhow::Result<Capabilities> {
    let program = std::env::current_exe().context("finding this program")?;
    let mut trials = JoinSet::new();
    for encoder in Encoder::ALL {
        if gst::ElementFactory::find(encoder.element()).is_some() {
            let program = program.clone();
            trials.spawn(async move { (encoder, trial(&program, encoder).await) });
        }
    }
    Ok(trials.join_all().await.into_iter().collect())
}

async fn trial(program: &Path, encoder: Encoder) -> Health {
    let child = tokio::process::Command::new(program)
        .args(["try-encoder", &encoder.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(TIME_LIMIT, child).await {
        Ok(Ok(output)) if output.status.success() => Health::Works,
        Ok(Ok(output)) => Health::Broken(last_words(&output)),
        Ok(Err(error)) => Health::Broken(format!("it cannot be tried: {error}")),
        Err(_) => Health::Broken(format!("no answer within {} s", TIME_LIMIT.as_secs())),
    }
}

/// Why a trial failed: what it said last, or how it ended.
fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let said = text.lines().rev().find(|line| !line.trim().is_empty());
    match (output.status.code(), said) {
        (Some(_), Some(line)) => line.chars().take(MAX_REASON_CHARS).collect(),
        _ => format!("its test ended with {}", output.status),
    }
}

fn describe(encoder: Encoder, capabilities: &Capabilities) -> EncoderProbe {
    let health = capabilities.health(encoder);
    let element = encoder.element();
    let origin = match encoder.package() {
        Some(package) => format!("package {package}"),
        None => "left out when this program was built".into(),
    };
    let detail = match health {
        Health::Absent => format!("no element {element} ({origin})"),
        Health::Broken(error) => error.clone(),
        Health::Works => "a test picture was encoded".into(),
    };
    EncoderProbe {
        name: encoder.to_string(),
        works: *health == Health::Works,
        detail,
    }
}

fn element(name: &str, package: &str) -> ElementProbe {
    ElementProbe {
        name: name.into(),
        present: gst::ElementFactory::find(name).is_some(),
        package: package.into(),
    }
}

/// Encodes a few pictures and looks for a keyframe with its parameter sets.
fn test_encode(encoder: Encoder) -> anyhow::Result<()> {
    let target = EncoderTarget {
        bitrate_bps: 1_000_000,
        fps: 30,
    };
    let description = format!(
        "videotestsrc num-buffers=4 ! video/x-raw,width=320,height=240,framerate=30/1 \
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    async fn tried_with(script: &str) -> Health {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("trial");
        let new = folder.path().join("new");
        std::fs::write(&new, format!("#!/bin/sh\n{script}\n")).expect("written");
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&new, executable).expect("made executable");
        std::fs::rename(&new, &program).expect("renamed");
        trial(&program, Encoder::Nvenc).await
    }

    #[tokio::test]
    async fn a_driver_that_crashes_or_complains_costs_its_encoder_only() {
        assert_eq!(tried_with("exit 0").await, Health::Works);
        let complaint = tried_with("echo 'no NVENC on this device' >&2; exit 1").await;
        assert_eq!(complaint, Health::Broken("no NVENC on this device".into()));
        let Health::Broken(crash) = tried_with("kill -SEGV $$").await else {
            panic!("a crash is no success");
        };
        assert!(crash.contains("signal"), "{crash}");
        let missing = trial(Path::new("/no/such/program"), Encoder::Nvenc).await;
        assert!(matches!(missing, Health::Broken(_)));
    }

    #[test]
    fn x264_really_encodes_here() {
        crate::media::start().expect("GStreamer");
        test_encode(Encoder::X264).expect("x264 is a part of this program");
    }
}
