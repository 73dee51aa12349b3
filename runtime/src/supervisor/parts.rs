//! A session from its first process to its last.

use std::{
    collections::BTreeSet, future::pending, io, os::unix::process::ExitStatusExt, path::Path,
    process::ExitStatus,
};

use streamspace_protocol::{TraceStep, Wire};
use streamspace_resources::Processes;
use streamspace_traces::Recorder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    child::{Launcher, Output, Part},
    display::Display,
    display_number, ending,
    failure::Failure,
    link::Events,
    log::SessionLog,
    sound::Sound,
    streamer::{News, Streamer},
    window_manager,
};
use crate::{
    config::Environment,
    folder::{create_private, ensure_private, write_private},
    leftovers::{DisplayClaim, Leftovers},
    order::{EndCause, Ending, Event, Home, Order, Program, SHARED_DISPLAY, Viewing, file},
    process::{ProcessTable, reap_all_but},
};

pub(super) struct Session {
    order: Order,
    events: Events,
    launcher: Launcher,
    child_ended: Signal,
    /// Every process the session has ever been seen to have.
    seen: BTreeSet<u32>,
    display: Option<DisplayClaim>,
    /// Display, sound, streamer and window manager.
    parts: BTreeSet<u32>,
    /// Until the streamer takes links.
    recorder: Option<Recorder>,
}

/// The running parts. Dropping this ends nothing; [`Session::end`] does.
struct Parts {
    display: Display,
    sound: Option<Sound>,
    streamer: Streamer,
    window_manager: Option<Part>,
    program: Option<Part>,
}

impl Session {
    pub(super) fn new(order: Order, events: Events) -> io::Result<Self> {
        let log = SessionLog::open(order.log.clone())?;
        Ok(Self {
            launcher: Launcher::new(&order, log),
            recorder: Recorder::begin(order.trace, TraceStep::StartSession),
            order,
            events,
            child_ended: signal(SignalKind::child())?,
            seen: BTreeSet::new(),
            display: None,
            parts: BTreeSet::new(),
        })
    }

    /// Runs the session until it ends by itself. The event tells why, and is for the server once
    /// [`end`](Self::end) has left nothing of it.
    pub(super) async fn live(&mut self) -> Event {
        let mut parts = match self.start().await {
            Ok(parts) => parts,
            Err(failure) => return failure.into(),
        };
        self.tell_processes(&parts);
        match self.watch(&mut parts).await {
            Ok(cause) => Event::Ended { cause },
            Err(failure) => failure.into(),
        }
    }

    /// Ends every process of the session and removes what it left.
    pub(super) async fn end(mut self, ending: Ending) {
        match ending::end_processes(&self.order.mark(), &self.parts).await {
            Ok(ended) => {
                if !ended.alive.is_empty() {
                    let note = format!("killed processes do not end: {:?}", ended.alive);
                    self.launcher.note(&note);
                }
                self.seen.extend(ended.found);
            }
            Err(error) => self
                .launcher
                .note(&format!("processes may be left: {error}")),
        }
        let leftovers = Leftovers::of(&self.order, self.display);
        let leftovers = match ending {
            Ending::End => leftovers,
            Ending::Hibernate => leftovers.but_home(),
        };
        leftovers.remove(&self.seen);
    }

    async fn start(&mut self) -> Result<Parts, Failure> {
        prepare_folders(&self.order).map_err(Failure::Folder)?;
        let number = self.claim_display().map_err(Failure::Folder)?;
        let order = &self.order;
        let (display, sound) = tokio::join!(
            Display::start(order, &self.launcher, number),
            Sound::start(order, &self.launcher)
        );
        let display = display?;
        let sound = sound
            .inspect_err(|message| {
                self.events.send(&Event::SoundFailed {
                    message: message.clone(),
                })
            })
            .ok();
        if let Some(recorder) = &mut self.recorder {
            recorder.step(TraceStep::StartDisplay);
        }
        let source = Sound::source();
        let listen = sound
            .as_ref()
            .map(|sound| (sound.server(), source.as_str()));
        let streamer = Streamer::start(order, &self.launcher, &display.name(), listen);
        let environment = program_environment(order, &display, sound.as_ref());
        let window_manager = self.start_window_manager(&environment).await;
        let program = order.program.as_ref();
        let program = program.map(|program| self.start_program(program, &environment));
        Ok(Parts {
            display,
            sound,
            streamer,
            window_manager,
            program: program.transpose()?,
        })
    }

    fn claim_display(&mut self) -> io::Result<u32> {
        let claim = match self.order.share {
            None => display_number::claim()?,
            Some(_) => display_number::take_over(SHARED_DISPLAY)?,
        };
        self.display = Some(claim);
        claim.write(&self.order.file(file::DISPLAY))?;
        Ok(claim.number)
    }

    async fn start_window_manager(&self, environment: &Environment) -> Option<Part> {
        let window_manager = self.order.window_manager.as_deref()?;
        window_manager::start(&self.order, &self.launcher, window_manager, environment)
            .await
            .inspect_err(|error| self.launcher.note(&format!("no window manager: {error}")))
            .ok()
    }

