//! The streamer: started, listened to, and started again.

use std::{future::pending, io, path::Path, time::Duration};

use serde::Deserialize;
use streamspace_protocol::{Latency, TraceReport, ViewerId, Wire};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::ChildStdout,
    time::{Instant, sleep_until},
};

use super::{
    child::{Launcher, Output, Part},
    restart::RestartPolicy,
    sound::Sound,
};
use crate::order::{Order, Viewing, file};

/// After this a session counts as running, because it can be seen over VNC.
const START_LIMIT: Duration = Duration::from_secs(10);

/// What the streamer writes on its standard output, one JSON object a line.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line {
    /// It takes links now.
    Ready {
        encoder: String,
        reason: String,
    },
    /// It encodes with another encoder now.
    Encoder {
        encoder: String,
        reason: String,
    },
    /// What a viewer tells of its frames.
    Latency {
        viewer: ViewerId,
        latency: Latency,
    },
    Left {
        viewer: ViewerId,
    },
    /// What it did for a viewer whose coming is traced.
    Steps {
        report: TraceReport,
    },
}

/// What happened to the streamer.
#[derive(Debug)]
pub(super) enum News {
    Encoding {
        encoder: String,
        reason: String,
    },
    Viewing(Viewing),
    /// It still is not ready.
    Late(String),
    /// It went down, and comes back by itself.
    Down(String),
    /// It has been started again.
    Started,
}

pub(super) struct Streamer {
    arguments: Vec<String>,
    policy: RestartPolicy,
    /// Until when it should be ready; nothing once it is, or once we have said that it is late.
    ready_by: Option<Instant>,
    state: State,
}

enum State {
    Up(Box<Running>),
    Down { until: Instant },
}

struct Running {
    part: Part,
    lines: Lines<BufReader<ChildStdout>>,
    /// Whether its standard output has ended.
    silent: bool,
}

impl Streamer {
    pub(super) fn start(
        order: &Order,
        launcher: &Launcher,
        display: &str,
        sound: Option<(&str, &str)>,
    ) -> Self {
        let mut streamer = Self {
            arguments: arguments(order, display, sound),
            policy: RestartPolicy::default(),
            ready_by: Some(Instant::now() + START_LIMIT),
            state: State::Down {
                until: Instant::now(),
            },
        };
        streamer.launch(order, launcher);
        streamer
    }

    pub(super) fn pid(&self) -> Option<u32> {
        match &self.state {
            State::Up(running) => running.part.pid(),
            State::Down { .. } => None,
        }
    }

    /// The next thing that happens. May be dropped and called again.
    pub(super) async fn news(&mut self, order: &Order, launcher: &Launcher) -> News {
        let happening = tokio::select! {
            biased;
            happening = self.state.next() => happening,
            () = at(self.ready_by) => Happening::Late,
        };
        match happening {
            Happening::Encoding { encoder, reason } => {
                self.ready_by = None;
                News::Encoding { encoder, reason }
            }
            Happening::Viewing(viewing) => News::Viewing(viewing),
            Happening::Late => {
                self.ready_by = None;
                let seconds = START_LIMIT.as_secs();
                News::Late(format!(
                    "the streamer is not ready after {seconds} s; the display can be seen over VNC"
                ))
            }
            Happening::Ended(reason) => {
                let delay = self.wait();
                News::Down(format!(
                    "{reason}; it is started again in {} ms",
                    delay.as_millis()
                ))
            }
            Happening::Waited => {
                self.launch(order, launcher);
                News::Started
            }
        }
    }

    fn wait(&mut self) -> Duration {
        let delay = self.policy.delay(std::time::Instant::now());
        self.state = State::Down {
            until: Instant::now() + delay,
        };
        delay
    }

    fn launch(&mut self, order: &Order, launcher: &Launcher) {
        match Running::start(&order.streamer, &self.arguments, order, launcher) {
            Ok(running) => self.state = State::Up(Box::new(running)),
            Err(error) => {
                launcher.note(&format!("the streamer cannot be started: {error}"));
                self.wait();
            }
        }
    }
}

enum Happening {
    Encoding { encoder: String, reason: String },
    Viewing(Viewing),
    Late,
    Ended(String),
    Waited,
}

impl State {
    async fn next(&mut self) -> Happening {
        match self {
            Self::Up(running) => running.next().await,
            Self::Down { until } => {
                sleep_until(*until).await;
                Happening::Waited
            }
        }
    }
}

impl Running {
    fn start(
        program: &Path,
        arguments: &[String],
        order: &Order,
        launcher: &Launcher,
    ) -> io::Result<Self> {
        // A streamer that was killed leaves its socket, and another could not listen there.
        remove_if_there(&order.file(file::STREAMER_SOCKET))?;
        let mut part = launcher.start(
            program,
            arguments,
            &order.environment,
            &order.folder,
            Output::Read,
        )?;
        let stdout = part.child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self {
            part,
            lines: BufReader::new(stdout).lines(),
            silent: false,
        })
    }

    async fn next(&mut self) -> Happening {
        loop {
            tokio::select! {
                biased;
                line = self.lines.next_line(), if !self.silent => match line {
                    Ok(Some(line)) => {
                        if let Ok(line) = serde_json::from_str::<Line>(&line) {
                            return line.into();
                        }
                    }
                    Ok(None) | Err(_) => self.silent = true,
                },
                status = self.part.ended() => {
                    let output = self.part.tail.last_words().await;
                    return Happening::Ended(format!("the streamer ended ({status}): {output}"));
                }
            }
        }
    }
}

impl From<Line> for Happening {
    fn from(line: Line) -> Self {
        match line {
            Line::Ready { encoder, reason } | Line::Encoder { encoder, reason } => {
                Self::Encoding { encoder, reason }
            }
            Line::Latency { viewer, latency } => {
                Self::Viewing(Viewing::Latency { viewer, latency })
            }
            Line::Steps { report } => Self::Viewing(Viewing::Steps { report }),
            Line::Left { viewer } => Self::Viewing(Viewing::Left { viewer }),
        }
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

fn remove_if_there(file: &Path) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn arguments(order: &Order, display: &str, sound: Option<(&str, &str)>) -> Vec<String> {
    let path = |name| order.file(name).display().to_string();
    let mut arguments: Vec<String> = [
        "serve",
        "--display",
        display,
        "--xauthority",
        &path(file::X_AUTHORITY),
        "--listen",
        &path(file::STREAMER_SOCKET),
        "--key-file",
        &path(file::STREAMER_KEY),
        "--memory",
        &path(file::PEOPLE),
        "--ice",
        &path(file::ICE),
        "--fps",
        &order.display.fps.to_string(),
        "--encoder",
        &order.display.encoder,
        "--policy",
        &order.policy.encode(),
    ]
    .map(str::to_owned)
    .into();
    if let Some(home) = order.home() {
        arguments.extend(["--home".to_owned(), home.display().to_string()]);
    }
    if let Some((server, source)) = sound {
        let microphone = Sound::microphone_sink();
        arguments.extend(
            [
                "--pulse-server",
                server,
                "--pulse-source",
                source,
                "--pulse-microphone",
                microphone,
            ]
            .map(str::to_owned),
        );
    }
    arguments
}
