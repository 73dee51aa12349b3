//! Who gets an allocation, and for how long.

use jiff::Timestamp;
use streamspace_protocol::Secret;
use turn_types::{
    AddressFamily,
    attribute::{EvenPort, Lifetime, RequestedAddressFamily, RequestedTransport},
    message::{ALLOCATE, REFRESH},
    stun::{
        attribute::{ErrorCode, XorMappedAddress},
        message::{BINDING, Message, MessageWriteVec},
        prelude::*,
    },
};

use super::caller::{Answer, Caller, NOW_S, RELAY, STREAMER, Server, address};
use crate::turn::{Credentials, Effect, Opened, TurnLimits};

const HOME: &str = "192.0.2.1:5000";

fn udp() -> RequestedTransport {
    RequestedTransport::new(RequestedTransport::UDP)
}

#[test]
fn whoever_asks_learns_the_address_that_is_seen() {
    let server = Server::new(TurnLimits::default());
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    let request = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
    let (answer, bytes) = caller.say(&request);
    assert_eq!(answer, Answer::Success);
    let message = Message::from_bytes(&bytes).expect("a message");
    let (_, raw) = message.iter_attributes().next().expect("an attribute");
    let mapped = XorMappedAddress::from_raw_ref(&raw).expect("an address");
    assert_eq!(mapped.addr(message.transaction_id()), address(HOME));
}

#[test]
fn good_credentials_get_one_allocation() {
    let server = Server::new(TurnLimits::default());
    let _grant = server.grant("desk.1", STREAMER);
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    assert_eq!(caller.allocate(), address(RELAY));
    let second = caller.ask(ALLOCATE, &[&udp()]);
    assert_eq!(second, Answer::Error(ErrorCode::ALLOCATION_MISMATCH));
}

#[test]
fn a_request_that_comes_twice_is_answered_twice() {
    let server = Server::new(TurnLimits::default());
    let _grant = server.grant("desk.1", STREAMER);
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    caller.knock();
    let request = caller.signed(ALLOCATE, &[&udp()]);
    assert_eq!(caller.say(&request).0, Answer::Open);
    let now = caller.now();
    let first = caller.client.opened(Opened::At(address(RELAY)), now);
    assert_eq!(
        caller.say(&request),
        (Answer::Success, first.expect("an answer"))
    );
}

#[test]
fn forged_expired_and_withdrawn_credentials_get_nothing() {
    let server = Server::new(TurnLimits::default());
    let grant = server.grant("desk.1", STREAMER);
    let good = server.credentials("desk.1");
    let at = |second| Timestamp::from_second(second).expect("a time");
    let renamed = Credentials {
        username: good.username.replace("desk.1", "desk.2"),
        ..good.clone()
    };
    let prolonged = Credentials {
        username: format!("{}:desk.1", NOW_S + 999_999),
        ..server.secret.issue("desk.1", at(NOW_S - 1))
    };
    let guessed = Credentials {
        password: Secret::new("guess"),
        ..good.clone()
    };
    let expired = server.secret.issue("desk.1", at(NOW_S));
    let nobodys = server.secret.issue("desk.9", at(NOW_S + 60));
    let unauthorized = Answer::Error(ErrorCode::UNAUTHORIZED);
    for bad in [renamed, prolonged, guessed, expired, nobodys] {
        let mut caller = server.caller(HOME, bad.clone());
        assert_eq!(caller.ask_to_allocate(), unauthorized, "{bad:?}");
        assert!(caller.client.deadline().is_none());
    }
    assert_eq!(
        server.caller(HOME, good.clone()).ask_to_allocate(),
        Answer::Open
    );
    drop(grant);
    assert_eq!(server.caller(HOME, good).ask_to_allocate(), unauthorized);
}

#[test]
fn an_allocation_outlives_its_credentials_and_ends_with_its_viewer() {
    let server = Server::new(TurnLimits::default());
    let grant = server.grant("desk.1", STREAMER);
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    caller.allocate();
    for _ in 0..10 {
        caller.wait(550);
        if caller.refresh(600) == Answer::Error(ErrorCode::STALE_NONCE) {
            assert_eq!(caller.refresh(600), Answer::Success);
        }
    }
    let peers = caller.client.peers().expect("an allocation");
    assert!(peers.has_changed().is_ok());
    drop(grant);
    assert!(peers.has_changed().is_err(), "the driver ends it");
}

#[test]
fn a_nonce_that_is_old_or_anothers_is_replaced() {
    let server = Server::new(TurnLimits::default());
    let _grant = server.grant("desk.1", STREAMER);
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    let mut other = server.caller("192.0.2.1:5001", server.credentials("desk.1"));
    other.knock();
    for bad in ["nonsense".to_owned(), other.nonce] {
        caller.nonce = bad;
        let stale = caller.ask(ALLOCATE, &[&udp()]);
        assert_eq!(stale, Answer::Error(ErrorCode::STALE_NONCE));
    }
    assert_eq!(
        caller.ask(ALLOCATE, &[&udp()]),
        Answer::Open,
        "with the new nonce"
    );
}

