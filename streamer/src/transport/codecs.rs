//! What we can send, as it is negotiated.

use std::sync::Arc;

use rtc::{
    interceptor::{Registry, Slot},
    media_stream::MediaStreamTrack,
    peer_connection::configuration::{
        interceptor_registry::configure_rtcp_reports,
        media_engine::{MIME_TYPE_OPUS, MIME_TYPE_RTX, MediaEngine},
    },
    rtp_transceiver::rtp_sender::{
        RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters,
        RTCRtpEncodingParameters, RTCRtpHeaderExtensionCapability, RTCRtpRtxParameters,
        RtpCodecKind,
    },
};
use streamspace_gpu::Codec;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use super::{
    flow::{FlowControl, FlowEvents, TRANSPORT_WIDE_NUMBER},
    formats::mime_type,
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
    // Browsers' own payload types take the place of these.
    for (codec, payload_type) in [(Codec::H264, 102), (Codec::Vp8, 104), (Codec::Vp9, 106)] {
        register(&mut media, video(codec), payload_type, RtpCodecKind::Video)?;
        let repair = repair(payload_type);
        register(&mut media, repair, payload_type + 1, RtpCodecKind::Video)?;
    }
    register(&mut media, opus(), 111, RtpCodecKind::Audio)?;
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

fn register(
    media: &mut MediaEngine,
    rtp_codec: RTCRtpCodec,
    payload_type: u8,
    kind: RtpCodecKind,
) -> Result<(), Failure> {
    let parameters = RTCRtpCodecParameters {
        rtp_codec,
        payload_type,
    };
    media.register_codec(parameters, kind)?;
    Ok(())
}

fn video(codec: Codec) -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: mime_type(codec).into(),
        clock_rate: VIDEO_CLOCK_HZ,
        channels: 0,
        sdp_fmtp_line: match codec {
            // Constrained baseline, level 3.1 as every browser names it; levels are not enforced by
            // decoders.
            Codec::H264 => "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
            Codec::Vp8 => "",
            Codec::Vp9 => "profile-id=0",
        }
        .into(),
        rtcp_feedback: vec![],
    }
}

/// Retransmissions of the codec with this payload type.
fn repair(payload_type: u8) -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_RTX.into(),
        clock_rate: VIDEO_CLOCK_HZ,
        channels: 0,
        sdp_fmtp_line: format!("apt={payload_type}"),
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
        video(Codec::H264),
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
