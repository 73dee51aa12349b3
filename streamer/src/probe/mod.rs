//! What this machine has to encode with, and what of it really encodes.
//!
//! ```text
//!   capabilities ─┬─ Machine::look      here: it reads the kernel's files only
//!                 ├─ ask-driver nvidia  ┐
//!                 ├─ ask-driver va      ├ a child process each: a driver that crashes, hangs or
//!                 └─ try-encoder ...    ┘ babbles costs its own answer and nothing else
//! ```

mod calibration;
mod child;
mod trial;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use gstreamer as gst;
use serde::Serialize;
use streamspace_gpu::{
    Access, Capabilities, Encoder, Health, Machine, NvidiaDriver, Policy, VaDevice, select,
};
use tokio::task::JoinSet;

use self::child::ask;
use crate::config::AskDriver;

/// The answer of `streamspace-streamer probe`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Probe<'a> {
    elements: Vec<ElementProbe>,
    encoders: Vec<EncoderProbe>,
    /// The encoder of a session that asks for none in particular.
    chosen: Option<Encoder>,
    reason: String,
    machine: &'a Machine,
    nvidia: &'a Result<NvidiaDriver, String>,
    va: &'a Result<Vec<VaDevice>, String>,
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

/// Prints what is there and what works.
pub(crate) fn print(root: &Path) -> anyhow::Result<()> {
    crate::media::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let capabilities = runtime.block_on(capabilities(root, |_| true))?;
    let selection = select(&capabilities, Policy::Automatic);
    let unused = selection.rejected.iter();
    let mut encoders: Vec<EncoderProbe> = unused
        .map(|rejection| describe(rejection.encoder, &capabilities, &rejection.reason))
        .collect();
    if let Some(chosen) = selection.chosen {
        encoders.insert(0, describe(chosen, &capabilities, "it is the one to use"));
    }
    let probe = Probe {
        elements: ELEMENTS
            .iter()
            .map(|&(name, package)| element(name, package))
            .collect(),
        encoders,
        chosen: selection.chosen,
        reason: selection.reason,
        machine: &capabilities.machine,
        nvidia: &capabilities.nvidia,
        va: &capabilities.va,
    };
    print_json(&probe)
}

/// Tries one encoder in this process, which it may take with it, and prints how it went.
pub(crate) fn try_encoder(encoder: Encoder) -> anyhow::Result<()> {
    crate::media::start()?;
    print_json(&trial::run(encoder)?)
}

/// Measures what every encoder that works carries, and prints it.
pub(crate) fn calibrate() -> anyhow::Result<()> {
    crate::media::start()?;
    let program = std::env::current_exe().context("finding this program")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let calibration = runtime.block_on(async {
        let capabilities = capabilities(Path::new("/"), |_| true).await?;
        Ok::<_, anyhow::Error>(calibration::calibrate(&program, &capabilities).await)
    })?;
    print_json(&calibration)
}

/// Measures one encoder in this process, which it may take with it, and prints what it carries.
pub(crate) fn measure_encoder(encoder: Encoder) -> anyhow::Result<()> {
    crate::media::start()?;
    print_json(&calibration::measure(encoder)?)
}

/// Asks a driver in this process, which it may take with it, and prints the answer.
pub(crate) fn ask_driver(driver: AskDriver) -> anyhow::Result<()> {
    match driver {
        AskDriver::Nvidia => print_json(&streamspace_gpu_drivers::nvidia()?),
        AskDriver::Va { nodes } => {
            let nodes = nodes.iter().map(PathBuf::as_path);
            print_json(&streamspace_gpu_drivers::va(nodes)?)
        }
    }
}

/// Looks at the machine below `root`, asks its drivers, and tries every encoder whose element is there and
/// that is `wanted`.
pub(crate) async fn capabilities(
    root: &Path,
    wanted: impl Fn(Encoder) -> bool,
) -> anyhow::Result<Capabilities> {
    let program = std::env::current_exe().context("finding this program")?;
    let machine = Machine::look(root);
    let (nvidia, va, encoders) = tokio::join!(
        ask(&program, ["ask-driver", "nvidia"]),
        va(&program, root, &machine),
        try_all(&program, wanted),
    );
    let mut capabilities: Capabilities = encoders.into_iter().collect();
    capabilities.machine = machine;
    capabilities.nvidia = nvidia;
    capabilities.va = va;
    Ok(capabilities)
}

/// Tries an encoder again.
pub(crate) async fn again(encoder: Encoder) -> Health {
    match std::env::current_exe() {
        Ok(program) => try_one(&program, encoder).await,
        Err(error) => Health::Broken(error.to_string()),
    }
}

async fn va(program: &Path, root: &Path, machine: &Machine) -> Result<Vec<VaDevice>, String> {
    let usable = machine
        .render_nodes
        .iter()
        .filter(|node| node.access == Access::Open && node.driver.as_deref() != Some("nvidia"));
    let nodes: Vec<String> = usable
        .map(|node| root.join(node.path.trim_start_matches('/')))
        .map(|path| path.display().to_string())
        .collect();
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let words = ["ask-driver", "va"].map(str::to_owned);
    ask(program, words.into_iter().chain(nodes)).await
}

async fn try_all(program: &Path, wanted: impl Fn(Encoder) -> bool) -> Vec<(Encoder, Health)> {
    let mut trials = JoinSet::new();
    for encoder in Encoder::ALL.into_iter().filter(|&encoder| wanted(encoder)) {
        if gst::ElementFactory::find(encoder.element()).is_some() {
            let program = program.to_owned();
            trials.spawn(async move { (encoder, try_one(&program, encoder).await) });
        }
    }
    trials.join_all().await
}

async fn try_one(program: &Path, encoder: Encoder) -> Health {
    match ask(program, ["try-encoder", &encoder.to_string()]).await {
        Ok(trial) => Health::Works(trial),
        Err(error) => Health::Broken(error),
    }
}

fn describe(encoder: Encoder, capabilities: &Capabilities, reason: &str) -> EncoderProbe {
    let trial = capabilities.trial(encoder);
    let detail = match trial {
        Some(trial) => format!(
            "test pictures took {:.1} ms each, {:.1} ms of a processor; {reason}",
            trial.latency.as_secs_f64() * 1000.0,
            trial.processor.as_secs_f64() * 1000.0
        ),
        None => reason.to_owned(),
    };
    EncoderProbe {
        name: encoder.to_string(),
        works: trial.is_some(),
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

fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    writeln!(out).context("writing the result")
}
