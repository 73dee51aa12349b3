//! The room: the task that owns the session's state and does what it says.

mod encoding;
mod entrance;
mod opening;
mod pictures;
mod second_chances;

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use anyhow::Context;
use streamspace_gpu::{Encoder, Health};
use streamspace_protocol::{DisplaySize, Person, Pointers, Role, Screen, ServerMessage, ViewerId};
use streamspace_streamer_core::{
    ClipboardContent, Displays, Expulsion, Input, KeyRepeat, Output, Session, XEvent,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

pub(crate) use self::opening::serve;
use self::{
    encoding::{Encoding, Next},
    entrance::Entrance,
    opening::end_of_stdin,
    pictures::SoundState,
};
use crate::{
    devices::Gamepads,
    media::{MediaEvent, MediaFailure, Microphones, Studio, StudioHangs},
    memory::MemoryFile,
    probe,
    report::Report,
    viewer::ViewerQueues,
    x11::XServer,
};

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
    /// Somebody acts on the session.
    activity: watch::Sender<()>,
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
                Output::ReportActivity => {
                    self.activity.send_replace(());
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
