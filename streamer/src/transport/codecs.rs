//! What we can send, as it is negotiated.

use std::sync::Arc;

use rtc::{
    interceptor::{Registry, Slot},
    media_stream::MediaStreamTrack,
    peer_connection::configuration::{
        interceptor_registry::configure_rtcp_reports,
        media_engine::{MIME_TYPE_H264, MIME_TYPE_OPUS, MIME_TYPE_RTX, MediaEngine},
    },
    rtp_transceiver::rtp_sender::{
        RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters,
        RTCRtpEncodingParameters, RTCRtpHeaderExtensionCapability, RTCRtpRtxParameters,
        RtpCodecKind,
    },
};
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use super::{
    flow::{FlowControl, FlowEvents, TRANSPORT_WIDE_NUMBER},
    peer::Failure,
    rtp::PLAYOUT_DELAY,
};

/// SSRCs need to differ only within their connection.
pub(super) const VIDEO_SSRC: u32 = 1;
const REPAIR_SSRC: u32 = 2;
pub(super) const AUDIO_SSRC: u32 = 3;
pub(super) const VIDEO_CLOCK_HZ: u32 = 90_000;
pub(super) const AUDIO_CLOCK_HZ: u32 = 48_000;

pub(super) fn media_engine() -> Result<MediaEngine, Failure> {
    let mut media = MediaEngine::default();
    let repair = RTCRtpCodec {
        mime_type: MIME_TYPE_RTX.into(),
        clock_rate: VIDEO_CLOCK_HZ,
        channels: 0,
        sdp_fmtp_line: "apt=102".into(),
        rtcp_feedback: vec![],
    };
    for (rtp_codec, payload_type, kind) in [
        (h264(), 102, RtpCodecKind::Video),
        (repair, 103, RtpCodecKind::Video),
        (opus(), 111, RtpCodecKind::Audio),
    ] {
        media.register_codec(
            RTCRtpCodecParameters {
                rtp_codec,
                payload_type,
            },
            kind,
        )?;
    }
    let feedback = |typ: &str, parameter: &str| RTCPFeedback {
        typ: typ.into(),
        parameter: parameter.into(),
    };
    for (typ, parameter) in [("nack", ""), ("nack", "pli"), ("ccm", "fir")] {
        media.register_feedback(feedback(typ, parameter), RtpCodecKind::Video);
    }
    let extension = |uri: &str| RTCRtpHeaderExtensionCapability { uri: uri.into() };
    for kind in [RtpCodecKind::Video, RtpCodecKind::Audio] {
        media.register_feedback(feedback("transport-cc", ""), kind);
        media.register_header_extension(extension(TRANSPORT_WIDE_NUMBER), kind, None)?;
    }
    media.register_header_extension(extension(PLAYOUT_DELAY), RtpCodecKind::Video, None)?;
    Ok(media)
}

/// Reports by the library; everything else that decides about packets is our own.
pub(super) fn registry(events: FlowEvents) -> Registry {
    configure_rtcp_reports(Registry::new()).with(Slot::CongestionControl, FlowControl::new(events))
}

/// Constrained baseline, level 3.1 as every browser names it; levels are not enforced by decoders.
fn h264() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_H264.into(),
        clock_rate: VIDEO_CLOCK_HZ,
        channels: 0,
        sdp_fmtp_line: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
            .into(),
        rtcp_feedback: vec![],
    }
}

fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.into(),
        clock_rate: AUDIO_CLOCK_HZ,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1;stereo=1".into(),
        rtcp_feedback: vec![],
    }
}

pub(super) fn video_track() -> Arc<TrackLocalStaticRTP> {
    track(
        "video",
        RtpCodecKind::Video,
        VIDEO_SSRC,
        Some(REPAIR_SSRC),
        h264(),
    )
}

pub(super) fn audio_track() -> Arc<TrackLocalStaticRTP> {
    track("audio", RtpCodecKind::Audio, AUDIO_SSRC, None, opus())
}

fn track(
    id: &str,
    kind: RtpCodecKind,
    ssrc: u32,
    repair: Option<u32>,
    codec: RTCRtpCodec,
) -> Arc<TrackLocalStaticRTP> {
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            rtx: repair.map(|ssrc| RTCRtpRtxParameters { ssrc }),
            ..Default::default()
        },
        codec,
        ..Default::default()
    };
    // Tracks of one stream are kept in step by the browser, which delays the picture for the sound.
    let track = MediaStreamTrack::new(id.into(), id.into(), id.into(), kind, vec![encoding]);
    Arc::new(TrackLocalStaticRTP::new(track))
}
