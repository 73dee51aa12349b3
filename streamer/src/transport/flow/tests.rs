use proptest::prelude::*;
use rtc::{
    interceptor::RTPHeaderExtension,
    rtcp::{packet::unmarshal, transport_feedbacks::transport_layer_nack::NackPair},
};

use super::*;

const NUMBER_ID: u8 = 5;

fn control() -> (FlowControl, mpsc::Receiver<SentFrame>) {
    let (sent, sent_frames) = mpsc::channel(8);
    let events = FlowEvents {
        link: watch::channel(first_link()).0,
        sent,
        formats: Arc::default(),
        picture_lost: Arc::default(),
        frames_dropped: Arc::default(),
        nonsense: Arc::default(),
    };
    let mut control = FlowControl::new(events);
    control.bind_local_stream(&StreamInfo {
        ssrc: 1,
        ssrc_rtx: Some(2),
        payload_type: 102,
        payload_type_rtx: Some(103),
        mime_type: "video/H264".into(),
        rtp_header_extensions: vec![RTPHeaderExtension {
            uri: TRANSPORT_WIDE_NUMBER.into(),
            id: NUMBER_ID.into(),
        }],
        ..StreamInfo::default()
    });
    (control, sent_frames)
}

fn tagged(packet: AnyPacket, now: Instant) -> TaggedPacket {
    TaggedPacket {
        now,
        transport: TransportContext::default(),
        message: AttributedPacket::new(packet),
    }
}

fn video(sequence_number: u16, ssrc: u32) -> AnyPacket {
    let header = Header {
        version: 2,
        ssrc,
        sequence_number,
        marker: true,
        timestamp: 90_000,
        ..Header::default()
    };
    let payload = Bytes::from_static(&[0x65; 100]);
    AnyPacket::Rtp(Packet { header, payload })
}

/// What leaves within a moment.
fn leaves(control: &mut FlowControl, mut now: Instant) -> Vec<Packet> {
    let mut packets = Vec::new();
    for _ in 0..100 {
        control.handle_timeout(now).expect("it never fails");
        while let Some(message) = control.poll_write() {
            if let AnyPacket::Rtp(packet) = message.message.packet {
                packets.push(packet);
            }
        }
        match control.poll_timeout() {
            Some(next) if packets.is_empty() => now = next.max(now),
            _ => break,
        }
    }
    packets
}

#[test]
fn a_packet_that_is_asked_for_comes_again_on_the_stream_of_repairs() {
    let (mut control, mut sent) = control();
    let now = Instant::now();
    let first = tagged(video(700, 1), now);
    control.handle_write(first).expect("it never fails");
    let first = leaves(&mut control, now).remove(0);
    assert_eq!((first.header.ssrc, first.header.sequence_number), (1, 1));
    assert!(first.header.get_extension(NUMBER_ID).is_some());
    assert_eq!(sent.try_recv().expect("a frame").rtp_timestamp, 90_000);

    let nack = TransportLayerNack {
        sender_ssrc: 0,
        media_ssrc: 1,
        nacks: vec![NackPair::new(1)],
    };
    let later = now + std::time::Duration::from_millis(200);
    let nack = AnyPacket::Rtcp(vec![Box::new(nack)]);
    control
        .handle_read(tagged(nack, later))
        .expect("it never fails");
    let again = leaves(&mut control, later).remove(0);
    assert_eq!((again.header.ssrc, again.header.payload_type), (2, 103));
    assert_eq!(again.payload[..2], 1u16.to_be_bytes());
    assert_eq!(again.payload[2..], first.payload[..]);
}

#[test]
fn what_belongs_to_no_stream_of_ours_does_not_leave() {
    let (mut control, _sent) = control();
    let now = Instant::now();
    control
        .handle_write(tagged(video(1, 9), now))
        .expect("it never fails");
    assert_eq!(leaves(&mut control, now), []);
}

#[test]
fn a_lost_picture_is_told_and_reports_go_on_inwards() {
    let (mut control, _sent) = control();
    let now = Instant::now();
    let lost = PictureLossIndication {
        sender_ssrc: 0,
        media_ssrc: 1,
    };
    let told = control.events.picture_lost.clone();
    let lost = AnyPacket::Rtcp(vec![Box::new(lost)]);
    control
        .handle_read(tagged(lost, now))
        .expect("it never fails");
    assert!(is_notified(&told));
    assert!(control.poll_read().is_some());
}

fn is_notified(notify: &Notify) -> bool {
    let mut waiting = std::pin::pin!(notify.notified());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    waiting.as_mut().poll(&mut context).is_ready()
}

/// A report of a type that means something here, with anything in it, as it comes off the wire.
fn report() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![
        Just((205, 1)),
        Just((205, 15)),
        Just((206, 1)),
        Just((206, 4)),
        Just((206, 15)),
        (192..224_u8, 0..32_u8),
    ];
    let words = prop::collection::vec(any::<[u8; 4]>(), 0..40);
    (kind, words).prop_map(|((packet_type, format), words)| {
        let length = words.len() as u8;
        let header = [0x80 | format, packet_type, 0, length];
        [&header[..], words.as_flattened()].concat()
    })
}

proptest! {
    #[test]
    fn whatever_a_report_says_little_follows_from_it(
        reports in prop::collection::vec(report(), 1..10)
    ) {
        let (mut control, _sent) = control();
        let mut now = Instant::now();
        for (number, report) in (0..).zip(reports) {
            control.handle_write(tagged(video(number, 1), now)).expect("it never fails");
            now += std::time::Duration::from_millis(20);
            if let Ok(packets) = unmarshal(&mut &report[..]) {
                control.handle_read(tagged(AnyPacket::Rtcp(packets), now)).expect("it never fails");
            }
            prop_assert!(control.outbound.len() < 100);
            control.outbound.clear();
            let target_bps = control.events.link.borrow().target_bps;
            prop_assert!((CONFIG.min_bps as f64..=CONFIG.max_bps as f64).contains(&target_bps));
        }
    }
}
