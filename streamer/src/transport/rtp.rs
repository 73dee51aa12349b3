//! From payloads to RTP packets (RFC 3550); Opus by RFC 7587.

use std::time::Instant;

use bytes::Bytes;
use rtc::{
    rtp::{Packet, header::Header},
    shared::error::Error,
};

/// Minimum and maximum playout delay, 12 bits each in units of 10 ms.
pub(super) const PLAYOUT_DELAY: &str = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
/// Show each frame at once.
const NO_PLAYOUT_DELAY: &[u8] = &[0, 0, 0];

/// One RTP stream to one viewer.
#[derive(Debug)]
pub(super) struct RtpStream {
    pub(super) ssrc: u32,
    clock_hz: u32,
    start: Instant,
    payload_type: u8,
    sequence_number: u16,
    playout_delay_id: Option<u8>,
}

impl RtpStream {
    pub(super) fn new(ssrc: u32, clock_hz: u32, start: Instant) -> Self {
        Self {
            ssrc,
            clock_hz,
            start,
            payload_type: 0,
            // Any start is allowed, and SRTP hides it. A low one keeps the first wrap, at which a
            // receiver that lost packets may misjudge the roll-over counter, far away.
            sequence_number: 1,
            playout_delay_id: None,
        }
    }

    /// Takes what was negotiated.
    pub(super) fn negotiated(&mut self, payload_type: u8, playout_delay_id: Option<u8>) {
        self.payload_type = payload_type;
        self.playout_delay_id = playout_delay_id;
    }

    /// The packets of one frame, whose codec has this payload type.
    pub(super) fn frame(
        &mut self,
        payload_type: u8,
        payloads: Vec<Bytes>,
        captured: Instant,
    ) -> Result<Vec<Packet>, Error> {
        self.payload_type = payload_type;
        let last = payloads.len().saturating_sub(1);
        payloads
            .into_iter()
            .enumerate()
            .map(|(index, payload)| self.packet(payload, captured, index == last))
            .collect()
    }

    /// The packet of one Opus frame.
    pub(super) fn opus(&mut self, data: Bytes, captured: Instant) -> Result<Packet, Error> {
        self.packet(data, captured, false)
    }

    /// What the time of this capture is in the stream's packets.
    pub(super) fn timestamp(&self, captured: Instant) -> u32 {
        let elapsed = captured.saturating_duration_since(self.start);
        let ticks = elapsed.as_nanos() * u128::from(self.clock_hz) / 1_000_000_000;
        // RTP timestamps wrap.
        ticks as u32
    }

    fn packet(&mut self, payload: Bytes, captured: Instant, marker: bool) -> Result<Packet, Error> {
        let mut header = Header {
            version: 2,
            marker,
            payload_type: self.payload_type,
            sequence_number: self.sequence_number,
            timestamp: self.timestamp(captured),
            ssrc: self.ssrc,
            ..Header::default()
        };
        if let Some(id) = self.playout_delay_id {
            header.set_extension(id, Bytes::from_static(NO_PLAYOUT_DELAY))?;
        }
        self.sequence_number = self.sequence_number.wrapping_add(1);
        Ok(Packet { header, payload })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_frame_becomes_packets_of_one_time_with_the_last_one_marked() {
        let start = Instant::now();
        let mut stream = RtpStream::new(7, 90_000, start);
        stream.negotiated(102, Some(5));
        let payloads = vec![Bytes::from_static(b"x"); 5];
        let captured = start + Duration::from_secs(2);
        let packets = stream.frame(96, payloads, captured).expect("packets");
        assert_eq!(packets.len(), 5);
        for (index, packet) in packets.iter().enumerate() {
            let header = &packet.header;
            assert_eq!((header.timestamp, header.payload_type), (180_000, 96));
            assert_eq!(header.sequence_number, 1 + index as u16);
            assert_eq!(header.marker, index + 1 == packets.len());
            assert!(header.get_extension(5).is_some());
        }
    }

    #[test]
    fn sequence_numbers_and_times_wrap() {
        let start = Instant::now();
        let mut stream = RtpStream::new(0, 48_000, start);
        stream.sequence_number = u16::MAX;
        let day = start + Duration::from_secs(100_000);
        let first = stream
            .opus(Bytes::from_static(b"x"), day)
            .expect("a packet");
        let second = stream
            .opus(Bytes::from_static(b"x"), day)
            .expect("a packet");
        assert_eq!(
            (first.header.sequence_number, second.header.sequence_number),
            (u16::MAX, 0)
        );
        assert_eq!(
            first.header.timestamp,
            (4_800_000_000u64 % (1 << 32)) as u32
        );
    }
}
