//! Whatever a client says, nothing panics and nothing goes where it may not.

use proptest::{collection::vec, prelude::*};
use turn_types::{
    attribute::{ChannelNumber, Lifetime, RequestedTransport, XorPeerAddress},
    message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH},
    stun::{
        attribute::{AttributeType, RawAttribute},
        message::Method,
        prelude::AttributeWrite,
    },
};

use super::caller::{Caller, STREAMER, Server, address};
use crate::turn::{Effect, FRAME_HEAD_BYTES, Grant, Moment, Opened, TurnLimits};

fn allocated(server: &Server) -> (Caller, Grant) {
    let grant = server.grant("desk.1", STREAMER);
    let mut caller = server.caller("192.0.2.1:5000", server.credentials("desk.1"));
    caller.allocate();
    caller.permit(&[STREAMER]);
    caller.bind(0x4000, STREAMER);
    (caller, grant)
}

fn receive(caller: &mut Caller, bytes: &[u8], now: Moment) -> Result<(), TestCaseError> {
    match caller.client.receive(bytes, now) {
        Some(Effect::Relay { peer, .. }) => prop_assert_eq!(peer, address(STREAMER)),
        Some(Effect::Open(_)) => {
            caller.client.opened(Opened::NoPort, now);
        }
        Some(Effect::Reply(_)) | None => (),
    }
    Ok(())
}

/// Messages that are good but for a few bytes.
fn good_messages(caller: &Caller) -> Vec<Vec<u8>> {
    let peer = XorPeerAddress::new(address(STREAMER), 7.into());
    vec![
        caller.signed(ALLOCATE, &[&RequestedTransport::new(17)]),
        caller.signed(REFRESH, &[&Lifetime::new(600)]),
        caller.signed(CREATE_PERMISSION, &[&peer]),
        caller.signed(CHANNEL_BIND, &[&ChannelNumber::new(0x4001), &peer]),
        b"\x40\x00\x00\x05hello\0\0\0".to_vec(),
    ]
}

/// Those that a server reads, and others, but for signatures, which the library puts in itself.
fn attribute_type() -> impl Strategy<Value = u16> {
    prop_oneof![
        4 => prop::sample::select(vec![0x6, 0xc, 0xd, 0x12, 0x13, 0x14, 0x15, 0x17, 0x19, 0x22]),
        1 => any::<u16>(),
    ]
    .prop_filter("signatures", |kind| ![0x8, 0x1c, 0x8028].contains(kind))
}

proptest! {
    #[test]
    fn garbage_does_nothing(messages in vec(vec(any::<u8>(), 0..200), 1..20)) {
        let server = Server::new(TurnLimits::default());
        let (mut caller, _grant) = allocated(&server);
        let now = caller.now();
        for message in messages {
            receive(&mut caller, &message, now)?;
        }
        prop_assert!(caller.client.deadline().is_some());
    }

    #[test]
    fn messages_with_wrong_bytes_or_a_missing_end_change_nothing(
        changes in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..40),
    ) {
        let server = Server::new(TurnLimits::default());
        let (mut caller, _grant) = allocated(&server);
        let now = caller.now();
        let messages = good_messages(&caller);
        for (which, place, value, cut) in changes {
            let mut message = which.get(&messages).clone();
            let place = place.index(message.len());
            if cut {
                message.truncate(place);
            } else {
                message[place] ^= value;
            }
            receive(&mut caller, &message, now)?;
        }
    }

    #[test]
    fn signed_requests_with_any_attributes_relay_nowhere_else(
        requests in vec((0u16..12, vec((attribute_type(), vec(any::<u8>(), 0..40)), 0..6)), 1..20),
    ) {
        let server = Server::new(TurnLimits::default());
        let (mut caller, _grant) = allocated(&server);
        let now = caller.now();
        for (method, attributes) in &requests {
            let attributes: Vec<_> = attributes
                .iter()
                .map(|(kind, value)| RawAttribute::new(AttributeType::new(*kind), value))
                .collect();
            let attributes: Vec<_> = attributes.iter().map(|raw| raw as &dyn AttributeWrite).collect();
            let request = caller.signed(Method::new(*method), &attributes);
            receive(&mut caller, &request, now)?;
            let channel = caller.send_on(0x4000);
            prop_assert!(channel.is_none_or(|peer| peer == address(STREAMER)));
        }
    }

    #[test]
    fn datagrams_of_any_length_from_anywhere_are_wrapped_or_dropped(
        bytes in vec(any::<u8>(), 0..2000),
        port in any::<u16>(),
    ) {
        let server = Server::new(TurnLimits::default());
        let (mut caller, _grant) = allocated(&server);
        let now = caller.now();
        let mut frame = bytes.clone();
        let from = std::net::SocketAddr::from(([10, 0, 0, 5], port));
        prop_assert!(port == 50000 || caller.client.take_from_peer(from, &mut frame, now).is_none());
        let heard = caller.client.take_from_peer(address(STREAMER), &mut frame, now);
        match heard {
            Some(heard) => prop_assert_eq!(&heard[FRAME_HEAD_BYTES..], &bytes[FRAME_HEAD_BYTES..]),
            None => prop_assert!(bytes.len() < FRAME_HEAD_BYTES),
        }
    }
}
