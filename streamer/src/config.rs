//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use streamspace_protocol::{DecodeError, Policy, Wire};

/// Streams one session's display and sound to browsers.
#[derive(Debug, Parser)]
#[command(name = "streamspace-streamer", version)]
pub(crate) struct Args {
    /// What to log, as tracing directives.
    #[arg(long, global = true, env = "STREAMSPACE_STREAMER_LOG", default_value = DEFAULT_LOG)]
    pub(crate) log: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Warnings of libraries, and our own story. The WebRTC library's words are not among them: any stranger's
/// packet makes it say something. `transport` counts those.
const DEFAULT_LOG: &str = "warn,streamspace_streamer=info";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Stream until standard input ends.
    Serve(Box<Serve>),
    /// Look at the machine, ask its drivers, try every encoder, and print what works, as JSON.
    Probe {
        /// Where `/dev`, `/proc` and `/sys` are.
        #[arg(long, default_value = "/", hide = true)]
        root: PathBuf,
    },
    /// Measure what every encoder that works carries, and print it, as JSON. Takes about half a minute.
    Calibrate,
    /// Measure one encoder in this process (`calibrate` starts this).
    #[command(hide = true)]
    MeasureEncoder { encoder: streamspace_gpu::Encoder },
    /// Try one encoder in this process (`probe` and `serve` start this).
    #[command(hide = true)]
    TryEncoder { encoder: streamspace_gpu::Encoder },
    /// Ask a driver's libraries in this process (`probe` and `serve` start this).
    #[command(hide = true)]
    AskDriver {
        #[command(subcommand)]
        driver: AskDriver,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AskDriver {
    /// NVIDIA's.
    Nvidia,
    /// VA-API's, for each of these render nodes.
    Va { nodes: Vec<PathBuf> },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// The X display.
    #[arg(long, env = "DISPLAY")]
    pub(crate) display: String,
    /// The file with the X server's cookie.
    #[arg(long, env = "XAUTHORITY")]
    pub(crate) xauthority: PathBuf,
    /// Unix socket on which the gateway dials.
    #[arg(long)]
    pub(crate) listen: PathBuf,
    /// File with the key that the gateway shows.
    #[arg(long)]
    pub(crate) key_file: PathBuf,
    /// The sound server, such as `unix:/run/user/1000/pulse`; without it there is no sound.
    #[arg(long, requires = "pulse_source")]
    pub(crate) pulse_server: Option<String>,
    /// The source to record, such as `session.monitor`.
    #[arg(long, requires = "pulse_server")]
    pub(crate) pulse_source: Option<String>,
    /// The sink that viewers' microphones are played into, such as `microphone_input`; without it they
    /// are not heard.
    #[arg(long, requires = "pulse_server")]
    pub(crate) pulse_microphone: Option<String>,
    /// The most frames a second.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=120))]
    pub(crate) fps: u16,
    /// `auto`, `hardware`, `lowest-latency`, `lowest-cost`, or an encoder's name, such as x264.
    #[arg(long, default_value = "auto")]
    pub(crate) encoder: streamspace_gpu::Policy,
    /// What may be carried into the session and out of it, as JSON.
    #[arg(long, default_value = "{}", value_parser = policy)]
    pub(crate) policy: Policy,
    /// The folder whose files people may take and bring, as the policy says; without it there are none.
    #[arg(long)]
    pub(crate) home: Option<PathBuf>,
    /// The file in which a streamer that crashes leaves the next one what people have decided, and the
    /// chat; without it that is lost.
    #[arg(long)]
    pub(crate) memory: Option<PathBuf>,
    /// File that says how browsers reach this machine, as JSON.
    #[arg(long)]
    pub(crate) ice: PathBuf,
}

fn policy(text: &str) -> Result<Policy, DecodeError> {
    Policy::decode(text.as_bytes())
}