    fn start_program(&self, program: &Program, environment: &Environment) -> Result<Part, Failure> {
        let [file, arguments @ ..] = program.argv.as_slice() else {
            unreachable!("the server checked that there is a program");
        };
        let directory = &program.working_directory;
        self.launcher
            .start(
                Path::new(file),
                arguments,
                environment,
                directory,
                Output::Logged,
            )
            .map_err(|source| Failure::Program {
                program: file.clone(),
                source,
            })
    }

    async fn watch(&mut self, parts: &mut Parts) -> Result<EndCause, Failure> {
        loop {
            tokio::select! {
                status = program_ended(&mut parts.program) => {
                    let status = status.code().unwrap_or(128 + status.signal().unwrap_or_default());
                    return Ok(EndCause::Program { status });
                }
                failure = parts.display.failed() => return Err(failure),
                message = sound_failed(&mut parts.sound) => {
                    parts.sound = None;
                    self.events.send(&Event::SoundFailed { message });
                }
                news = parts.streamer.news(&self.order, &self.launcher) => {
                    self.tell_news(news, parts);
                }
                _ = self.child_ended.recv() => self.adopt(parts).map_err(Failure::Watch)?,
            }
        }
    }

    fn tell_news(&mut self, news: News, parts: &Parts) {
        let event = match news {
            News::Encoding { encoder, reason } => {
                self.tell_steps();
                Event::Ready { encoder, reason }
            }
            News::Viewing(viewing) => return self.events.send_viewing(&viewing),
            News::Late(message) => Event::StreamerLate { message },
            News::Down(reason) => Event::StreamerRestarted { reason },
            News::Started => return self.tell_processes(parts),
        };
        self.events.send(&event);
    }

    /// Where the session's start is traced: once, because a streamer comes again.
    fn tell_steps(&mut self) {
        if let Some(mut recorder) = self.recorder.take() {
            recorder.step(TraceStep::StartStreamer);
            let report = recorder.finish();
            self.events.send_viewing(&Viewing::Steps { report });
        }
    }

    fn tell_processes(&mut self, parts: &Parts) {
        let processes = parts.processes();
        self.parts = parts.children();
        self.parts.retain(|&pid| Some(pid) != processes.program);
        self.events.send(&Event::Started { processes });
    }

    /// Takes note of the session's processes, and collects those whose parents have ended.
    fn adopt(&mut self, parts: &Parts) -> io::Result<()> {
        let table = ProcessTable::read()?;
        self.seen.extend(table.descendants(std::process::id()));
        reap_all_but(&parts.children(), &table);
        Ok(())
    }
}

impl Parts {
    fn processes(&self) -> Processes {
        Processes {
            supervisor: std::process::id(),
            display: self.display.pid(),
            sound: self.sound.as_ref().and_then(Sound::pid),
            streamer: self.streamer.pid(),
            program: self.program.as_ref().and_then(Part::pid),
        }
    }

    /// Children whose ends are waited for elsewhere.
    fn children(&self) -> BTreeSet<u32> {
        let Processes {
            display,
            sound,
            streamer,
            program,
            ..
        } = self.processes();
        let window_manager = self.window_manager.as_ref().and_then(Part::pid);
        [display, sound, streamer, program, window_manager]
            .into_iter()
            .flatten()
            .collect()
    }
}

async fn program_ended(program: &mut Option<Part>) -> ExitStatus {
    match program {
        Some(program) => program.ended().await,
        None => pending().await,
    }
}

async fn sound_failed(sound: &mut Option<Sound>) -> String {
    match sound {
        Some(sound) => sound.failed().await,
        None => pending().await,
    }
}

fn prepare_folders(order: &Order) -> io::Result<()> {
    if let Some(parent) = order.folder.parent() {
        ensure_private(parent)?;
    }
    create_private(&order.folder)?;
    create_private(&order.file(file::RUNTIME_DIR))?;
    create_private(&order.file(file::PARTS_HOME))?;
    write_private(
        &order.file(file::STREAMER_KEY),
        order.streamer_key.expose().as_bytes(),
    )?;
    write_private(&order.file(file::ICE), order.ice.encode().as_bytes())?;
    match &order.home {
        Home::Scratch(home) | Home::Kept(home) => ensure_private(home),
        Home::Mounted(_) | Home::Own => Ok(()),
    }
}

/// For programs of the session, and for what runs beside a program that is elsewhere.
fn program_environment(order: &Order, display: &Display, sound: Option<&Sound>) -> Environment {
    let path = |name| order.file(name).display().to_string();
    let program = order.program.as_ref();
    let mut environment =
        program.map_or_else(|| order.environment.clone(), |it| it.environment.clone());
    environment.extend([
        ("DISPLAY".into(), display.name()),
        ("XAUTHORITY".into(), path(file::X_AUTHORITY)),
        ("XDG_RUNTIME_DIR".into(), path(file::RUNTIME_DIR)),
        ("XDG_SESSION_TYPE".into(), "x11".into()),
    ]);
    if let Some(sound) = sound {
        environment.insert("PULSE_SERVER".into(), sound.server().into());
    }
    environment
}
