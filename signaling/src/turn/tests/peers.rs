//! To where an allocation relays, and whence: to the session's streamer and nowhere else.

use turn_types::{
    AddressFamily,
    attribute::{RequestedAddressFamily, RequestedTransport},
    message::ALLOCATE,
    stun::attribute::ErrorCode,
};

use super::caller::{Answer, Caller, RELAY, STREAMER, Server, address, candidate};
use crate::turn::{Effect, Grant, Opened, TurnLimits};

const FORBIDDEN: Answer = Answer::Error(ErrorCode::FORBIDDEN);

fn allocated(server: &Server) -> (Caller, Grant) {
    let grant = server.grant("desk.1", STREAMER);
    let mut caller = server.caller("192.0.2.1:5000", server.credentials("desk.1"));
    caller.allocate();
    (caller, grant)
}

#[test]
fn it_is_no_open_relay() {
    let server = Server::new(TurnLimits::default());
    let _other_session = server.grant("other.1", "10.0.0.6:50000");
    let (mut caller, _grant) = allocated(&server);
    for elsewhere in [
        "127.0.0.1:50000",
        "127.0.0.1:22",
        "0.0.0.0:50000",
        "169.254.169.254:80",
        "169.254.1.1:50000",
        "10.0.0.4:50000",
        "10.0.0.6:50000",
        "192.0.2.1:5000",
        "224.0.0.1:50000",
        "255.255.255.255:50000",
        "8.8.8.8:53",
        RELAY,
    ] {
        assert_eq!(caller.permit(&[elsewhere]), FORBIDDEN, "{elsewhere}");
        assert_eq!(
            caller.permit(&[STREAMER, elsewhere]),
            FORBIDDEN,
            "{elsewhere}"
        );
        assert_eq!(caller.bind(0x4000, elsewhere), FORBIDDEN, "{elsewhere}");
        assert_eq!(caller.send(elsewhere), None, "{elsewhere}");
        assert_eq!(caller.hears(elsewhere), None, "{elsewhere}");
    }
    let family = Answer::Error(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH);
    for elsewhere in ["[::1]:50000", "[fe80::1]:50000", "[::ffff:10.0.0.5]:50000"] {
        assert_eq!(caller.permit(&[elsewhere]), family, "{elsewhere}");
        assert_eq!(caller.bind(0x4000, elsewhere), family, "{elsewhere}");
        assert_eq!(caller.send(elsewhere), None, "{elsewhere}");
    }
    assert_eq!(caller.send(STREAMER), None, "all or none were permitted");
}

/// The gateway itself, and other sessions, are at the same address on one machine.
#[test]
fn other_ports_of_the_streamers_address_are_out_of_reach() {
    let server = Server::new(TurnLimits::default());
    let _other_session = server.grant("other.1", "10.0.0.5:50001");
    let (mut caller, _grant) = allocated(&server);
    assert_eq!(caller.permit(&[STREAMER]), Answer::Success);
    for port in [22, 8080, 50001, 1, 65535] {
        let elsewhere = format!("10.0.0.5:{port}");
        // RFC 8656: the port of a permission does not matter. That of each datagram does.
        assert_eq!(caller.permit(&[&elsewhere]), Answer::Success);
        assert_eq!(caller.send(&elsewhere), None, "{elsewhere}");
        assert_eq!(caller.bind(0x4000, &elsewhere), FORBIDDEN, "{elsewhere}");
        assert_eq!(caller.hears(&elsewhere), None, "{elsewhere}");
    }
    assert_eq!(caller.send(STREAMER), Some(address(STREAMER)));
}

#[test]
fn indications_pass_both_ways_once_they_are_permitted() {
    let server = Server::new(TurnLimits::default());
    let (mut caller, _grant) = allocated(&server);
    assert_eq!(
        (caller.send(STREAMER), caller.hears(STREAMER)),
        (None, None)
    );
    assert_eq!(caller.permit(&[STREAMER]), Answer::Success);
    assert_eq!(caller.send(STREAMER), Some(address(STREAMER)));
    let heard = caller.hears(STREAMER).expect("a Data indication");
    assert_eq!(heard[..2], [0x00, 0x17]);
    assert!(heard.windows(5).any(|bytes| bytes == b"world"));
    caller.wait(299);
    assert!(caller.send(STREAMER).is_some());
    caller.wait(1);
    assert_eq!(
        (caller.send(STREAMER), caller.hears(STREAMER)),
        (None, None)
    );
}

