//! From frames to payloads of RTP packets: H.264 by RFC 6184, VP8 by RFC 7741, VP9 by RFC 9628.

use bytes::{BufMut, Bytes, BytesMut};
use rtc::{
    rtp::{
        codec::{h264::H264Payloader, vp8::Vp8Payloader},
        packetizer::Payloader,
    },
    shared::error::Error,
};
use streamspace_gpu::Codec;

use crate::media::Frame;

/// Small enough for any path without fragmentation, with room for SRTP and extensions.
pub(super) const MAX_PAYLOAD_BYTES: usize = 1170;

/// What one stream's payloads depend on.
#[derive(Debug, Default)]
pub(super) struct Payloads {
    h264: H264Payloader,
    vp8: Vp8Payloader,
    vp9: Vp9Pictures,
}

impl Payloads {
    pub(super) fn of(&mut self, frame: &Frame) -> Result<Vec<Bytes>, Error> {
        match frame.codec {
            Codec::H264 => self.h264.payload(MAX_PAYLOAD_BYTES, &frame.data),
            Codec::Vp8 => self.vp8.payload(MAX_PAYLOAD_BYTES, &frame.data),
            Codec::Vp9 => Ok(self.vp9.payload(frame.keyframe, &frame.data)),
        }
    }
}

/// VP9 in flexible mode, one layer, each picture after the one before it.
///
/// The library's own payloader calls every picture one that refers to no other.
#[derive(Debug, Default)]
struct Vp9Pictures {
    /// 15 bits.
    number: u16,
}

mod vp9 {
    pub(super) const NUMBERED: u8 = 0x80;
    pub(super) const REFERS: u8 = 0x40;
    pub(super) const FLEXIBLE: u8 = 0x10;
    pub(super) const BEGINS: u8 = 0x08;
    pub(super) const ENDS: u8 = 0x04;
    /// To the picture before, and to no other.
    pub(super) const TO_THE_ONE_BEFORE: u8 = 1 << 1;
    pub(super) const LONG_NUMBER: u16 = 0x8000;
    pub(super) const MOST_DESCRIPTOR_BYTES: usize = 4;
}

impl Vp9Pictures {
    fn payload(&mut self, keyframe: bool, data: &Bytes) -> Vec<Bytes> {
        let pieces = data.chunks(MAX_PAYLOAD_BYTES - vp9::MOST_DESCRIPTOR_BYTES);
        let last = pieces.len().saturating_sub(1);
        let payloads = pieces.enumerate().map(|(index, piece)| {
            let mut flags = vp9::NUMBERED | vp9::FLEXIBLE;
            let when = |condition: bool, flag: u8| if condition { flag } else { 0 };
            flags |= when(!keyframe, vp9::REFERS);
            flags |= when(index == 0, vp9::BEGINS) | when(index == last, vp9::ENDS);
            let mut payload = BytesMut::with_capacity(vp9::MOST_DESCRIPTOR_BYTES + piece.len());
            payload.put_u8(flags);
            payload.put_u16(self.number | vp9::LONG_NUMBER);
            if !keyframe {
                payload.put_u8(vp9::TO_THE_ONE_BEFORE);
            }
            payload.put_slice(piece);
            payload.freeze()
        });
        let payloads = payloads.collect();
        self.number = (self.number + 1) & !vp9::LONG_NUMBER;
        payloads
    }
}

/// Whether a payload begins a keyframe: of H.264 a parameter set or a slice of one.
pub(super) fn begins_keyframe(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::H264 => h264_keyframe(payload),
        Codec::Vp8 => vp8_keyframe(payload),
        Codec::Vp9 => payload
            .first()
            .is_some_and(|flags| flags & (vp9::BEGINS | vp9::REFERS) == vp9::BEGINS),
    }
}

fn h264_keyframe(payload: &[u8]) -> bool {
    const KEYFRAME_SLICE: u8 = 5;
    const SEQUENCE_PARAMETERS: u8 = 7;
    const AGGREGATE: u8 = 24;
    const FRAGMENT: u8 = 28;
    let unit_type = |index: usize| payload.get(index).map(|byte| byte & 0x1f);
    let first = match unit_type(0) {
        Some(AGGREGATE) => unit_type(3),
        Some(FRAGMENT) => unit_type(1),
        single => single,
    };
    matches!(first, Some(KEYFRAME_SLICE | SEQUENCE_PARAMETERS))
}

