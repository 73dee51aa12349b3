//! The codecs that were negotiated with a browser, by their payload types.
//!
//! Each packet names its codec by its payload type (RFC 3550), so that a stream may go on in another codec
//! without negotiating again.

use rtc::{
    peer_connection::configuration::media_engine::{
        MIME_TYPE_H264, MIME_TYPE_RTX, MIME_TYPE_VP8, MIME_TYPE_VP9,
    },
    rtp_transceiver::rtp_sender::RTCRtpCodecParameters,
};
use streamspace_gpu::{Codec, Codecs};

#[derive(Debug, Clone, Default)]
pub(super) struct Formats(Vec<Format>);

#[derive(Debug, Clone, Copy)]
struct Format {
    codec: Codec,
    payload_type: u8,
    /// Of retransmissions (RFC 4588).
    repair: Option<u8>,
}

impl Formats {
    /// Of what was negotiated; the first of each codec counts.
    pub(super) fn of(negotiated: &[RTCRtpCodecParameters]) -> Self {
        let formats = Codec::ALL.into_iter().filter_map(|codec| {
            let found = negotiated
                .iter()
                .find(|found| is(found, mime_type(codec)))?;
            Some(Format {
                codec,
                payload_type: found.payload_type,
                repair: repair(negotiated, found.payload_type),
            })
        });
        Self(formats.collect())
    }

    pub(super) fn payload_type(&self, codec: Codec) -> Option<u8> {
        let found = self.0.iter().find(|format| format.codec == codec);
        found.map(|format| format.payload_type)
    }

    /// H.264 for a payload type of nothing that was negotiated.
    pub(super) fn codec(&self, payload_type: u8) -> Codec {
        let found = self.by_type(payload_type);
        found.map_or(Codec::H264, |format| format.codec)
    }

    pub(super) fn repair(&self, payload_type: u8) -> Option<u8> {
        self.by_type(payload_type)?.repair
    }

    pub(super) fn codecs(&self) -> Codecs {
        self.0.iter().map(|format| format.codec).collect()
    }

    fn by_type(&self, payload_type: u8) -> Option<&Format> {
        self.0
            .iter()
            .find(|format| format.payload_type == payload_type)
    }
}

pub(super) fn mime_type(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => MIME_TYPE_H264,
        Codec::Vp8 => MIME_TYPE_VP8,
        Codec::Vp9 => MIME_TYPE_VP9,
    }
}

fn is(parameters: &RTCRtpCodecParameters, mime_type: &str) -> bool {
    parameters
        .rtp_codec
        .mime_type
        .eq_ignore_ascii_case(mime_type)
}

/// The payload type whose packets repeat those of this one.
fn repair(negotiated: &[RTCRtpCodecParameters], payload_type: u8) -> Option<u8> {
    let wanted = format!("apt={payload_type}");
    let repeats = |found: &&RTCRtpCodecParameters| {
        let parameters = found.rtp_codec.sdp_fmtp_line.split(';');
        is(found, MIME_TYPE_RTX) && parameters.map(str::trim).any(|one| one == wanted)
    };
    negotiated
        .iter()
        .find(repeats)
        .map(|found| found.payload_type)
}

#[cfg(test)]
mod tests {
    use rtc::rtp_transceiver::rtp_sender::RTCRtpCodec;

    use super::*;

    fn parameters(mime_type: &str, payload_type: u8, fmtp: &str) -> RTCRtpCodecParameters {
        RTCRtpCodecParameters {
            rtp_codec: RTCRtpCodec {
                mime_type: mime_type.into(),
                sdp_fmtp_line: fmtp.into(),
                ..RTCRtpCodec::default()
            },
            payload_type,
        }
    }

    #[test]
    fn codecs_are_known_by_the_browsers_own_payload_types() {
        let formats = Formats::of(&[
            parameters("video/h264", 39, "packetization-mode=1"),
            parameters("video/rtx", 40, "apt=39"),
            parameters("video/H264", 41, ""),
            parameters("video/VP8", 96, ""),
            parameters("video/rtx", 97, "apt=96;rtx-time=3000"),
        ]);
        assert_eq!(formats.payload_type(Codec::H264), Some(39));
        assert_eq!(formats.payload_type(Codec::Vp8), Some(96));
        assert_eq!(formats.payload_type(Codec::Vp9), None);
        assert_eq!(
            (formats.codec(96), formats.codec(7)),
            (Codec::Vp8, Codec::H264)
        );
        assert_eq!(
            (formats.repair(39), formats.repair(96)),
            (Some(40), Some(97))
        );
        assert_eq!(formats.repair(97), None);
        assert!(formats.codecs().contains(Codec::Vp8) && !formats.codecs().contains(Codec::Vp9));
    }
}
