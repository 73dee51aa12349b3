//! The streamer: one session's display and sound, to any number of browsers.
//!
//! ```text
//!   X server ──▶ media::video ──┐                       ┌──▶ viewer task ──▶ transport (WebRTC)
//!            ◀── x11 ◀──────────┤  room (core::Session) ├──▶ viewer task ──▶ ...
//!   PulseAudio ▶ media::audio ──┘                       └──▶ ...
//!                                     ▲ one link a viewer, dialled by the gateway (link)
//! ```
//!
//! The room task owns the session's state; every other task and thread sends it messages.

mod config;
mod devices;
mod link;
mod media;
mod memory;
mod probe;
mod report;
mod room;
mod transport;
mod viewer;
mod x11;

use std::process::ExitCode;

use clap::Parser;

use crate::config::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_env_filter(args.log.as_str())
        .init();
    transport::watch_unreadable_packets();
    let result = match args.command {
        Command::Serve(serve) => room::serve(*serve),
        Command::Probe { root } => probe::print(&root),
        Command::Calibrate => probe::calibrate(),
        Command::MeasureEncoder { encoder } => probe::measure_encoder(encoder),
        Command::TryEncoder { encoder } => probe::try_encoder(encoder),
        Command::AskDriver { driver } => probe::ask_driver(driver),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Plain and last: whoever started this shows it as the reason.
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