/// As we send it: a descriptor of one byte, then the frame, whose first bit says that it is no keyframe.
fn vp8_keyframe(payload: &[u8]) -> bool {
    const START_OF_FRAME: u8 = 0x10;
    matches!(payload, [START_OF_FRAME, first, ..] if first & 1 == 0)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rtc::rtp::{
        codec::{vp8::Vp8Packet, vp9::Vp9Packet},
        packetizer::Depacketizer,
    };

    use super::*;
    use crate::media::FrameStages;

    fn frame(codec: Codec, keyframe: bool, data: Vec<u8>) -> Frame {
        Frame {
            screen: streamspace_protocol::Screen::First,
            number: 0,
            codec,
            data: data.into(),
            keyframe,
            captured: Instant::now(),
            encoded: Instant::now(),
            stages: FrameStages::default(),
        }
    }

    fn payloads(codec: Codec, keyframe: bool, data: Vec<u8>) -> Vec<Bytes> {
        let payloads = Payloads::default().of(&frame(codec, keyframe, data));
        payloads.expect("a valid frame")
    }

    #[test]
    fn a_keyframe_of_h264_is_known_by_its_first_packet() {
        let parameters = [0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 0, 1, 0x68, 1];
        for (unit, keyframe) in [
            (
                [&parameters[..], &[0, 0, 0, 1, 0x65][..], &[0xab; 3000]].concat(),
                true,
            ),
            ([&[0, 0, 0, 1, 0x65][..], &[0xab; 3000]].concat(), true),
            ([&[0, 0, 0, 1, 0x65][..], &[0xab; 30]].concat(), true),
            ([&[0, 0, 0, 1, 0x61][..], &[0xab; 3000]].concat(), false),
            ([&[0, 0, 0, 1, 0x41][..], &[0xab; 30]].concat(), false),
        ] {
            let payloads = payloads(Codec::H264, keyframe, unit);
            assert_eq!(begins_keyframe(Codec::H264, &payloads[0]), keyframe);
        }
        assert!(!begins_keyframe(Codec::H264, &[24, 0]));
    }

    #[test]
    fn vp8_and_vp9_come_together_again_and_their_keyframes_are_known() {
        for keyframe in [true, false] {
            // The first bit of a frame of VP8 is 0 for a keyframe.
            let mut data: Vec<u8> = (0..5000_u16).map(|byte| byte as u8).collect();
            data[0] = u8::from(!keyframe);
            for codec in [Codec::Vp8, Codec::Vp9] {
                let payloads = payloads(codec, keyframe, data.clone());
                assert!(
                    payloads
                        .iter()
                        .all(|payload| payload.len() <= MAX_PAYLOAD_BYTES)
                );
                assert_eq!(begins_keyframe(codec, &payloads[0]), keyframe, "{codec}");
                assert!(!begins_keyframe(codec, &payloads[1]));
                let pieces = payloads.iter().map(|payload| {
                    // Each packet is read by itself.
                    let mut packet: Box<dyn Depacketizer> = match codec {
                        Codec::Vp8 => Box::<Vp8Packet>::default(),
                        _ => Box::<Vp9Packet>::default(),
                    };
                    packet.depacketize(payload).expect("a valid payload")
                });
                assert_eq!(pieces.collect::<Vec<_>>().concat(), data, "{codec}");
            }
        }
    }

    #[test]
    fn pictures_of_vp9_are_numbered_and_each_refers_to_the_one_before() {
        let mut pictures = Vp9Pictures { number: 0x7fff };
        for (number, keyframe) in [(0x7fff, true), (0, false), (1, false)] {
            let payload = &pictures.payload(keyframe, &Bytes::from_static(b"x"))[0];
            let mut packet = Vp9Packet::default();
            packet.depacketize(payload).expect("a valid payload");
            assert_eq!((packet.picture_id, packet.p), (number, !keyframe));
            assert!(packet.b && packet.e);
            let refers = if keyframe { vec![] } else { vec![1] };
            assert_eq!(packet.pdiff, refers);
        }
    }

    #[test]
    fn no_payload_is_too_short_to_be_looked_at() {
        for codec in Codec::ALL {
            assert!(!begins_keyframe(codec, &[]));
            assert!(!begins_keyframe(codec, &[0x10]) || codec == Codec::Vp9);
        }
    }
}
