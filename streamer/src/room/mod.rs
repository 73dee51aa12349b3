//! The room: the task that owns the session's state and does what it says.

mod encoding;

use std::{
    collections::BTreeMap, io, os::unix::process::CommandExt, process::Command, sync::Arc,
    time::Instant,
};

use anyhow::Context;
use streamspace_protocol::{DisplaySize, Secret, SessionId, ViewerId};
use streamspace_streamer_core::{
    Encoded, Input, KeyRepeat, Output, Session, SessionConfig, XEvent,
};
use tokio::{
    net::UnixListener,
    signal::unix::{SignalKind, signal},
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

use self::encoding::Encoding;
use crate::{
    config::Serve,
    link::{self, Link},
    media::{MediaEvent, audio::Audio},
    probe,
    report::Report,
    viewer::{self, ViewerContext, ViewerQueues},
    x11::XServer,
};

/// More viewers than this on one session are refused.
const MAX_VIEWERS: usize = 64;
const ROOM_QUEUE: usize = 1024;
const MEDIA_QUEUE: usize = 64;

/// What viewer tasks tell the room.
#[derive(Debug)]
pub(crate) enum RoomEvent {
    /// The connection is up: pictures and sound may go into these queues.
    ViewerReady(ViewerId, ViewerQueues),
    ViewerLeft(ViewerId),
    Input(Input),
}

/// Streams until standard input ends, the display goes away, or a signal says so.
pub(crate) fn serve(args: Serve) -> anyhow::Result<()> {
    use_cookie_file(&args)?;
    gstreamer::init().context("GStreamer does not start")?;
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
    let key = std::fs::read_to_string(&args.key_file).context("reading the gateway's key")?;
    let key: Arc<Secret> = Arc::new(Secret::new(key.trim()));
    let capabilities = probe::capabilities().await?;
    let (x, x_events) = XServer::connect(&args.display)?;
    let listener = link::listen(&args.listen).context("listening for the gateway")?;

    let (media, media_events) = mpsc::channel(MEDIA_QUEUE);
    let session = Session::new(SessionConfig {
        display: x.display,
        fps: args.fps,
    });
    let encoding = Encoding::new(&args, capabilities, media.clone());
    let (display, display_seen) = watch::channel(x.display);
    let (events, room_events) = mpsc::channel(ROOM_QUEUE);
    let context = ViewerContext {
        session: session_id(),
        addresses: args.ice_address.clone().into(),
        display: display_seen,
        room: events,
    };
    let mut room = Room {
        session,
        x,
        display,
        encoding,
        audio: None,
        media,
        queues: BTreeMap::new(),
        args,
    };
    room.start();
    room.run(
        listener,
        key,
        context,
        Sources {
            x_events,
            media_events,
            room_events,
        },
    )
    .await
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
    room_events: mpsc::Receiver<RoomEvent>,
}

struct Room {
    session: Session,
    x: XServer,
    display: watch::Sender<DisplaySize>,
    encoding: Encoding,
    audio: Option<Audio>,
    media: mpsc::Sender<MediaEvent>,
    /// The viewers whose connections are up.
    queues: BTreeMap<ViewerId, ViewerQueues>,
    args: Serve,
}

impl Room {
    fn start(&mut self) {
        // As a streamer that crashed may have left it otherwise.
        self.x.input(Output::RepeatKeys(KeyRepeat::XServer));
        let keymap = self.x.keymap.clone();
        self.input(Input::X(XEvent::Keymap(keymap)));
        let (encoder, reason) = self.encoding.describe();
        tracing::info!(%encoder, %reason, "is ready");
        Report::Ready {
            encoder: &encoder,
            reason: &reason,
        }
        .send();
        self.input(Input::Encoder {
            name: encoder,
            reason,
        });
    }

    async fn run(
        &mut self,
        listener: UnixListener,
        key: Arc<Secret>,
        context: ViewerContext,
        mut sources: Sources,
    ) -> anyhow::Result<()> {
        let mut viewers = JoinSet::new();
        let mut terminate = signal(SignalKind::terminate()).context("watching for SIGTERM")?;
        let mut supervisor = end_of_stdin();
        loop {
            let timeout = self.session.poll_timeout();
            tokio::select! {
                _ = terminate.recv() => return Ok(()),
                _ = &mut supervisor => return Ok(()),
                accepted = listener.accept() => {
                    let (stream, _) = accepted.context("taking a link")?;
                    // Dropping the stream tells the gateway that nobody answers.
                    if viewers.len() < MAX_VIEWERS {
                        let (key, context) = (key.clone(), context.clone());
                        viewers.spawn(async move {
                            match Link::accept(stream, &key).await {
                                Ok(link) => viewer::run(link, context).await,
                                Err(error) => tracing::warn!(%error, "a link is refused"),
                            }
                        });
                    }
                }
                Some(_) = viewers.join_next() => {}
                event = sources.x_events.recv() => {
                    let event = event.context("the X server is gone")?;
                    self.x_event(event);
                }
                Some(event) = sources.media_events.recv() => self.media_event(event)?,
                Some(event) = sources.room_events.recv() => self.room_event(event)?,
                () = sleep_until(timeout) => self.session.handle_timeout(Instant::now()),
            }
            self.act();
        }
    }

    fn input(&mut self, input: Input) {
        self.session.handle(input, Instant::now());
    }

    fn room_event(&mut self, event: RoomEvent) -> anyhow::Result<()> {
        match event {
            RoomEvent::ViewerReady(viewer, queues) => {
                self.queues.insert(viewer, queues);
                self.input(Input::KeyframeWanted);
                self.run_media()?;
            }
            RoomEvent::ViewerLeft(viewer) => {
                self.queues.remove(&viewer);
                self.input(Input::Left { viewer });
                self.run_media()?;
            }
            RoomEvent::Input(input) => self.input(input),
        }
        Ok(())
    }

    /// Captures while somebody watches, and costs nothing while nobody does.
    fn run_media(&mut self) -> anyhow::Result<()> {
        if self.queues.is_empty() {
            self.encoding.stop();
            self.audio = None;
            return Ok(());
        }
        self.encoding
            .run(self.session.display(), self.session.target_bps())?;
        if let (None, Some(server), Some(source)) = (
            &self.audio,
            &self.args.pulse_server,
            &self.args.pulse_source,
        ) {
            match Audio::start(server, source, self.media.clone()) {
                Ok(audio) => self.audio = Some(audio),
                Err(error) => tracing::warn!(%error, "there is no sound"),
            }
        }
        Ok(())
    }

    fn x_event(&mut self, event: XEvent) {
        let resized = matches!(&event, XEvent::Display(size) if *size != self.session.display());
        self.input(Input::X(event));
        if resized {
            let size = self.session.display();
            tracing::info!(
                width = size.width,
                height = size.height,
                "the display is resized"
            );
            self.display.send_replace(size);
            if let Err(error) = self.encoding.resize(size, self.session.target_bps()) {
                tracing::error!(%error, "the new size cannot be captured");
            }
        }
    }

    fn media_event(&mut self, event: MediaEvent) -> anyhow::Result<()> {
        match event {
            MediaEvent::Frame(frame) => {
                self.input(Input::Encoded(Encoded {
                    bytes: frame.data.len(),
                    took: frame.took,
                }));
                for queues in self.queues.values() {
                    // A viewer that misses a frame notices by its number.
                    drop(queues.frames.try_send(frame.clone()));
                }
            }
            MediaEvent::Sound(sound) => {
                for queues in self.queues.values() {
                    drop(queues.sounds.try_send(sound.clone()));
                }
            }
            MediaEvent::AudioFailed { error } => {
                tracing::warn!(%error, "there is no sound any more");
                self.audio = None;
            }
            MediaEvent::VideoFailed {
                generation,
                encoder,
                error,
            } => {
                if !self.encoding.is_current(generation) {
                    return Ok(());
                }
                tracing::warn!(%error, "the video pipeline failed");
                self.encoding.failed(encoder, error)?;
                let (encoder, reason) = self.encoding.describe();
                tracing::info!(%encoder, %reason, "goes on with");
                Report::Encoder {
                    encoder: &encoder,
                    reason: &reason,
                }
                .send();
                self.input(Input::Encoder {
                    name: encoder,
                    reason,
                });
                self.run_media()?;
            }
        }
        Ok(())
    }

    /// Does what the session says.
    fn act(&mut self) {
        while let Some(output) = self.session.poll() {
            match output {
                Output::BindKey { .. }
                | Output::Key { .. }
                | Output::RepeatKeys(_)
                | Output::Button { .. }
                | Output::MovePointer { .. } => self.x.input(output),
                Output::Resize(size) => self.x.resize(size),
                Output::SetClipboard(text) => self.x.set_clipboard(text),
                Output::ForceKeyframe => self.encoding.force_keyframe(),
                Output::SetBitrate(bps) => self.encoding.set_bitrate(bps),
                Output::Send { viewer, message } => {
                    let queues = self.queues.get(&viewer);
                    if queues.is_some_and(|queues| queues.messages.try_send(message).is_err()) {
                        tracing::warn!(%viewer, "a viewer does not keep up; a message is dropped");
                    }
                }
            }
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
