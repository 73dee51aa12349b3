//! The core's flow as a part of the library's packet chain: what leaves when, what is sent again.

use std::{
    any::Any,
    collections::{HashMap, VecDeque},
    sync::{Arc, OnceLock},
    time::Instant,
};

use bytes::{Bytes, BytesMut};
use rtc::{
    interceptor::{AttributedPacket, Interceptor, Packet as AnyPacket, StreamInfo, TaggedPacket},
    rtcp::{
        Packet as RtcpPacket,
        payload_feedbacks::{
            full_intra_request::FullIntraRequest, picture_loss_indication::PictureLossIndication,
        },
        transport_feedbacks::{
            transport_layer_cc::TransportLayerCc, transport_layer_nack::TransportLayerNack,
        },
    },
    rtp::{Packet, header::Header},
    sansio::Protocol,
    shared::{TransportContext, error::Error, marshal::MarshalSize},
};
use streamspace_gpu::Codec;
use streamspace_streamer_core::{
    Link,
    network::{Content, Flow, FlowConfig, FlowState, Outgoing, Purpose, Transmission},
};
use tokio::sync::{Notify, mpsc, watch};

use super::{formats::Formats, numbers::Numbers, payloads::begins_keyframe, reports::reports};

/// Transport-wide sequence numbers, draft-holmer-rmcat-transport-wide-cc-extensions-01.
pub(super) const TRANSPORT_WIDE_NUMBER: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// What a link is taken to carry before it has shown anything, and the range of estimates.
const CONFIG: FlowConfig = FlowConfig {
    start_bps: 8_000_000,
    min_bps: 150_000,
    max_bps: 50_000_000,
};

/// IP, UDP, SRTP's tag: what a packet is on the wire beyond RTP, in bytes.
const OVERHEAD_BYTES: usize = 20 + 8 + 10;
/// More video than this waiting means that the link does not keep up.
const CONGESTED: std::time::Duration = std::time::Duration::from_millis(50);
/// Smaller changes of the estimate are not told.
const TOLD_CHANGE: f64 = 0.02;

/// When a frame passed through here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SentFrame {
    pub(crate) rtp_timestamp: u32,
    /// When its last packet left.
    pub(crate) left: Instant,
}

/// Where the chain tells of the link, and what it has to know of what was negotiated.
#[derive(Debug, Clone)]
pub(super) struct FlowEvents {
    pub(super) link: watch::Sender<Link>,
    /// A full queue loses the newest: they are only measured.
    pub(super) sent: mpsc::Sender<SentFrame>,
    /// Set before anything is sent.
    pub(super) formats: Arc<OnceLock<Formats>>,
    /// The browser's decoder has lost its way (PLI or FIR).
    pub(super) picture_lost: Arc<Notify>,
    /// Frames were left out, because the link does not carry them.
    pub(super) frames_dropped: Arc<Notify>,
    /// The browser reports packets that never left. Told once.
    pub(super) nonsense: Arc<Notify>,
}

/// What a link is taken to be before anything is known.
pub(super) fn first_link() -> Link {
    Link {
        target_bps: CONFIG.start_bps as f64,
        congested: false,
    }
}

/// Of a stream that we send.
#[derive(Debug, Clone, Copy)]
struct Stream {
    is_video: bool,
    number_id: Option<u8>,
    /// SSRC and payload type of retransmissions.
    repair: Option<(u32, u8)>,
}

/// Next to the wire: nothing but what is sent here reaches it.
pub(super) struct FlowControl {
    flow: Flow<Packet>,
    streams: HashMap<u32, Stream>,
    frames: FrameCount,
    /// Of the video.
    numbers: Numbers,
    repair_number: u16,
    events: FlowEvents,
    nonsense_is_told: bool,
    inbound: VecDeque<TaggedPacket>,
    outbound: VecDeque<TaggedPacket>,
}

impl FlowControl {
    pub(super) fn new(events: FlowEvents) -> Self {
        Self {
            flow: Flow::new(CONFIG),
            streams: HashMap::new(),
            frames: FrameCount::default(),
            numbers: Numbers::default(),
            repair_number: 1,
            events,
            nonsense_is_told: false,
            inbound: VecDeque::new(),
            outbound: VecDeque::new(),
        }
    }

    fn send(&mut self, packet: Packet, stream: Stream, now: Instant) {
        let content = if stream.is_video {
            let codec = self.codec(packet.header.payload_type);
            self.frames.content(&packet, codec)
        } else {
            Content::Audio
        };
        let outgoing = Outgoing {
            content,
            sequence_number: packet.header.sequence_number,
            bytes: packet.marshal_size() + OVERHEAD_BYTES,
            packet,
        };
        self.flow.send(outgoing, now);
    }

    /// Lets out what may leave, and tells what has changed.
    fn advance(&mut self, now: Instant) {
        while let Some(transmission) = self.flow.poll(now) {
            if let Some(packet) = self.wrap(transmission, now) {
                self.outbound.push_back(TaggedPacket {
                    now,
                    transport: TransportContext::default(),
                    message: AttributedPacket::new(AnyPacket::Rtp(packet)),
                });
            }
        }
        if self.flow.take_dropped() {
            self.events.frames_dropped.notify_one();
        }
        if self.flow.take_nonsense() && !self.nonsense_is_told {
            self.nonsense_is_told = true;
            self.events.nonsense.notify_one();
        }
        self.tell(self.flow.state(now));
    }

