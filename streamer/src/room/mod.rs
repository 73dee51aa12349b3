//! The room: the task that owns the session's state and does what it says.

mod encoding;
mod entrance;
mod second_chances;

use std::{
    collections::BTreeMap,
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use streamspace_files::{Files, Home};
use streamspace_gpu::{Codecs, Encoder, Health};
use streamspace_protocol::{
    DisplaySize, IceSettings, Person, Pointers, Role, Screen, Secret, ServerMessage, SessionId,
    ViewerId, Wire,
};
use streamspace_streamer_core::{
    ClipboardContent, Displays, Encoded, Expulsion, Input, KeyRepeat, Output, Session,
    SessionConfig, XEvent,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

use self::{
    encoding::{Encoding, Next},
    entrance::Entrance,
};
use crate::{
    config::Serve,
    devices::{self, Gamepads, Uinput},
    link,
    media::{
        self, AudioSettings, MediaEvent, MediaFailure, MediaSenders, MicrophoneSettings,
        Microphones, Studio, StudioHangs,
    },
    memory::MemoryFile,
    probe,
    report::Report,
    viewer::{ViewerContext, ViewerQueues},
    x11::XServer,
};

/// Viewers' messages that wait; viewers wait for room in it.
const ROOM_QUEUE: usize = 1024;
/// Frames and sound that wait; see [`MediaEvent`].
const MEDIA_QUEUE: usize = 64;
const FAILURE_QUEUE: usize = 64;
/// How long after sound has failed it is tried again.
const SOUND_RETRY: Duration = Duration::from_secs(5);

/// What viewer tasks tell the room.
#[derive(Debug)]
pub(crate) enum RoomEvent {
    /// Somebody wants in.
    Enter(Entering),
    /// The connection is up: pictures and sound may go into these queues.
    ViewerReady(ViewerId, ViewerQueues),
    /// A viewer by VNC is here: what programs copy may go into this.
    Attends(ViewerId, watch::Sender<Option<ClipboardContent>>),
    Input(Input),
    /// A packet (RTP) of a viewer's microphone.
    Microphone(ViewerId, Vec<u8>),
}

/// A viewer at the door.
#[derive(Debug)]
pub(crate) struct Entering {
    pub(crate) viewer: ViewerId,
    pub(crate) person: Person,
    /// What the ticket grants.
    pub(crate) granted: Role,
    /// How the viewer is told to leave.
    pub(crate) exit: oneshot::Sender<Expulsion>,
    /// In which role it may come in.
    pub(crate) admitted: oneshot::Sender<Result<Role, Expulsion>>,
}

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
    let (unavailable, unavailable_seen) = watch::channel(encoding.unavailable());
    let context = ViewerContext {
        session: session_id(),
        ice: Arc::new(read_ice(&args.ice)?),
        clipboard: args.policy.clipboard.clone(),
        epoch,
        display: display_seen,
        unavailable: unavailable_seen,
        room,
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

struct Sources {
    x_events: mpsc::Receiver<XEvent>,
    media_events: mpsc::Receiver<MediaEvent>,
    media_failures: mpsc::Receiver<MediaFailure>,
    room_events: mpsc::Receiver<RoomEvent>,
}

struct Room {
    session: Session,
    memory: MemoryFile,
    gamepads: Gamepads,
    x: XServer,
    display: watch::Sender<DisplaySize>,
    unavailable: watch::Sender<Option<String>>,
    encoding: Encoding,
    studio: Studio,
    sound: SoundState,
    /// None where programs have no microphone to record from.
    microphones: Option<Microphones>,
    /// The viewers whose connections are up.
    queues: BTreeMap<ViewerId, ViewerQueues>,
    /// Of the viewers by VNC.
    clipboards: BTreeMap<ViewerId, watch::Sender<Option<ClipboardContent>>>,
    /// Of everyone who has come in.
    exits: BTreeMap<ViewerId, oneshot::Sender<Expulsion>>,
    /// Encoders that failed and are tried again, each in a child process that ends with this.
    trials: JoinSet<(Encoder, Health)>,
}

fn microphones(args: &Serve) -> Option<Microphones> {
    let both = args.pulse_server.clone().zip(args.pulse_microphone.clone());
    both.map(|(server, sink)| Microphones::open(MicrophoneSettings { server, sink }))
}

/// What to record, and the recorder's number.
struct SoundState {
    settings: Option<AudioSettings>,
    generation: u64,
    /// When a recorder that failed is started again.
    retry: Option<Instant>,
}

impl SoundState {
    fn new(args: &Serve) -> Self {
        let both = args.pulse_server.clone().zip(args.pulse_source.clone());
        let settings = both.map(|(server, source)| AudioSettings { server, source });
        Self {
            settings,
            generation: 0,
            retry: None,
        }
    }
}

impl Room {
    fn start(&mut self) -> anyhow::Result<()> {
        // As a streamer that crashed may have left it otherwise.
        self.x.input(vec![Output::RepeatKeys(KeyRepeat::XServer)])?;
        let keymap = self.x.keymap.clone();
        self.input(Input::X(XEvent::Keymap(keymap)));
        let (encoder, reason) = self.encoding.describe();
        tracing::info!(%encoder, %reason, plan = ?self.encoding.plan(), "is ready");
        Report::Ready {
            encoder: &encoder,
            reason: &reason,
        }
        .send();
        self.input(Input::Encoder {
            name: encoder,
            reason,
        });
        Ok(())
    }

    async fn run(&mut self, mut entrance: Entrance, mut sources: Sources) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate()).context("watching for SIGTERM")?;
        let mut supervisor = end_of_stdin();
        loop {
            let retries = [self.sound.retry, self.encoding.retry_at()];
            let timeouts = [self.session.poll_timeout()].into_iter().chain(retries);
            let timeout = timeouts.flatten().min();
            tokio::select! {
                _ = terminate.recv() => return Ok(()),
                _ = &mut supervisor => return Ok(()),
                left = entrance.serve() => {
                    // Whatever its task has said lies in the queue by now, and comes first.
                    while let Ok(event) = sources.room_events.try_recv() {
                        self.room_event(event)?;
                    }
                    self.viewer_left(left)?;
                }
                event = sources.x_events.recv() => {
                    let event = event.context("the X server is gone")?;
                    self.x_event(event)?;
                }
                Some(event) = sources.media_events.recv() => self.media_event(event),
                Some(failure) = sources.media_failures.recv() => self.media_failure(failure)?,
                Some(event) = sources.room_events.recv() => self.room_event(event)?,
                Some(Ok((encoder, health))) = self.trials.join_next() => {
                    self.encoder_tried(encoder, health)?;
                }
                () = sleep_until(timeout) => self.due()?,
            }
            self.act()?;
        }
    }

    fn input(&mut self, input: Input) {
        self.session.handle(input, Instant::now());
    }

    fn due(&mut self) -> Result<(), StudioHangs> {
        let now = Instant::now();
        self.session.handle_timeout(now);
        if self.sound.retry.is_some_and(|retry| retry <= now) {
            self.start_sound()?;
        }
        for encoder in self.encoding.due(now) {
            self.trials
                .spawn(async move { (encoder, probe::again(encoder).await) });
        }
        Ok(())
    }

    fn room_event(&mut self, event: RoomEvent) -> Result<(), StudioHangs> {
        match event {
            RoomEvent::Enter(entering) => self.enter(entering),
            RoomEvent::ViewerReady(viewer, queues) => {
                let (first, screen) = (self.queues.is_empty(), queues.screen);
                let first_there = !self.is_watched(screen);
                self.queues.insert(viewer, queues);
                self.input(Input::KeyframeWanted { viewer });
                if self.follow_codecs() == Next::Switch {
                    self.start_videos()?;
                } else if first_there {
                    self.start_video(screen)?;
                }
                if first {
                    self.start_sound()?;
                }
            }
            RoomEvent::Attends(viewer, clipboard) => {
                self.clipboards.insert(viewer, clipboard);
            }
            RoomEvent::Input(input) => self.input(input),
            RoomEvent::Microphone(viewer, rtp) => {
                let heard = self.microphones.as_ref();
                if let Some(microphones) = heard.filter(|_| self.session.has_control(viewer)) {
                    microphones.play(viewer, rtp);
                }
            }
        }
        Ok(())
    }

    fn enter(&mut self, entering: Entering) {
        let admitted = self.session.admit(&entering.person, entering.granted);
        if admitted.is_ok() {
            self.exits.insert(entering.viewer, entering.exit);
        }
        // A task that waits no longer is about to end.
        let _ = entering.admitted.send(admitted);
    }

    /// Captures while somebody watches, and costs nothing while nobody does.
    fn viewer_left(&mut self, viewer: ViewerId) -> Result<(), StudioHangs> {
        self.exits.remove(&viewer);
        self.clipboards.remove(&viewer);
        let watched = self.queues.remove(&viewer);
        self.input(Input::Left { viewer });
        let Some(queues) = watched else {
            return Ok(());
        };
        Report::Left { viewer }.send();
        if !self.is_watched(queues.screen) {
            self.studio.stop_video(queues.screen)?;
        }
        if self.queues.is_empty() {
            self.sound.retry = None;
            self.studio.stop_audio()?;
        } else if self.follow_codecs() == Next::Switch {
            self.start_videos()?;
        }
        Ok(())
    }

    /// The encoder makes what everybody who is here decodes.
    fn follow_codecs(&mut self) -> Next {
        let each = self.queues.values().map(|queues| &queues.codecs);
        let codecs = each.fold(Codecs::all(), |all, codecs| all.and(codecs));
        let next = self.encoding.decoded(codecs);
        if next == Next::Switch {
            self.tell_encoder();
        }
        next
    }

    fn is_watched(&self, screen: Screen) -> bool {
        self.queues.values().any(|queues| queues.screen == screen)
    }

    fn start_video(&mut self, screen: Screen) -> Result<(), StudioHangs> {
        let (displays, target) = (self.session.displays(), self.session.video(screen));
        match self.encoding.next(screen, displays, target) {
            Some((settings, generation)) => self.studio.start_video(settings, generation),
            None => self.studio.stop_video(screen),
        }
    }

    /// Starts what is watched, with the encoder that is chosen now.
    fn start_videos(&mut self) -> Result<(), StudioHangs> {
        for screen in Screen::ALL {
            if self.is_watched(screen) {
                self.start_video(screen)?;
            }
        }
        Ok(())
    }

    fn start_sound(&mut self) -> Result<(), StudioHangs> {
        self.sound.retry = None;
        let Some(settings) = self.sound.settings.clone() else {
            return Ok(());
        };
        self.sound.generation += 1;
        self.studio.start_audio(settings, self.sound.generation)
    }

    fn x_event(&mut self, event: XEvent) -> Result<(), StudioHangs> {
        let before = self.session.displays();
        self.input(Input::X(event));
        let displays = self.session.displays();
        if displays == before {
            return Ok(());
        }
        tracing::info!(?displays, "the displays are other ones");
        self.display.send_replace(displays.first);
        for screen in Screen::ALL {
            let place = |displays: Displays| {
                let size = displays.size(screen);
                (size, displays.origin(screen), displays.second.is_some())
            };
            if self.is_watched(screen) && place(displays) != place(before) {
                self.start_video(screen)?;
            }
        }
        Ok(())
    }

    fn media_event(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Frame(frame) => {
                self.encoding.made_a_frame();
                let (bytes, took) = (frame.data.len(), frame.stages.encode);
                let screen = frame.screen;
                self.input(Input::Encoded(screen, Encoded { bytes, took }));
                let there = |queues: &&ViewerQueues| queues.screen == screen;
                for queues in self.queues.values().filter(there) {
                    if queues.frames.try_send(frame.clone()).is_err() {
                        self.session
                            .handle(Input::FrameLeftOut(screen), Instant::now());
                    }
                }
            }
            MediaEvent::Sound(sound) => {
                for queues in self.queues.values() {
                    // A lost 10 ms is concealed by the browser.
                    drop(queues.sounds.try_send(sound.clone()));
                }
            }
        }
    }

    fn media_failure(&mut self, failure: MediaFailure) -> anyhow::Result<()> {
        match failure {
            MediaFailure::FrameDropped(screen) => self.input(Input::FrameLost(screen)),
            MediaFailure::Audio { generation, error } => {
                if generation == self.sound.generation {
                    tracing::warn!(%error, "there is no sound; it is tried again");
                    self.sound.retry = Some(Instant::now() + SOUND_RETRY);
                }
            }
            MediaFailure::Video {
                generation,
                encoder,
                error,
            } => {
                if self.encoding.is_current(generation) && !self.queues.is_empty() {
                    self.video_failed(encoder, error)?;
                }
            }
        }
        Ok(())
    }

    fn video_failed(&mut self, encoder: bool, error: String) -> anyhow::Result<()> {
        tracing::warn!(%error, "the video pipeline failed");
        self.encoding.failed(encoder, error, Instant::now())?;
        self.tell_encoder();
        self.start_videos()?;
        Ok(())
    }

    /// One that failed before was tried again; the picture moves to it if it is better.
    fn encoder_tried(&mut self, encoder: Encoder, health: Health) -> Result<(), StudioHangs> {
        tracing::info!(%encoder, ?health, "an encoder was tried again");
        match self.encoding.tried(encoder, health, Instant::now()) {
            Next::GoOn => return Ok(()),
            Next::Switch => self.tell_encoder(),
        }
        self.start_videos()
    }

    fn tell_encoder(&mut self) {
        self.unavailable.send_replace(self.encoding.unavailable());
        let (encoder, reason) = self.encoding.describe();
        tracing::info!(%encoder, %reason, plan = ?self.encoding.plan(), "goes on with");
        Report::Encoder {
            encoder: &encoder,
            reason: &reason,
        }
        .send();
        self.input(Input::Encoder {
            name: encoder,
            reason,
        });
    }

    /// Does what the session says.
    fn act(&mut self) -> anyhow::Result<()> {
        let mut inputs = Vec::new();
        while let Some(output) = self.session.poll() {
            match output {
                Output::BindKey { .. }
                | Output::Key { .. }
                | Output::RepeatKeys(_)
                | Output::Button { .. }
                | Output::MovePointer { .. }
                | Output::MovePointerBy { .. } => inputs.push(output),
                Output::SetDpi(dpi) => self.x.set_dpi(dpi)?,
                Output::Arrange(displays) => self.x.arrange(displays)?,
                Output::SetClipboard(content) => self.x.set_clipboard(content)?,
                Output::ForceKeyframe(screen) => self.studio.force_keyframe(screen)?,
                Output::SetVideo(screen, target) => {
                    tracing::debug!(?target, "other video is made");
                    self.studio.set_video(screen, target)?;
                }
                Output::Capture(screen, capture) => {
                    tracing::debug!(?capture, "frames are made or not");
                    self.studio.set_capture(screen, capture)?;
                }
                Output::ReportLatency { viewer, latency } => {
                    let latency = &latency;
                    Report::Latency { viewer, latency }.send();
                }
                Output::Remember => self.memory.keep(self.session.memory(Instant::now())),
                Output::Gamepad(output) => self.gamepads.tell(output),
                Output::TellPointers(screen, pointers) => self.tell_pointers(screen, pointers),
                Output::Expel { viewer, why } => self.expel(viewer, why),
                Output::SendClipboard { viewer, content } => {
                    let queue = self.queues.get(&viewer).map(|queues| &queues.clipboard);
                    if let Some(clipboard) = queue.or_else(|| self.clipboards.get(&viewer)) {
                        clipboard.send_replace(Some(content));
                    }
                }
                Output::Send { viewer, message } => self.send(viewer, message),
            }
        }
        if !inputs.is_empty() {
            self.x.input(inputs)?;
        }
        Ok(())
    }

    fn expel(&mut self, viewer: ViewerId, why: Expulsion) {
        if let Some(exit) = self.exits.remove(&viewer) {
            tracing::info!(%viewer, ?why, "a viewer has to leave");
            // A task that is over needs no word.
            let _ = exit.send(why);
        }
    }

    /// The next ones follow at once, so those that find no room are left out.
    fn tell_pointers(&self, screen: Screen, pointers: Pointers) {
        let pointers = Arc::new(pointers);
        let there = |queues: &&ViewerQueues| queues.screen == screen;
        for queues in self.queues.values().filter(there) {
            drop(queues.pointers.try_send(Arc::clone(&pointers)));
        }
    }

    fn send(&mut self, viewer: ViewerId, message: ServerMessage) {
        let queues = self.queues.get(&viewer);
        if queues.is_some_and(|queues| queues.messages.try_send(message).is_err()) {
            // Messages must all arrive. Without its queues the viewer ends, and comes back.
            tracing::warn!(%viewer, "a viewer does not keep up");
            self.queues.remove(&viewer);
        }
    }
}

async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

/// Standard input is the supervisor's hand: it ends when the supervisor does.
///
/// Read on a thread of its own, which cannot be cancelled and ends with the process.
fn end_of_stdin() -> oneshot::Receiver<()> {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let copied = io::copy(&mut io::stdin().lock(), &mut io::sink());
        tracing::debug!(?copied, "standard input ended");
        // Without a receiver the room has ended already.
        let _ = ended.send(());
    });
    end
}
