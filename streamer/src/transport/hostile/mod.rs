//! A real second peer that says anything, over a wire that forges: the streamer's side goes on, or ends
//! with one clear reason, and never grows without bound.

mod browser;
mod wire;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use bytes::Bytes;
use rtc::{
    rtcp::{
        Packet as RtcpPacket,
        payload_feedbacks::{
            picture_loss_indication::PictureLossIndication,
            receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate,
        },
        raw_packet::RawPacket,
        transport_feedbacks::{
            transport_layer_cc::{
                PacketStatusChunk, RecvDelta, RunLengthChunk, SymbolTypeTcc, TransportLayerCc,
            },
            transport_layer_nack::{NackPair, TransportLayerNack},
        },
    },
    rtp::Packet,
};
use streamspace_protocol::{Candidate, Code, IceSettings, Secret, ServerMessage};
use tokio::time::timeout;

use self::{
    browser::{Browser, PORT, report},
    wire::{Meddling, Wire},
};
use super::{
    Peer, PeerError, PeerEvents, PeerMessage, PeerState, codecs::VIDEO_SSRC, flow::first_link,
    unreadable,
};
use crate::media::{Frame, FrameStages};

/// For what has to happen; a test that waits so long has failed.
const LIMIT: Duration = Duration::from_secs(30);
/// Requests that each ask for every packet of a picture, and more.
const FLOOD: usize = 500;
/// The range that estimates are kept in, in bits a second.
const ESTIMATES: std::ops::RangeInclusive<f64> = 150e3..=50e6;

/// A streamer's peer and a browser, connected over a wire.
struct Call {
    peer: Peer,
    events: PeerEvents,
    browser: Browser,
    wire: Wire,
    frames: u64,
}

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let done = timeout(LIMIT, future).await;
    done.unwrap_or_else(|_| panic!("{what} took too long"))
}

