//! One viewer: its link to the gateway and its peer connection, as one task.

mod clipboard;
mod continuity;
mod door;
mod exit;
mod line;
mod resumption;
mod tickets;
mod times;

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use streamspace_gpu::Codecs;
use streamspace_protocol::{
    ClientMessage, ClientSignal, ClipboardPolicy, Code, DecodeError, DisplaySize, IceSettings,
    PointerMove, Pointers, Screen, Secret, ServerMessage, ServerSignal, SessionId, TraceStep,
    ViewerId, ViewerPath, Wire,
};
use streamspace_streamer_core::{ClipboardContent, Expulsion, Input};
use streamspace_traces::Recorder;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tracing::Instrument;

use self::{
    clipboard::{Clipboard, ClipboardError, Word},
    continuity::{Continuity, Step},
    door::{Door, attend, enter},
    exit::Exit,
    line::Line,
    resumption::{Place, Resumption},
    times::Times,
};
pub(crate) use self::{resumption::Standing, tickets::UsedTickets};
use crate::{
    link::{Link, LinkError},
    media::{Frame, Sound},
    report::Report,
    room::RoomEvent,
    transport::{Peer, PeerError, PeerEvents, PeerMessage, PeerState},
};

/// Frames that wait for a viewer's connection; one more is dropped, and a keyframe asked for.
const FRAME_QUEUE: usize = 8;
const SOUND_QUEUE: usize = 16;
/// Messages that wait for a viewer; one more ends it, since all must arrive.
const MESSAGE_QUEUE: usize = 256;
/// Where others point, which waits for a viewer; older is of no use.
const POINTER_QUEUE: usize = 2;
/// How long a browser may take to make its offer.
const OFFER_LIMIT: Duration = Duration::from_secs(10);

/// Where the room puts what is for one viewer. Never waited for: a full queue loses the newest.
#[derive(Debug)]
pub(crate) struct ViewerQueues {
    /// Whose frames these are.
    pub(crate) screen: Screen,
    pub(crate) frames: mpsc::Sender<Arc<Frame>>,
    pub(crate) sounds: mpsc::Sender<Arc<Sound>>,
    pub(crate) messages: mpsc::Sender<ServerMessage>,
    pub(crate) pointers: mpsc::Sender<Arc<Pointers>>,
    /// Only the newest matters.
    pub(crate) clipboard: watch::Sender<Option<ClipboardContent>>,
    /// What the viewer decodes.
    pub(crate) codecs: Codecs,
}

/// What every viewer task needs.
#[derive(Debug, Clone)]
pub(crate) struct ViewerContext {
    pub(crate) session: SessionId,
    pub(crate) ice: Arc<IceSettings>,
    pub(crate) clipboard: ClipboardPolicy,
    /// Zero of the clock that viewers are told.
    pub(crate) epoch: Instant,
    pub(crate) display: watch::Receiver<DisplaySize>,
    /// Why there is no picture, if no encoder works.
    pub(crate) unavailable: watch::Receiver<Option<String>>,
    /// Changes when somebody acts on the session, whoever it is.
    pub(crate) activity: watch::Receiver<()>,
    pub(crate) room: mpsc::Sender<RoomEvent>,
    /// The viewers whose connections stand, for those that come again by another gateway.
    pub(crate) standing: Standing,
    pub(crate) tickets: UsedTickets,
}

