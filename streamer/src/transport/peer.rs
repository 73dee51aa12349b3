//! One browser: a peer connection that answers, sends picture and sound, and carries messages.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::{Duration, Instant},
};

use bytes::BytesMut;
use rtc::peer_connection::{sdp::RTCSessionDescription, transport::RTCIceCandidateInit};
use streamspace_gpu::{Codec, Codecs};
use streamspace_protocol::{Candidate, IceSettings, Pointers, Secret, ServerMessage, Wire};
use streamspace_streamer_core::{Allowance, Link};
use tokio::sync::{Notify, mpsc, watch};
use webrtc::{
    data_channel::DataChannel,
    media_stream::track_local::{TrackLocal, static_rtp::TrackLocalStaticRTP},
    peer_connection::PeerConnection,
    rtp_transceiver::RtpSender,
};

use super::{
    clipboard::ClipboardChannel,
    codecs::{AUDIO_CLOCK_HZ, AUDIO_SSRC, VIDEO_CLOCK_HZ, VIDEO_SSRC, audio_track, video_track},
    connection::{Handler, connect},
    flow::{FlowEvents, SentFrame, first_link},
    formats::Formats,
    payloads::Payloads,
    rtp::{PLAYOUT_DELAY, RtpStream},
    sockets::NoFreePort,
};
use crate::media::{Frame, Sound};

const CANDIDATE_QUEUE: usize = 32;
/// Candidates taken of one browser in a row, each of which makes this machine send checks to an address of
/// its choice, and when one more is taken.
const CANDIDATES: u32 = 128;
const CANDIDATES_INTERVAL: Duration = Duration::from_secs(1);
/// Offers that are answered in a row (a network that comes and goes makes new ones), and one more then.
const OFFERS: u32 = 16;
const OFFERS_INTERVAL: Duration = Duration::from_secs(2);
/// Frames whose departure the viewer task has not heard of yet.
const SENT_QUEUE: usize = 256;
/// Messages of a browser that wait for its viewer task.
const MESSAGE_QUEUE: usize = 256;
/// Packets of a microphone that wait: a third of a second.
const MICROPHONE_QUEUE: usize = 16;
/// While more than this waits on the channel of pointers, where others point is left out.
const POINTER_BYTES: usize = 4096;
/// Pieces of a browser's clipboard that wait for its viewer task.
const CLIPBOARD_QUEUE: usize = 16;

