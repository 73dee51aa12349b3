//! Setting up the library's peer connection, and what it calls back.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::BytesMut;
use rtc::{
    ice::mdns::MulticastDnsMode,
    peer_connection::{
        configuration::{RTCConfigurationBuilder, setting_engine::SettingEngine},
        transport::{RTCIceCandidateType, RTCIceServer},
    },
    rtp_transceiver::rtp_sender::RtpCodecKind,
    shared::marshal::Marshal,
};
use streamspace_protocol::{
    CLIPBOARD_CHANNEL, CONTROL_CHANNEL, Candidate, IceServer, IceSettings, POINTER_CHANNEL, Secret,
};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    watch,
};
use webrtc::{
    data_channel::{DataChannel, DataChannelEvent},
    media_stream::track_remote::{TrackRemote, TrackRemoteEvent},
    peer_connection::{
        PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
        RTCPeerConnectionIceEvent, RTCPeerConnectionState, SettingEngineBuilder,
    },
};

use super::{
    clipboard::ClipboardChannel,
    codecs::{media_engine, registry},
    flow::FlowEvents,
    peer::{PeerClipboard, PeerError, PeerMessage, PeerState},
    sockets::Sockets,
};

/// Messages that wait for a browser which does not read; one more ends the viewer.
pub(super) const SEND_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// One each for messages, pointer moves and the clipboard; a browser that opens more means no good.
const MOST_CHANNELS: usize = 3;

/// A connection that has not negotiated anything yet.
pub(super) async fn connect(
    ice: &IceSettings,
    handler: Handler,
    flow_events: FlowEvents,
) -> Result<Arc<dyn PeerConnection>, PeerError> {
    let sockets = Sockets::choose(ice)?;
    let media = media_engine().map_err(PeerError::Setup)?;
    let connection = PeerConnectionBuilder::new()
        .with_setting_engine(settings(ice))
        .with_configuration(
            RTCConfigurationBuilder::new()
                .with_ice_servers(stun_servers(&ice.servers))
                .build(),
        )
        .with_media_engine(media)
        .with_interceptor_registry(registry(flow_events))
        .with_handler(Arc::new(handler))
        .with_data_channel_send_buffer_limit(SEND_BUFFER_BYTES)
        .with_udp_addrs(sockets.udp)
        .with_tcp_addrs(sockets.tcp)
        .build()
        .await
        .map_err(PeerError::Setup)?;
    Ok(Arc::new(connection))
}

fn settings(ice: &IceSettings) -> SettingEngine {
    let settings = SettingEngineBuilder::new()
        // Browsers' .local names are resolved by connectivity checks; the library's own resolver
        // needs a multicast route that a container does not have.
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        .with_ice_timeouts(
            Some(Duration::from_secs(5)),
            Some(Duration::from_secs(10)),
            Some(Duration::from_secs(2)),
        );
    if ice.public_addresses.is_empty() {
        return settings.build();
    }
    let public = ice.public_addresses.iter().map(IpAddr::to_string);
    settings
        .with_nat_1to1_ips(public.collect(), RTCIceCandidateType::Host)
        .build()
}

/// For server-reflexive candidates of ours. Relays are for browsers: one on the way is enough.
fn stun_servers(servers: &[IceServer]) -> Vec<RTCIceServer> {
    let urls = servers.iter().flat_map(|server| &server.urls);
    let urls: Vec<String> = urls
        .filter(|url| url.starts_with("stun:"))
        .cloned()
        .collect();
    if urls.is_empty() {
        return vec![];
    }
    vec![RTCIceServer {
        urls,
        ..RTCIceServer::default()
    }]
}