#[derive(Debug, thiserror::Error)]
enum Ending {
    #[error("the viewer left")]
    Left,
    #[error("it goes on as the one it was")]
    Resumed,
    #[error("there is no earlier connection to go on with")]
    NothingToResume,
    #[error("no encoder works: {0}")]
    NoEncoder(String),
    #[error("the browser made no offer within {} s", OFFER_LIMIT.as_secs())]
    NoOffer,
    #[error("the connection ended")]
    Disconnected,
    #[error("the browser opened more data channels than there are")]
    TooManyChannels,
    #[error("the browser does not take its messages as fast as they come")]
    TooSlow,
    #[error("the streamer ends")]
    RoomClosed,
    #[error("{}", saying(*.0))]
    Expelled(Expulsion),
    #[error("the join token has been used before; ask for a new one")]
    TicketUsed,
    #[error("the time of the link to this session is over")]
    ShareExpired,
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Peer(#[from] PeerError),
    #[error("the browser sent what cannot be read: {0}")]
    Message(#[from] DecodeError),
    #[error(transparent)]
    Clipboard(#[from] ClipboardError),
}

/// Serves one viewer, whom the room knows by this number, until it leaves.
pub(crate) async fn run(viewer: ViewerId, link: Link, context: ViewerContext) {
    let Link {
        hello,
        reader,
        writer,
    } = link;
    let mut line = Line::new(reader, writer);
    let span = tracing::info_span!("viewer", id = %viewer, gateway_id = %hello.viewer);
    async {
        tracing::info!(role = ?hello.role, "joins");
        let ending = match enter(viewer, &hello, &context).await {
            Ok((role, mut exit)) => {
                let door = Door {
                    viewer,
                    hello: &hello,
                    role,
                    context: &context,
                };
                match (hello.path, line.halves()) {
                    (ViewerPath::Vnc, Some((reader, writer))) => {
                        attend(&door, &mut exit, reader, writer).await
                    }
                    (ViewerPath::Webrtc | ViewerPath::Vnc, _) => {
                        serve(&door, &mut exit, &mut line).await
                    }
                }
            }
            Err(ending) => ending,
        };
        tracing::info!(reason = %ending, "left");
        if let Some(error) = ending.signal() {
            // The gateway may be gone already.
            drop(line.send(&error).await);
        }
    }
    .instrument(span)
    .await;
}

async fn serve(door: &Door<'_>, exit: &mut Exit, line: &mut Line) -> Ending {
    let context = door.context;
    let recorder = Recorder::begin(door.hello.trace, TraceStep::ShowSession);
    let result = async {
        if let Some(reason) = context.unavailable.borrow().clone() {
            return Err(Ending::NoEncoder(reason));
        }
        let place = context.standing.place().map_err(LinkError::Io)?;
        line.send(&door.welcome(Some(place.key()))).await?;
        let offer = tokio::select! {
            ending = exit.wait() => return Err(ending),
            offer = timeout(OFFER_LIMIT, wait_for_offer(line)) => offer,
        };
        let Offer {
            sdp,
            screen,
            resume,
        } = offer.map_err(|_| Ending::NoOffer)??;
        if let Some(key) = resume {
            return Err(go_on(door, line, &key, sdp));
        }
        let has_channels = sdp.expose().contains("\r\nm=application ");
        let (mut peer, events, answer) = Peer::answer(&context.ice, sdp).await?;
        let result = async {
            line.send(&ServerSignal::Answer { sdp: answer }).await?;
            let call = Call {
                door,
                screen,
                clipboard: &context.clipboard,
                room: &context.room,
                line,
                place: Some(place),
                has_channels,
                continuity: Continuity::default(),
                times: Times::new(context.epoch),
                recorder,
            };
            call.run(&mut peer, events).await
        };
        let result = tokio::select! {
            ending = exit.wait() => Err(ending),
            result = result => result,
        };
        peer.close().await;
        result
    };
    let Err(ending) = result.await;
    ending
}

struct Offer {
    sdp: Secret,
    screen: Screen,
    resume: Option<Secret>,
}

async fn wait_for_offer(line: &mut Line) -> Result<Offer, Ending> {
    loop {
        match line.next().await? {
            ClientSignal::Offer {
                sdp,
                screen,
                resume,
            } => {
                return Ok(Offer {
                    sdp,
                    screen,
                    resume,
                });
            }
            // Candidates belong to an offer; one that comes before it has no meaning.
            ClientSignal::Candidate(_) => {}
            ClientSignal::Bye => return Err(Ending::Left),
        }
    }
}

/// Hands the link to the viewer that this one was.
fn go_on(door: &Door<'_>, line: &mut Line, key: &Secret, offer: Secret) -> Ending {
    let Some((reader, writer)) = line.take() else {
        return Ending::Left;
    };
    let resumption = Resumption {
        reader,
        writer,
        offer,
    };
    let standing = &door.context.standing;
    match standing.resume(key, &door.hello.person.id, resumption) {
        Ok(()) => Ending::Resumed,
        Err(resumption) => {
            let Resumption { reader, writer, .. } = *resumption;
            *line = Line::new(reader, writer);
            Ending::NothingToResume
        }
    }
}

/// A viewer whose offer was answered.
struct Call<'a> {
    door: &'a Door<'a>,
    screen: Screen,
    clipboard: &'a ClipboardPolicy,
    room: &'a mpsc::Sender<RoomEvent>,
    line: &'a mut Line,
    /// Where a new link finds it, until the connection stands.
    place: Option<Place>,
    /// Standard players have none, and say nothing.
    has_channels: bool,
    continuity: Continuity,
    times: Times,
    /// Until the first frame has left.
    recorder: Option<Recorder>,
}

impl Call<'_> {
    async fn run(
        mut self,
        peer: &mut Peer,
        mut from_peer: PeerEvents,
    ) -> Result<Infallible, Ending> {
        let (frame_sender, mut frames) = mpsc::channel(FRAME_QUEUE);
        let (sound_sender, mut sounds) = mpsc::channel(SOUND_QUEUE);
        let (message_sender, mut messages) = mpsc::channel(MESSAGE_QUEUE);
        let (pointer_sender, mut pointers) = mpsc::channel(POINTER_QUEUE);
        let (clipboard_sender, contents) = watch::channel(None);
        let mut clipboard = Clipboard::new(self.clipboard, contents);
        let mut activity = self.door.context.activity.clone();
        activity.mark_unchanged();
        let mut queues = Some(ViewerQueues {
            frames: frame_sender,
            sounds: sound_sender,
            screen: self.screen,
            messages: message_sender,
            pointers: pointer_sender,
            clipboard: clipboard_sender,
            codecs: peer.codecs(),
        });
        loop {
            tokio::select! {
                signal = self.line.next() => self.signal(signal?, peer).await?,
                Ok(()) = from_peer.state.changed() => {
                    let state = *from_peer.state.borrow_and_update();
                    match (state, queues.take()) {
                        (PeerState::Connected, Some(queues)) => {
                            tracing::info!("is connected");
                            if let Some(recorder) = &mut self.recorder {
                                recorder.step(TraceStep::ConnectViewer);
                            }
                            self.stand();
                            self.tell(RoomEvent::ViewerReady(self.door.viewer, queues)).await?;
                            if !self.has_channels {
                                self.tell_core(self.door.joined(self.screen)).await?;
                            }
                        }
                        (PeerState::Ended, _) => return Err(Ending::Disconnected),
                        (PeerState::TooManyChannels, _) => return Err(Ending::TooManyChannels),
                        (PeerState::Connected | PeerState::Connecting, unused) => queues = unused,
                    }
                }
                Some(candidate) = from_peer.candidates.recv() => {
                    self.line.send(&ServerSignal::Candidate(candidate)).await?;
                }
                Some(rtp) = from_peer.microphone.recv() => {
                    self.tell(RoomEvent::Microphone(self.door.viewer, rtp)).await?;
                }
                Some(message) = from_peer.messages.recv() => self.message(message, peer).await?,
                Some(event) = from_peer.clipboard.recv() => {
                    if let Word::Content { id, content } = clipboard.handle(event).await? {
                        let viewer = self.door.viewer;
                        self.tell_core(Input::Clipboard { viewer, content }).await?;
                        clipboard.taken(id).await;
                    }
                }
                // Players have no hands, and their gateways' ears are for answers only.
                Ok(()) = activity.changed(), if self.has_channels => {
                    self.line.send(&ServerSignal::Active).await?;
                }
                () = from_peer.picture_lost.notified() => {
                    tracing::debug!("the browser has lost its picture");
                    self.want_keyframe().await?;
                }
                () = from_peer.frames_dropped.notified() => {
                    tracing::debug!("frames were left out for the link's sake");
                    self.continuity.lost();
                    self.want_keyframe().await?;
                }
                () = from_peer.nonsense.notified() => {
                    tracing::warn!("the browser reports packets that never left; that is ignored");
                }
                Ok(()) = from_peer.link.changed() => {
                    let link = *from_peer.link.borrow_and_update();
                    self.tell_core(Input::Link { viewer: self.door.viewer, link }).await?;
                }
                Some(frame) = frames.recv() => self.frame(&frame, peer).await?,
                Some(sent) = from_peer.sent.recv() => {
                    self.tell_steps();
                    self.times.sent(sent);
                }
                () = self.times.due() => peer.send_message(&self.times.take()).await?,
                Some(pointers) = pointers.recv() => peer.send_pointers(&pointers).await,
                Some(sound) = sounds.recv() => peer.send_sound(&sound).await?,
                message = messages.recv() => {
                    peer.send_message(&message.ok_or(Ending::TooSlow)?).await?;
                }
            }
        }
    }

    /// With the first frame that has left.
    fn tell_steps(&mut self) {
        if let Some(mut recorder) = self.recorder.take() {
            recorder.step(TraceStep::SendFirstFrame);
            let report = recorder.finish();
            Report::Steps { report }.send();
        }
    }

    fn stand(&mut self) {
        if let Some(place) = self.place.take() {
            let owner = self.door.hello.person.id.clone();
            self.line.stands(place, owner, self.screen);
        }
    }

    async fn frame(&mut self, frame: &Frame, peer: &mut Peer) -> Result<(), Ending> {
        match self.continuity.next(frame) {
            Step::Send => {
                let rtp_timestamp = peer.send_frame(frame).await?;
                self.times.queued(rtp_timestamp, frame);
                Ok(())
            }
            Step::Skip => Ok(()),
            Step::SkipAndAsk => self.want_keyframe().await,
        }
    }

    async fn want_keyframe(&self) -> Result<(), Ending> {
        let viewer = self.door.viewer;
        self.tell_core(Input::KeyframeWanted { viewer }).await
    }

    async fn signal(&mut self, signal: ClientSignal, peer: &mut Peer) -> Result<(), Ending> {
        match signal {
            ClientSignal::Offer { sdp, .. } => {
                let sdp = peer.answer_again(sdp).await?;
                self.line.send(&ServerSignal::Answer { sdp }).await?;
            }
            ClientSignal::Candidate(candidate) => {
                // A candidate that is of no use to us, such as a name that only the browser can
                // resolve, is no reason to end.
                if let Err(error) = peer.add_candidate(candidate).await {
                    tracing::debug!(%error, "a candidate is left out");
                }
            }
            ClientSignal::Bye => return Err(Ending::Left),
        }
        Ok(())
    }

    async fn message(&mut self, message: PeerMessage, peer: &mut Peer) -> Result<(), Ending> {
        let viewer = self.door.viewer;
        let input = match message {
            PeerMessage::ControlOpen(channel) => {
                peer.use_control(channel);
                self.door.joined(self.screen)
            }
            PeerMessage::PointerOpen(channel) => {
                peer.use_pointer(channel);
                return Ok(());
            }
            PeerMessage::Control(bytes) => {
                let message = ClientMessage::decode(&bytes)?;
                Input::Message { viewer, message }
            }
            PeerMessage::Pointer(bytes) => {
                let movement = PointerMove::decode(&bytes)?;
                Input::Pointer { viewer, movement }
            }
        };
        self.tell_core(input).await
    }

    async fn tell_core(&self, input: Input) -> Result<(), Ending> {
        self.tell(RoomEvent::Input(input)).await
    }

    async fn tell(&self, event: RoomEvent) -> Result<(), Ending> {
        self.room.send(event).await.map_err(|_| Ending::RoomClosed)
    }
}

fn saying(why: Expulsion) -> &'static str {
    match why {
        Expulsion::Removed => "an owner of the session has removed you",
        Expulsion::ShareRevoked => "the link to this session was withdrawn",
        Expulsion::RoleChanged => "your role in the session is another one now",
    }
}