#[test]
fn channels_pass_both_ways_and_stay_with_their_peer() {
    let server = Server::new(TurnLimits::default());
    let (mut caller, grant) = allocated(&server);
    let second = "10.0.0.5:50009";
    grant.learn_candidate(&candidate(address(second)));
    assert_eq!(caller.bind(0x4000, STREAMER), Answer::Success);
    assert_eq!(caller.send_on(0x4000), Some(address(STREAMER)));
    assert_eq!(caller.send_on(0x4001), None);
    assert_eq!(
        caller.hears(STREAMER).expect("channel data"),
        b"\x40\x00\x00\x05world"
    );
    let bad = Answer::Error(ErrorCode::BAD_REQUEST);
    assert_eq!(
        caller.bind(0x4000, second),
        bad,
        "the channel is the other's"
    );
    assert_eq!(caller.bind(0x4001, STREAMER), bad, "the peer has one");
    for number in [0, 0x3fff, 0x7fff, 0x8000, 0xffff] {
        assert_eq!(caller.bind(number, second), bad, "{number:x}");
    }
    assert_eq!(caller.bind(0x4001, second), Answer::Success);
    caller.wait(299);
    assert_eq!(caller.bind(0x4000, STREAMER), Answer::Success);
    caller.wait(299);
    assert!(
        caller.send_on(0x4000).is_some(),
        "binding again permits again"
    );
    caller.wait(1);
    assert_eq!(caller.send_on(0x4000), None, "the permission is over");
    assert_eq!(caller.refresh(600), Answer::Success);
    caller.wait(300);
    assert_eq!(caller.permit(&[STREAMER]), Answer::Success);
    assert_eq!(caller.send_on(0x4000), None, "the channel is over");
    assert_eq!(
        caller.bind(0x4002, STREAMER),
        Answer::Success,
        "and the peer free"
    );
}

#[test]
fn an_ipv6_relay_is_for_who_asks_for_it_and_reaches_ipv6_peers() {
    let (streamer, relay) = ("[2001:db8::5]:50000", address("[2001:db8::1]:60000"));
    let relays = [address(RELAY).ip(), relay.ip()];
    let server = Server::with_relays(TurnLimits::default(), &relays);
    let _grant = server.grant("desk.1", streamer);
    let mut caller = server.caller("[2001:db8::99]:5000", server.credentials("desk.1"));
    caller.knock();
    let udp = RequestedTransport::new(RequestedTransport::UDP);
    let ipv6 = RequestedAddressFamily::new(AddressFamily::IPV6);
    let request = caller.signed(ALLOCATE, &[&udp, &ipv6]);
    let now = caller.now();
    let effect = caller.client.receive(&request, now);
    assert_eq!(effect, Some(Effect::Open(relay.ip())));
    caller.client.opened(Opened::At(relay), now);
    let family = Answer::Error(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH);
    assert_eq!(caller.permit(&[STREAMER]), family);
    for elsewhere in ["[::1]:50000", "[fe80::1]:50000", "[::ffff:10.0.0.5]:50000"] {
        assert_eq!(caller.permit(&[elsewhere]), FORBIDDEN, "{elsewhere}");
    }
    assert_eq!(caller.bind(0x4000, streamer), Answer::Success);
    assert_eq!(caller.send_on(0x4000), Some(address(streamer)));
    assert!(caller.hears(streamer).is_some());
}

#[test]
fn what_the_streamer_tells_later_is_in_reach_from_then_on() {
    let server = Server::new(TurnLimits::default());
    let (mut caller, grant) = allocated(&server);
    let later = "10.0.0.5:50123";
    assert_eq!(caller.bind(0x4000, later), FORBIDDEN);
    grant.learn_sdp(&format!("v=0\r\na={}\r\n", candidate(address(later))));
    assert_eq!(caller.bind(0x4000, later), Answer::Success);
    grant.learn_candidate(&candidate(address("169.254.169.254:80")));
    assert_eq!(
        caller.permit(&["169.254.169.254:80"]),
        FORBIDDEN,
        "not the session's own"
    );
}

#[test]
fn more_than_the_rate_is_lost_in_each_direction() {
    let limits = TurnLimits {
        bytes_per_second: 100,
        ..TurnLimits::default()
    };
    let server = Server::new(limits);
    let (mut caller, _grant) = allocated(&server);
    caller.permit(&[STREAMER]);
    let passed = |caller: &mut Caller| {
        let up = (0..100).filter(|_| caller.send(STREAMER).is_some()).count();
        let down = (0..100)
            .filter(|_| caller.hears(STREAMER).is_some())
            .count();
        (up, down)
    };
    // A quarter of a second's worth may go at once, and what goes over it.
    assert_eq!(passed(&mut caller), (6, 6));
    caller.wait(10);
    assert_eq!(passed(&mut caller), (6, 6));
}