/// The library's callbacks run on its driver, which must not wait for the viewer task: that one
/// may itself be waiting for the driver.
pub(super) struct Handler {
    pub(super) state: watch::Sender<PeerState>,
    pub(super) candidates: mpsc::Sender<Candidate>,
    pub(super) messages: mpsc::Sender<PeerMessage>,
    pub(super) microphone: mpsc::Sender<Vec<u8>>,
    /// Whether the browser's one track has come.
    pub(super) has_track: AtomicBool,
    pub(super) clipboard: mpsc::Sender<PeerClipboard>,
    /// How many the browser has opened.
    pub(super) channels: AtomicUsize,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        let init = match event.candidate.to_json() {
            Ok(init) => init,
            Err(error) => return tracing::debug!(%error, "a candidate cannot be told"),
        };
        let candidate = Candidate {
            candidate: Secret::new(init.candidate),
            // All media share one transport, that of the first section.
            sdp_mid: None,
            sdp_m_line_index: Some(0),
            username_fragment: None,
        };
        if self.candidates.try_send(candidate).is_err() {
            tracing::debug!("a candidate more than anybody needs is left out");
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        match state {
            RTCPeerConnectionState::Connected => self.state.send_replace(PeerState::Connected),
            RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed => {
                self.state.send_replace(PeerState::Ended)
            }
            _ => return,
        };
    }

    async fn on_data_channel(&self, channel: Arc<dyn DataChannel>) {
        if self.channels.fetch_add(1, Ordering::Relaxed) < MOST_CHANNELS {
            let (messages, clipboard) = (self.messages.clone(), self.clipboard.clone());
            tokio::spawn(read_channel(channel, messages, clipboard));
        } else {
            self.state.send_replace(PeerState::TooManyChannels);
        }
    }

    /// Browsers send their microphone, and nothing else.
    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let is_microphone = track.kind().await == RtpCodecKind::Audio;
        if is_microphone && !self.has_track.swap(true, Ordering::Relaxed) {
            tokio::spawn(read_microphone(track, self.microphone.clone()));
        }
    }
}

/// Passes a microphone's packets on; what nobody takes in time is lost, as on a network.
async fn read_microphone(track: Arc<dyn TrackRemote>, packets: mpsc::Sender<Vec<u8>>) {
    while let Some(event) = track.poll().await {
        let TrackRemoteEvent::OnRtpPacket(packet) = event else {
            continue;
        };
        let Ok(packet) = packet.marshal() else {
            continue;
        };
        if let Err(TrySendError::Closed(_)) = packets.try_send(packet.to_vec()) {
            return;
        }
    }
}

/// Passes a channel's messages on. Waiting for the viewer task here holds back the browser, and
/// nothing else.
async fn read_channel(
    channel: Arc<dyn DataChannel>,
    messages: mpsc::Sender<PeerMessage>,
    clipboard: mpsc::Sender<PeerClipboard>,
) {
    let wrap: fn(BytesMut) -> PeerMessage = match channel.label().await.as_deref() {
        Ok(CONTROL_CHANNEL) => {
            if messages
                .send(PeerMessage::ControlOpen(channel.clone()))
                .await
                .is_err()
            {
                return;
            }
            PeerMessage::Control
        }
        Ok(POINTER_CHANNEL) => {
            let open = PeerMessage::PointerOpen(channel.clone());
            if messages.send(open).await.is_err() {
                return;
            }
            PeerMessage::Pointer
        }
        Ok(CLIPBOARD_CHANNEL) => return read_clipboard(channel, clipboard).await,
        _ => return,
    };
    while let Some(event) = channel.poll().await {
        let told = match event {
            DataChannelEvent::OnMessage(message) => messages.send(wrap(message.data)).await,
            DataChannelEvent::OnClose => return,
            _ => Ok(()),
        };
        if told.is_err() {
            return;
        }
    }
}

/// Apart from the others, so that keys never wait behind a picture here either.
async fn read_clipboard(channel: Arc<dyn DataChannel>, clipboard: mpsc::Sender<PeerClipboard>) {
    let mut told = clipboard
        .send(PeerClipboard::Open(ClipboardChannel::new(channel.clone())))
        .await;
    while told.is_ok() {
        told = match channel.poll().await {
            Some(DataChannelEvent::OnMessage(message)) => {
                let wrap = match message.is_string {
                    true => PeerClipboard::Message,
                    false => PeerClipboard::Piece,
                };
                clipboard.send(wrap(message.data)).await
            }
            Some(DataChannelEvent::OnClose) | None => return,
            Some(_) => Ok(()),
        };
    }
}