#[test]
fn what_is_not_offered_is_refused_by_its_code() {
    let server = Server::new(TurnLimits::default());
    let _grant = server.grant("desk.1", STREAMER);
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    caller.knock();
    let over_tcp = RequestedTransport::new(6);
    let ipv6 = RequestedAddressFamily::new(AddressFamily::IPV6);
    let even = EvenPort::new(true);
    for (attributes, code) in [
        (vec![], ErrorCode::BAD_REQUEST),
        (
            vec![&over_tcp as &dyn AttributeWrite],
            ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL,
        ),
        (vec![&udp(), &ipv6], ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED),
        (vec![&udp(), &even], ErrorCode::UNKNOWN_ATTRIBUTE),
    ] {
        assert_eq!(caller.ask(ALLOCATE, &attributes), Answer::Error(code));
    }
    let before = caller.ask(REFRESH, &[]);
    assert_eq!(before, Answer::Error(ErrorCode::ALLOCATION_MISMATCH));
}

#[test]
fn without_a_port_there_is_no_allocation_and_its_place_is_free_again() {
    let limits = TurnLimits {
        allocations: 1,
        ..TurnLimits::default()
    };
    let server = Server::new(limits);
    let _grant = server.grant("desk.1", STREAMER);
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    assert_eq!(caller.ask_to_allocate(), Answer::Open);
    let now = caller.now();
    assert!(caller.client.opened(Opened::NoPort, now).is_some());
    assert!(caller.client.deadline().is_none());
    assert_eq!(caller.ask_to_allocate(), Answer::Open);
}

#[test]
fn one_viewer_and_all_together_have_only_so_many_allocations() {
    let limits = TurnLimits {
        allocations: 3,
        allocations_of_one: 2,
        ..TurnLimits::default()
    };
    let server = Server::new(limits);
    let _grants = [
        server.grant("desk.1", STREAMER),
        server.grant("desk.2", STREAMER),
    ];
    let open = |port: u16, holder| {
        let mut caller = server.caller(&format!("192.0.2.1:{port}"), server.credentials(holder));
        let answer = caller.ask_to_allocate();
        (caller, answer)
    };
    let (first, _) = open(1, "desk.1");
    let (_second, _) = open(2, "desk.1");
    let quota = Answer::Error(ErrorCode::ALLOCATION_QUOTA_REACHED);
    assert_eq!(open(3, "desk.1").1, quota);
    let (_third, answer) = open(4, "desk.2");
    assert_eq!(answer, Answer::Open);
    let full = Answer::Error(ErrorCode::INSUFFICIENT_CAPACITY);
    assert_eq!(open(5, "desk.2").1, full);
    drop(first);
    assert_eq!(open(6, "desk.2").1, Answer::Open);
}

#[test]
fn an_allocation_lasts_as_long_as_it_is_refreshed() {
    let server = Server::new(TurnLimits::default());
    let _grant = server.grant("desk.1", STREAMER);
    let allocated = || {
        let mut caller = server.caller(HOME, server.credentials("desk.1"));
        caller.allocate();
        caller
    };
    let has = |caller: &mut Caller| {
        let now = caller.now();
        caller.client.tick(now);
        caller.client.deadline().is_some()
    };
    let mut caller = allocated();
    caller.wait(599);
    assert!(has(&mut caller));
    assert_eq!(
        caller.ask(REFRESH, &[&Lifetime::new(u32::MAX)]),
        Answer::Success
    );
    caller.wait(3599);
    assert!(has(&mut caller), "an hour at most");
    caller.wait(1);
    assert!(!has(&mut caller));

    let mut caller = allocated();
    assert_eq!(caller.refresh(0), Answer::Success);
    assert!(!has(&mut caller));
}

#[test]
fn only_who_made_an_allocation_uses_it() {
    let server = Server::new(TurnLimits::default());
    let _grants = [
        server.grant("desk.1", STREAMER),
        server.grant("desk.2", STREAMER),
    ];
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    caller.allocate();
    caller.credentials = server.credentials("desk.2");
    let wrong = Answer::Error(ErrorCode::WRONG_CREDENTIALS);
    assert_eq!(caller.permit(&[STREAMER]), wrong);
    assert_eq!(caller.bind(0x4000, STREAMER), wrong);
    assert_eq!(caller.refresh(0), wrong);
    assert!(caller.client.deadline().is_some());
}

#[test]
fn what_is_no_request_is_not_answered() {
    let server = Server::new(TurnLimits::default());
    let mut caller = server.caller(HOME, server.credentials("desk.1"));
    let now = caller.now();
    let request = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
    let (mut response, mut longer) = (request.clone(), request.clone());
    response[0] |= 1;
    longer.extend_from_slice(&[0; 4]);
    for bytes in [&response, &longer, &request[..19].to_vec(), &Vec::new()] {
        assert_eq!(caller.client.receive(bytes, now), None);
    }
    assert!(matches!(
        caller.client.receive(&request, now),
        Some(Effect::Reply(_))
    ));
}
