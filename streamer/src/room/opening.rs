//! What a room begins with: the display, what the command line names, and what a former streamer left.

use std::{
    collections::BTreeMap, io, os::unix::process::CommandExt, path::Path, process::Command,
    sync::Arc, time::Instant,
};

use anyhow::{Context, ensure};
use streamspace_files::{Files, Home};
use streamspace_protocol::{IceSettings, Secret, SessionId, Wire};
use streamspace_streamer_core::{Session, SessionConfig};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

use super::{Room, Sources, encoding::Encoding, entrance::Entrance, pictures::SoundState};
use crate::{
    config::Serve,
    devices::{self, Gamepads, Uinput},
    link,
    media::{self, MediaSenders, MicrophoneSettings, Microphones, Studio},
    memory::MemoryFile,
    probe,
    viewer::{Standing, UsedTickets, ViewerContext},
    x11::XServer,
};

/// Viewers' messages that wait; viewers wait for room in it.
const ROOM_QUEUE: usize = 1024;
/// Frames and sound that wait; see [`MediaEvent`].
const MEDIA_QUEUE: usize = 64;
const FAILURE_QUEUE: usize = 64;

/// Streams until standard input ends, the display goes away, or a signal says so.
pub(crate) fn serve(args: Serve) -> anyhow::Result<()> {
    use_cookie_file(&args)?;
    media::start()?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("starting the runtime")?
        .block_on(run(args))
}

/// X libraries find the cookie by the environment, and changing one's own is not safe: so this
/// program starts itself again with it.
fn use_cookie_file(args: &Serve) -> anyhow::Result<()> {
    if std::env::var_os("XAUTHORITY").is_some_and(|file| file == args.xauthority) {
        return Ok(());
    }
    let program = std::env::current_exe().context("finding this program")?;
    let error = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env("XAUTHORITY", &args.xauthority)
        .exec();
    Err(error).context("starting again with the cookie file")
}

async fn run(args: Serve) -> anyhow::Result<()> {
    let key = read_key(&args.key_file)?;
    let capabilities =
        probe::capabilities(Path::new("/"), |encoder| args.encoder.considers(encoder)).await?;
    let (x, x_events) = XServer::connect(&args.display, args.policy.clipboard.clone())?;
    let listener = link::listen(&args.listen).context("listening for the gateway")?;

    let (events, media_events) = mpsc::channel(MEDIA_QUEUE);
    let (failures, media_failures) = mpsc::channel(FAILURE_QUEUE);
    let (room, room_events) = mpsc::channel(ROOM_QUEUE);
    let encoding = Encoding::new(&args, capabilities);
    let epoch = Instant::now();
    let (display, display_seen) = watch::channel(x.display);
    let (activity, activity_seen) = watch::channel(());
    let (unavailable, unavailable_seen) = watch::channel(encoding.unavailable());
    let context = ViewerContext {
        session: session_id(),
        ice: Arc::new(read_ice(&args.ice)?),
        clipboard: args.policy.clipboard.clone(),
        epoch,
        display: display_seen,
        unavailable: unavailable_seen,
        activity: activity_seen,
        room,
        standing: Standing::default(),
        tickets: UsedTickets::default(),
    };
    let memory = MemoryFile::open(args.memory.clone());
    let next_viewer = memory.memory().next_viewer();
    let devices = devices::look(Path::new("/"));
    let mut room = Room {
        session: Session::new(SessionConfig {
            display: x.display,
            fps: args.fps,
            epoch,
            devices,
            memory: memory.memory().clone(),
        }),
        memory,
        gamepads: Gamepads::open(Uinput),
        x,
        display,
        unavailable,
        activity,
        encoding,
        studio: Studio::open(MediaSenders { events, failures }),
        sound: SoundState::new(&args),
        microphones: microphones(&args),
        queues: BTreeMap::new(),
        clipboards: BTreeMap::new(),
        exits: BTreeMap::new(),
        trials: JoinSet::new(),
    };
    room.start()?;
    let entrance = Entrance::new(listener, key, context, open_home(&args), next_viewer);
    let sources = Sources {
        x_events,
        media_events,
        media_failures,
        room_events,
    };
    room.run(entrance, sources).await
}

fn read_key(file: &Path) -> anyhow::Result<Secret> {
    let key = std::fs::read_to_string(file).context("reading the gateway's key")?;
    let key = key.trim();
    ensure!(!key.is_empty(), "the file with the gateway's key is empty");
    Ok(Secret::new(key))
}

/// The home's files, for whoever may have them. Without them the session goes on.
fn open_home(args: &Serve) -> Option<Files> {
    match Home::open(args.home.as_deref()?) {
        Ok(home) => Some(Files::new(home, args.policy.files.clone())),
        Err(error) => {
            tracing::warn!(%error, "no files can be moved");
            None
        }
    }
}

fn read_ice(file: &Path) -> anyhow::Result<IceSettings> {
    let bytes = std::fs::read(file).context("reading the network's settings")?;
    IceSettings::decode(&bytes).context("understanding the network's settings")
}

/// The session's name, which the supervisor gives every process; for logs and greetings only.
fn session_id() -> SessionId {
    let named = std::env::var("STREAMSPACE_SESSION")
        .ok()
        .and_then(|name| name.parse().ok());
    named.unwrap_or_else(|| "session".parse().expect("a valid name"))
}

fn microphones(args: &Serve) -> Option<Microphones> {
    let both = args.pulse_server.clone().zip(args.pulse_microphone.clone());
    both.map(|(server, sink)| Microphones::open(MicrophoneSettings { server, sink }))
}

/// Standard input is the supervisor's hand: it ends when the supervisor does.
///
/// Read on a thread of its own, which cannot be cancelled and ends with the process.
pub(super) fn end_of_stdin() -> oneshot::Receiver<()> {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let copied = io::copy(&mut io::stdin().lock(), &mut io::sink());
        tracing::debug!(?copied, "standard input ended");
        // Without a receiver the room has ended already.
        let _ = ended.send(());
    });
    end
}
