//! A peer that connects as a browser does, by the same library, and then says what a test wants.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use rtc::{
    interceptor::Registry,
    peer_connection::{
        configuration::interceptor_registry::configure_twcc_receiver_only,
        sdp::RTCSessionDescription, transport::RTCIceCandidateInit,
    },
    rtcp::Packet as RtcpPacket,
    rtp::Packet,
    rtp_transceiver::{
        RTCRtpTransceiverDirection, RTCRtpTransceiverInit, rtp_sender::RtpCodecKind,
    },
};
use streamspace_protocol::{CONTROL_CHANNEL, Candidate, Secret};
use tokio::sync::mpsc;
use webrtc::{
    data_channel::DataChannel,
    media_stream::track_remote::{TrackRemote, TrackRemoteEvent},
    peer_connection::{PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler},
};

use super::super::codecs::media_engine;

const QUEUE: usize = 4096;

pub(super) struct Browser {
    connection: Arc<dyn PeerConnection>,
    pub(super) control: Arc<dyn DataChannel>,
    tracks: mpsc::Receiver<Arc<dyn TrackRemote>>,
    packets: mpsc::Receiver<Packet>,
}

/// What the library calls back.
struct Handler {
    tracks: mpsc::Sender<Arc<dyn TrackRemote>>,
    packets: mpsc::Sender<Packet>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let packets = self.packets.clone();
        // Tests look at some of them only.
        let _ = self.tracks.try_send(track.clone());
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                    let _ = packets.try_send(packet);
                }
            }
        });
    }
}

impl Browser {
    /// A browser and its offer.
    pub(super) async fn offer() -> (Self, Secret) {
        let (track_sender, tracks) = mpsc::channel(QUEUE);
        let (packet_sender, packets) = mpsc::channel(QUEUE);
        let handler = Handler {
            tracks: track_sender,
            packets: packet_sender,
        };
        let mut media = media_engine().expect("our own codecs");
        let reports = configure_twcc_receiver_only(Registry::new(), &mut media);
        let connection = PeerConnectionBuilder::new()
            .with_media_engine(media)
            .with_interceptor_registry(reports.expect("reports of arrivals"))
            .with_handler(Arc::new(handler))
            .with_udp_addrs(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))])
            .build()
            .await
            .expect("a connection");
        let connection: Arc<dyn PeerConnection> = Arc::new(connection);
        for kind in [RtpCodecKind::Video, RtpCodecKind::Audio] {
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Recvonly,
                ..RTCRtpTransceiverInit::default()
            };
            let added = connection.add_transceiver_from_kind(kind, Some(init)).await;
            added.expect("a transceiver");
        }
        let control = connection.create_data_channel(CONTROL_CHANNEL, None).await;
        let offer = connection.create_offer(None).await.expect("an offer");
        let sdp = Secret::new(offer.sdp.clone());
        let described = connection.set_local_description(offer).await;
        described.expect("its own offer");
        let browser = Self {
            connection,
            control: control.expect("a channel"),
            tracks,
            packets,
        };
        (browser, sdp)
    }

    pub(super) async fn accept(&self, answer: Secret) {
        let answer = RTCSessionDescription::answer(answer.into_exposed());
        let answer = answer.expect("a readable answer");
        let accepted = self.connection.set_remote_description(answer).await;
        accepted.expect("an acceptable answer");
    }

    /// Takes the streamer's candidate, but at this port.
    pub(super) async fn add(&self, candidate: Candidate, port: u16) {
        let mut words: Vec<_> = candidate.candidate.expose().split(' ').collect();
        let port = port.to_string();
        words[PORT] = &port;
        let init = RTCIceCandidateInit {
            candidate: words.join(" "),
            sdp_mid: candidate.sdp_mid,
            sdp_mline_index: candidate.sdp_m_line_index,
            ..RTCIceCandidateInit::default()
        };
        let added = self.connection.add_ice_candidate(init).await;
        added.expect("a candidate of the streamer's");
    }

    pub(super) async fn open_channel(&self) {
        let opened = self
            .connection
            .create_data_channel(CONTROL_CHANNEL, None)
            .await;
        opened.expect("a channel");
    }

    /// The next packet of picture or sound.
    pub(super) async fn packet(&mut self) -> Packet {
        self.packets.recv().await.expect("the connection is open")
    }

    /// The first track, which RTCP can be written to.
    pub(super) async fn track(&mut self) -> Arc<dyn TrackRemote> {
        self.tracks.recv().await.expect("the connection is open")
    }

    pub(super) async fn close(self) {
        self.connection.close().await.expect("it was open");
    }
}

/// Which word of a candidate is its port (RFC 8839).
pub(super) const PORT: usize = 5;

/// Says all this to the streamer, sealed as it has to be.
pub(super) async fn report(track: &Arc<dyn TrackRemote>, packets: Vec<Box<dyn RtcpPacket>>) {
    track
        .write_rtcp(packets)
        .await
        .expect("the connection is open");
}