#[derive(Debug, thiserror::Error)]
pub(crate) enum PeerError {
    #[error("the connection cannot be set up: {0}")]
    Setup(#[source] Failure),
    #[error(transparent)]
    Ports(#[from] NoFreePort),
    #[error("the offer cannot be answered: {0}")]
    Offer(#[source] Failure),
    #[error("the offer has no H.264 video that could be sent")]
    NoVideo,
    #[error("the candidate cannot be used: {0}")]
    Candidate(#[source] Failure),
    #[error("the browser names candidates without end")]
    TooManyCandidates,
    #[error("the browser makes offers without end")]
    TooManyOffers,
    #[error("sending failed: {0}")]
    Send(#[source] Failure),
}

/// The library's own error.
pub(crate) type Failure = webrtc::error::Error;

/// How a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerState {
    Connecting,
    Connected,
    /// It failed or was closed.
    Ended,
    /// The browser has opened more than there are.
    TooManyChannels,
}

/// What the browser says on its data channels.
pub(crate) enum PeerMessage {
    ControlOpen(Arc<dyn DataChannel>),
    PointerOpen(Arc<dyn DataChannel>),
    Control(BytesMut),
    Pointer(BytesMut),
}

/// What the browser says on the channel of the clipboard.
pub(crate) enum PeerClipboard {
    Open(ClipboardChannel),
    Message(BytesMut),
    Piece(BytesMut),
}

/// A peer connection that has answered an offer.
pub(crate) struct Peer {
    connection: Arc<dyn PeerConnection>,
    control: Option<Arc<dyn DataChannel>>,
    pointer: Option<Arc<dyn DataChannel>>,
    video: Arc<TrackLocalStaticRTP>,
    audio: Arc<TrackLocalStaticRTP>,
    video_stream: RtpStream,
    /// None if the browser wants no sound.
    audio_stream: Option<RtpStream>,
    offers: Allowance,
    candidates: Allowance,
    payloads: Payloads,
    /// The chain's, too; set once the offer is answered.
    formats: Arc<OnceLock<Formats>>,
}

/// What comes from a peer. Apart from one another, so that a flood of messages hides nothing else.
pub(crate) struct PeerEvents {
    pub(crate) state: watch::Receiver<PeerState>,
    /// Candidates of ours, for the browser.
    pub(crate) candidates: mpsc::Receiver<Candidate>,
    /// A full queue holds the browser back.
    pub(crate) messages: mpsc::Receiver<PeerMessage>,
    /// RTP of the browser's microphone, while it is on.
    pub(crate) microphone: mpsc::Receiver<Vec<u8>>,
    /// The same, and no reason to hold back the others.
    pub(crate) clipboard: mpsc::Receiver<PeerClipboard>,
    /// The browser's decoder has lost its way (PLI or FIR).
    pub(crate) picture_lost: Arc<Notify>,
    /// Frames were left out, because the link does not carry them.
    pub(crate) frames_dropped: Arc<Notify>,
    /// The browser reports packets that never left. Told once.
    pub(crate) nonsense: Arc<Notify>,
    pub(crate) link: watch::Receiver<Link>,
    pub(crate) sent: mpsc::Receiver<SentFrame>,
}

impl Peer {
    /// Answers a browser's offer from addresses and ports of ours.
    pub(crate) async fn answer(
        ice: &IceSettings,
        offer: Secret,
    ) -> Result<(Self, PeerEvents, Secret), PeerError> {
        let (handler, flow_events, events) = channels();
        let formats = flow_events.formats.clone();
        let connection = connect(ice, handler, flow_events).await?;
        let start = Instant::now();
        let mut peer = Self {
            connection,
            control: None,
            pointer: None,
            video: video_track(),
            audio: audio_track(),
            video_stream: RtpStream::new(VIDEO_SSRC, VIDEO_CLOCK_HZ, start),
            audio_stream: None,
            offers: Allowance::new(OFFERS, OFFERS_INTERVAL),
            candidates: Allowance::new(CANDIDATES, CANDIDATES_INTERVAL),
            payloads: Payloads::default(),
            formats,
        };
        match peer.negotiate(offer).await {
            Ok(answer) => Ok((peer, events, answer)),
            // The library's driver goes on, with its sockets, until it is told to stop.
            Err(error) => {
                peer.close().await;
                Err(error)
            }
        }
    }

    async fn negotiate(&mut self, offer: Secret) -> Result<Secret, PeerError> {
        let video: Arc<dyn TrackLocal> = self.video.clone();
        let audio: Arc<dyn TrackLocal> = self.audio.clone();
        let video = self
            .connection
            .add_track(video)
            .await
            .map_err(PeerError::Setup)?;
        let audio = self
            .connection
            .add_track(audio)
            .await
            .map_err(PeerError::Setup)?;
        let answer = self.answer_again(offer).await?;
        let start = Instant::now();
        let stream = RtpStream::new(VIDEO_SSRC, VIDEO_CLOCK_HZ, start);
        self.video_stream = negotiated(stream, &video).await.ok_or(PeerError::NoVideo)?;
        let parameters = video.get_parameters().await.map_err(PeerError::Setup)?;
        let formats = Formats::of(&parameters.rtp_parameters.codecs);
        let formats = self.formats.get_or_init(|| formats);
        formats
            .payload_type(Codec::H264)
            .ok_or(PeerError::NoVideo)?;
        let stream = RtpStream::new(AUDIO_SSRC, AUDIO_CLOCK_HZ, start);
        self.audio_stream = negotiated(stream, &audio).await;
        Ok(answer)
    }

    /// Answers a further offer: renegotiation, or an ICE restart.
    pub(crate) async fn answer_again(&mut self, offer: Secret) -> Result<Secret, PeerError> {
        if !self.offers.spend(Instant::now()) {
            return Err(PeerError::TooManyOffers);
        }
        let offer = RTCSessionDescription::offer(offer.into_exposed()).map_err(PeerError::Offer)?;
        self.connection
            .set_remote_description(offer)
            .await
            .map_err(PeerError::Offer)?;
        let answer = self
            .connection
            .create_answer(None)
            .await
            .map_err(PeerError::Offer)?;
        let sdp = Secret::new(answer.sdp.clone());
        self.connection
            .set_local_description(answer)
            .await
            .map_err(PeerError::Offer)?;
        Ok(sdp)
    }

    /// Takes a candidate of the browser's.
    pub(crate) async fn add_candidate(&mut self, candidate: Candidate) -> Result<(), PeerError> {
        if candidate.candidate.expose().is_empty() {
            return Ok(());
        }
        if !self.candidates.spend(Instant::now()) {
            return Err(PeerError::TooManyCandidates);
        }
        let init = RTCIceCandidateInit {
            candidate: candidate.candidate.into_exposed(),
            sdp_mid: candidate.sdp_mid,
            sdp_mline_index: candidate.sdp_m_line_index,
            username_fragment: candidate.username_fragment.map(Secret::into_exposed),
            url: None,
        };
        self.connection
            .add_ice_candidate(init)
            .await
            .map_err(PeerError::Candidate)
    }

    /// What the browser decodes of what we make.
    pub(crate) fn codecs(&self) -> Codecs {
        let formats = self.formats.get();
        formats.map_or_else(|| [].into_iter().collect(), Formats::codecs)
    }

    pub(crate) fn use_control(&mut self, channel: Arc<dyn DataChannel>) {
        self.control = Some(channel);
    }

    pub(crate) fn use_pointer(&mut self, channel: Arc<dyn DataChannel>) {
        self.pointer = Some(channel);
    }

    /// Sends where others point, if the link takes it now; the next ones follow soon.
    pub(crate) async fn send_pointers(&self, pointers: &Pointers) {
        let Some(channel) = &self.pointer else {
            return;
        };
        let waiting = channel.outstanding_bytes().await.unwrap_or(usize::MAX);
        if waiting > POINTER_BYTES {
            return;
        }
        if let Err(error) = channel.try_send_text(&pointers.encode()).await {
            tracing::debug!(%error, "where others point is left out");
        }
    }

    /// Sends a frame, and tells its time in the stream's packets.
    pub(crate) async fn send_frame(&mut self, frame: &Frame) -> Result<u32, PeerError> {
        let formats = self.formats.get();
        let Some(payload_type) = formats.and_then(|formats| formats.payload_type(frame.codec))
        else {
            // The room changes to a codec that all have; this one was under way.
            return Ok(self.video_stream.timestamp(frame.captured));
        };
        let payloads = self.payloads.of(frame).map_err(PeerError::Send)?;
        let packets = self
            .video_stream
            .frame(payload_type, payloads, frame.captured)
            .map_err(PeerError::Send)?;
        for packet in packets {
            self.video
                .write_rtp(packet)
                .await
                .map_err(PeerError::Send)?;
        }
        Ok(self.video_stream.timestamp(frame.captured))
    }

    pub(crate) async fn send_sound(&mut self, sound: &Sound) -> Result<(), PeerError> {
        let Some(stream) = &mut self.audio_stream else {
            return Ok(());
        };
        let packet = stream
            .opus(sound.data.clone(), sound.captured)
            .map_err(PeerError::Send)?;
        self.audio.write_rtp(packet).await.map_err(PeerError::Send)
    }

    /// Sends on the control channel; before it is open there is nobody to tell.
    pub(crate) async fn send_message(&self, message: &ServerMessage) -> Result<(), PeerError> {
        let Some(channel) = &self.control else {
            return Ok(());
        };
        let text = message.encode();
        if text.len() > ServerMessage::MAX_BYTES {
            tracing::warn!(
                bytes = text.len(),
                "a message is too large for a data channel"
            );
            return Ok(());
        }
        channel.try_send_text(&text).await.map_err(PeerError::Send)
    }

    pub(crate) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::debug!(%error, "closing a connection");
        }
    }
}

async fn negotiated(mut stream: RtpStream, sender: &Arc<dyn RtpSender>) -> Option<RtpStream> {
    let parameters = sender.get_parameters().await.ok()?.rtp_parameters;
    let payload_type = parameters.codecs.first()?.payload_type;
    let playout_delay = parameters
        .header_extensions
        .iter()
        .find(|extension| extension.uri == PLAYOUT_DELAY)
        .and_then(|extension| u8::try_from(extension.id).ok());
    stream.negotiated(payload_type, playout_delay);
    Some(stream)
}

fn channels() -> (Handler, FlowEvents, PeerEvents) {
    let (state, states) = watch::channel(PeerState::Connecting);
    let (candidates, candidate_queue) = mpsc::channel(CANDIDATE_QUEUE);
    let (messages, message_queue) = mpsc::channel(MESSAGE_QUEUE);
    let (microphone, microphone_queue) = mpsc::channel(MICROPHONE_QUEUE);
    let (clipboard, clipboard_queue) = mpsc::channel(CLIPBOARD_QUEUE);
    let (link, links) = watch::channel(first_link());
    let (sent, sent_queue) = mpsc::channel(SENT_QUEUE);
    let flow_events = FlowEvents {
        link,
        sent,
        formats: Arc::default(),
        picture_lost: Arc::default(),
        frames_dropped: Arc::default(),
        nonsense: Arc::default(),
    };
    let events = PeerEvents {
        state: states,
        candidates: candidate_queue,
        messages: message_queue,
        microphone: microphone_queue,
        clipboard: clipboard_queue,
        picture_lost: flow_events.picture_lost.clone(),
        frames_dropped: flow_events.frames_dropped.clone(),
        nonsense: flow_events.nonsense.clone(),
        link: links,
        sent: sent_queue,
    };
    let handler = Handler {
        state,
        candidates,
        messages,
        microphone,
        has_track: AtomicBool::default(),
        clipboard,
        channels: AtomicUsize::default(),
    };
    (handler, flow_events, events)
}