    /// The packet as it goes on the wire.
    fn wrap(&mut self, transmission: Transmission<Packet>, now: Instant) -> Option<Packet> {
        let Transmission {
            number,
            purpose,
            mut packet,
        } = transmission;
        let stream = *self.streams.get(&packet.header.ssrc)?;
        match purpose {
            Purpose::First if stream.is_video => self.leave(&mut packet, now),
            Purpose::First => {}
            Purpose::Repair | Purpose::Probe => {
                packet = self.retransmission(&packet, stream.repair?)?;
            }
        }
        if let Some(id) = stream.number_id {
            let number = Bytes::copy_from_slice(&number.to_be_bytes());
            packet.header.set_extension(id, number).ok()?;
        }
        Some(packet)
    }

    fn codec(&self, payload_type: u8) -> Codec {
        let formats = self.events.formats.get();
        formats.map_or(Codec::H264, |formats| formats.codec(payload_type))
    }

    /// Video leaves for the first time.
    fn leave(&mut self, packet: &mut Packet, now: Instant) {
        packet.header.sequence_number = self.numbers.leave(packet.header.sequence_number);
        if packet.header.marker {
            let sent = SentFrame {
                rtp_timestamp: packet.header.timestamp,
                left: now,
            };
            // A viewer task that is behind loses figures, not pictures.
            let _ = self.events.sent.try_send(sent);
        }
    }

    /// RFC 4588: a stream of its own, whose payload begins with the original's number.
    fn retransmission(
        &mut self,
        original: &Packet,
        (ssrc, of_first_codec): (u32, u8),
    ) -> Option<Packet> {
        let payload_type = match self.events.formats.get() {
            Some(formats) => formats.repair(original.header.payload_type)?,
            None => of_first_codec,
        };
        let original_number = self.numbers.sent(original.header.sequence_number)?;
        let sequence_number = self.repair_number;
        self.repair_number = self.repair_number.wrapping_add(1);
        let mut payload = BytesMut::with_capacity(2 + original.payload.len());
        payload.extend_from_slice(&original_number.to_be_bytes());
        payload.extend_from_slice(&original.payload);
        Some(Packet {
            header: Header {
                version: 2,
                ssrc,
                payload_type,
                sequence_number,
                timestamp: original.header.timestamp,
                marker: original.header.marker,
                ..Header::default()
            },
            payload: payload.freeze(),
        })
    }

    fn tell(&self, state: FlowState) {
        let link = Link {
            target_bps: state.target_bps as f64,
            congested: state.queue > CONGESTED,
        };
        self.events.link.send_if_modified(|known| {
            let change = (link.target_bps - known.target_bps).abs();
            let changed =
                change > known.target_bps * TOLD_CHANGE || link.congested != known.congested;
            if changed {
                tracing::debug!(?state, "the link is told");
                *known = link;
            }
            changed
        });
    }

    fn control(&mut self, packet: &dyn RtcpPacket, now: Instant) {
        let packet = packet.as_any();
        if let Some(feedback) = packet.downcast_ref::<TransportLayerCc>() {
            self.flow.feedback(reports(feedback), now);
        } else if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
            let is_video = |stream: &Stream| stream.is_video;
            if self.streams.get(&nack.media_ssrc).is_some_and(is_video) {
                let lost = nack.nacks.iter().flat_map(|pair| *pair);
                let numbers = &self.numbers;
                self.flow
                    .nack(lost.filter_map(|sent| numbers.queued(sent)), now);
            }
        } else if is_picture_lost(packet) && !self.flow.is_at_rest(now) {
            self.events.picture_lost.notify_one();
        }
    }
}

fn is_picture_lost(packet: &dyn Any) -> bool {
    packet.is::<PictureLossIndication>() || packet.is::<FullIntraRequest>()
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for FlowControl {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        if let AnyPacket::Rtcp(packets) = &message.message.packet {
            for packet in packets {
                self.control(packet.as_ref(), message.now);
            }
            self.advance(message.now);
        }
        self.inbound.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.inbound.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        let now = message.now;
        let AnyPacket::Rtp(packet) = message.message.packet else {
            self.outbound.push_back(message);
            return Ok(());
        };
        if let Some(&stream) = self.streams.get(&packet.header.ssrc) {
            self.send(packet, stream, now);
            self.advance(now);
        }
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.outbound.pop_front()
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.advance(now);
        Ok(())
    }

    fn poll_timeout(&mut self) -> Option<Instant> {
        self.flow.poll_timeout()
    }
}

impl Interceptor for FlowControl {
    fn bind_local_stream(&mut self, info: &StreamInfo) {
        let number = info
            .rtp_header_extensions
            .iter()
            .find(|extension| extension.uri == TRANSPORT_WIDE_NUMBER);
        let stream = Stream {
            is_video: info.mime_type.starts_with("video/"),
            number_id: number.and_then(|extension| u8::try_from(extension.id).ok()),
            repair: info.ssrc_rtx.zip(info.payload_type_rtx),
        };
        self.streams.insert(info.ssrc, stream);
    }

    fn unbind_local_stream(&mut self, info: &StreamInfo) {
        self.streams.remove(&info.ssrc);
    }

    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}

/// Numbers frames by their RTP timestamps.
#[derive(Debug, Default)]
struct FrameCount {
    timestamp: Option<u32>,
    number: u64,
    keyframe: bool,
}

impl FrameCount {
    fn content(&mut self, packet: &Packet, codec: Codec) -> Content {
        if self.timestamp != Some(packet.header.timestamp) {
            self.timestamp = Some(packet.header.timestamp);
            self.number += 1;
            self.keyframe = begins_keyframe(codec, &packet.payload);
        }
        Content::Video {
            frame: self.number,
            keyframe: self.keyframe,
            last: packet.header.marker,
        }
    }
}

#[cfg(test)]
mod tests;