impl Ending {
    /// What the browser is told, if it may still listen.
    fn signal(&self) -> Option<ServerSignal> {
        let (code, retry) = match self {
            Self::Left | Self::Resumed | Self::Link(_) => return None,
            Self::NoEncoder(_) => (Code::EncoderUnavailable, false),
            Self::NoOffer | Self::TooManyChannels => (Code::MessageOutOfOrder, false),
            Self::NothingToResume | Self::Disconnected | Self::TooSlow | Self::RoomClosed => {
                (Code::StreamerUnreachable, true)
            }
            Self::Expelled(Expulsion::Removed) => (Code::Removed, false),
            Self::Expelled(Expulsion::ShareRevoked) => (Code::ShareInvalid, false),
            Self::Expelled(Expulsion::RoleChanged) => (Code::RoleChanged, true),
            Self::TicketUsed => (Code::TokenUsed, true),
            Self::ShareExpired => (Code::ShareExpired, false),
            Self::Peer(PeerError::Send(_)) => (Code::StreamerUnreachable, true),
            Self::Peer(_) => (Code::NegotiationFailed, false),
            Self::Message(error) => (error.code(), false),
            Self::Clipboard(_) => (Code::MessageMalformed, false),
        };
        Some(ServerSignal::Error {
            code,
            message: self.to_string(),
            retry,
        })
    }
}