impl Call {
    async fn connect() -> Self {
        let (browser, offer) = Browser::offer().await;
        let ice = IceSettings::new(vec![Ipv4Addr::LOCALHOST.into()]);
        let (peer, mut events, answer) = Peer::answer(&ice, offer).await.expect("an answer");
        browser.accept(answer).await;
        let (candidate, port) = soon("a candidate", udp_candidate(&mut events)).await;
        let wire = Wire::to(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await;
        browser.add(candidate, wire.port).await;
        let is_connected = |state: &PeerState| *state == PeerState::Connected;
        let connected = soon("connecting", events.state.wait_for(is_connected)).await;
        drop(connected.expect("the peer lives"));
        let mut call = Self {
            peer,
            events,
            browser,
            wire,
            frames: 0,
        };
        let PeerMessage::ControlOpen(channel) = call.message().await else {
            panic!("a message came before its channel");
        };
        call.peer.use_control(channel);
        call
    }

    async fn message(&mut self) -> PeerMessage {
        let message = soon("a message", self.events.messages.recv()).await;
        message.expect("the peer lives")
    }

    /// Sends a keyframe.
    async fn send_frame(&mut self) -> u32 {
        self.frames += 1;
        let unit = [&[0, 0, 0, 1, 0x65][..], &[0xab; 3000]].concat();
        let frame = Frame {
            codec: streamspace_gpu::Codec::H264,
            screen: streamspace_protocol::Screen::First,
            number: self.frames,
            data: unit.into(),
            keyframe: true,
            captured: Instant::now(),
            encoded: Instant::now(),
            stages: FrameStages::default(),
        };
        self.peer
            .send_frame(&frame)
            .await
            .expect("an open connection")
    }

    /// Sends frames until the browser has the whole of one that was sent from now on.
    async fn picture(&mut self) -> Packet {
        let first = self.send_frame().await;
        let arrives = async {
            loop {
                let wait = Duration::from_millis(100);
                match timeout(wait, self.browser.packet()).await {
                    Ok(packet) => {
                        let is_new = packet.header.timestamp.wrapping_sub(first) < u32::MAX / 2;
                        if packet.header.marker && is_new {
                            return packet;
                        }
                    }
                    Err(_) => drop(self.send_frame().await),
                }
            }
        };
        soon("a picture", arrives).await
    }

    /// The browser's words arrive, each once and in order.
    async fn assert_is_heard(&mut self) {
        let words = ["one", "two", "three"];
        for word in words {
            self.browser
                .control
                .send_text(word)
                .await
                .expect("an open channel");
        }
        for word in words {
            let PeerMessage::Control(bytes) = self.message().await else {
                panic!("it is something else");
            };
            assert_eq!(bytes, word.as_bytes());
        }
    }

    async fn close(self) {
        self.browser.close().await;
        self.peer.close().await;
    }
}

async fn udp_candidate(events: &mut PeerEvents) -> (Candidate, u16) {
    loop {
        let candidate = events.candidates.recv().await.expect("the peer lives");
        let words: Vec<_> = candidate.candidate.expose().split(' ').collect();
        let is_udp = words
            .get(2)
            .is_some_and(|word| word.eq_ignore_ascii_case("udp"));
        if let Some(port) = words
            .get(PORT)
            .and_then(|port| port.parse().ok())
            .filter(|_| is_udp)
        {
            return (candidate, port);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_that_are_forged_cut_off_or_replayed_change_nothing() {
    unreadable::watch();
    let before = unreadable::total();
    let mut call = Call::connect().await;
    call.picture().await;
    let track = call.browser.track().await;
    call.wire.meddle(Meddling::Forgery);
    for _ in 0..5 {
        report(
            &track,
            vec![Box::new(nack(0, u16::MAX)), Box::new(picture_lost())],
        )
        .await;
        call.assert_is_heard().await;
        call.picture().await;
    }
    assert_eq!(*call.events.state.borrow(), PeerState::Connected);
    assert!(unreadable::total() > before, "nobody has noticed");
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absurd_reports_neither_stop_the_picture_nor_leave_the_bounds_of_an_estimate() {
    let mut call = Call::connect().await;
    call.picture().await;
    let track = call.browser.track().await;
    for round in 0..20 {
        for packets in absurdities(round) {
            report(&track, packets).await;
        }
        let target_bps = call.events.link.borrow().target_bps;
        assert!(ESTIMATES.contains(&target_bps), "{target_bps}");
        call.picture().await;
    }
    soon(
        "the request for a picture",
        call.events.picture_lost.notified(),
    )
    .await;
    soon("the note of nonsense", call.events.nonsense.notified()).await;
    call.assert_is_heard().await;
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_requests_is_answered_within_the_budget() {
    let mut call = Call::connect().await;
    call.picture().await;
    let track = call.browser.track().await;
    let before = call.wire.carried();
    for _ in 0..FLOOD {
        report(&track, vec![Box::new(nack(0, u16::MAX))]).await;
    }
    call.assert_is_heard().await;
    let answers = call.wire.carried() - before;
    assert!(answers < FLOOD, "{answers}");
    call.picture().await;
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_reports_the_estimate_falls_and_the_picture_goes_on() {
    let mut call = Call::connect().await;
    call.picture().await;
    while call.events.link.borrow().target_bps <= first_link().target_bps {
        call.picture().await;
    }
    let first_bps = call.events.link.borrow().target_bps;
    call.wire.meddle(Meddling::NoReports);
    let falls = async {
        while call.events.link.borrow().target_bps > first_bps / 2.0 {
            call.picture().await;
        }
    };
    soon("the fall of the estimate", falls).await;
    assert!(ESTIMATES.contains(&call.events.link.borrow().target_bps));
    call.picture().await;
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_takes_no_messages_ends_when_so_many_wait() {
    let call = Call::connect().await;
    call.wire.meddle(Meddling::Deafness);
    let message = ServerMessage::Notice {
        code: Code::Internal,
        message: "x".repeat(50_000),
    };
    let most = 2 * super::connection::SEND_BUFFER_BYTES / 50_000;
    let mut error = None;
    for _ in 0..most {
        if let Err(full) = soon("a decision", call.peer.send_message(&message)).await {
            error = Some(full);
            break;
        }
    }
    assert!(matches!(error, Some(PeerError::Send(_))), "{error:?}");
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_opens_channels_on_and_on_ends() {
    let mut call = Call::connect().await;
    for _ in 0..4 {
        call.browser.open_channel().await;
    }
    let is_over = |state: &PeerState| *state == PeerState::TooManyChannels;
    let over = soon("the end", call.events.state.wait_for(is_over)).await;
    drop(over.expect("the peer lives"));
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candidates_beyond_the_bound_are_not_tried() {
    let mut call = Call::connect().await;
    let candidate = |port| Candidate {
        candidate: Secret::new(format!("candidate:1 1 udp 1 127.0.0.1 {port} typ host")),
        sdp_mid: None,
        sdp_m_line_index: Some(0),
        username_fragment: None,
    };
    let mut refused = 0;
    for port in 1..=1000 {
        let added = call.peer.add_candidate(candidate(port)).await;
        refused += usize::from(matches!(added, Err(PeerError::TooManyCandidates)));
    }
    assert!((800..1000).contains(&refused), "{refused}");
    call.picture().await;
    call.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offers_beyond_the_bound_are_not_answered() {
    let mut call = Call::connect().await;
    let mut refused = 0;
    for _ in 0..100 {
        let answered = call
            .peer
            .answer_again(Secret::new(String::from("v=0")))
            .await;
        refused += usize::from(matches!(answered, Err(PeerError::TooManyOffers)));
    }
    assert!((60..100).contains(&refused), "{refused}");
    call.picture().await;
    call.close().await;
}

fn nack(first: u16, lost: u16) -> TransportLayerNack {
    // Each pair asks for 17 packets.
    let pairs = (0..=lost / 17).map(|pair| NackPair {
        packet_id: first.wrapping_add(pair * 17),
        lost_packets: u16::MAX,
    });
    TransportLayerNack {
        sender_ssrc: 7,
        media_ssrc: VIDEO_SSRC,
        // As many as a datagram holds.
        nacks: pairs.take(250).collect(),
    }
}

fn picture_lost() -> PictureLossIndication {
    PictureLossIndication {
        sender_ssrc: 7,
        media_ssrc: VIDEO_SSRC,
    }
}

/// Packets that have arrived long before or after they can have, all of them or ones that never left.
fn arrivals(first: u16, reference_time: u32, delta: i64) -> TransportLayerCc {
    const COUNT: u16 = 200;
    let symbol = SymbolTypeTcc::PacketReceivedLargeDelta;
    TransportLayerCc {
        sender_ssrc: 7,
        media_ssrc: VIDEO_SSRC,
        base_sequence_number: first,
        packet_status_count: COUNT,
        reference_time,
        packet_chunks: vec![PacketStatusChunk::RunLengthChunk(RunLengthChunk {
            packet_status_symbol: symbol,
            run_length: COUNT,
            ..RunLengthChunk::default()
        })],
        recv_deltas: vec![
            RecvDelta {
                type_tcc_packet: symbol,
                delta,
            };
            usize::from(COUNT)
        ],
        ..TransportLayerCc::default()
    }
}

fn bandwidth(bitrate: f32) -> ReceiverEstimatedMaximumBitrate {
    ReceiverEstimatedMaximumBitrate {
        sender_ssrc: 7,
        bitrate,
        ssrcs: vec![VIDEO_SSRC, 0, u32::MAX],
    }
}

/// Reports that no browser makes; each inner list is one datagram.
fn absurdities(round: u16) -> Vec<Vec<Box<dyn RtcpPacket>>> {
    const LATEST: u32 = (1 << 24) - 1;
    let raw = |bytes: &'static [u8]| -> Box<dyn RtcpPacket> {
        Box::new(RawPacket(Bytes::from_static(bytes)))
    };
    vec![
        vec![Box::new(arrivals(0, LATEST, 8_191_750))],
        vec![Box::new(arrivals(0, 0, -8_192_000))],
        vec![Box::new(arrivals(round * 3000, LATEST / 2, 0))],
        vec![Box::new(arrivals(u16::MAX - 3, 1, 250))],
        vec![Box::new(bandwidth(0.0)), Box::new(bandwidth(f32::MAX))],
        vec![Box::new(nack(round.wrapping_mul(9973), u16::MAX))],
        vec![Box::new(picture_lost()), Box::new(picture_lost())],
        // Transport-wide feedback that ends before its runs do, and one of a type that nobody knows.
        vec![raw(&[
            0x8f, 205, 0, 4, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0, 0, 1, 0,
        ])],
        vec![raw(&[0x80, 223, 0, 1, 1, 2, 3, 4])],
    ]
}
