//! A browser's text messages, one a line, in every state of the relay that they can reach.
#![no_main]

use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::{
    ClientSignal, Person, PersonId, PersonName, Role, SessionId, ViewerId, Wire,
};
use streamspace_signaling::{
    relay::{Effect, Input, Relay},
    ticket::Claims,
};

fn claims() -> Claims {
    Claims {
        session: session(),
        role: Role::Control,
        person: Person {
            id: PersonId::new([0; 16]),
            name: PersonName::cleaned("Ada").expect("a name"),
            share: None,
            until_unix_ms: None,
        },
        nonce: Default::default(),
        trace: None,
        expires_unix_ms: 0,
    }
}

fn session() -> SessionId {
    "a".parse().expect("a valid name")
}

const WELCOME: &[u8] = br#"{"type":"welcome","session":"a","viewer":1,"role":"control",
    "display":{"width":640,"height":480},"iceServers":[]}"#;

fuzz_target!(|text: &str| {
    let now = Instant::now();
    let mut relay = Relay::new(session(), ViewerId(1), now);
    for line in text.split('\n') {
        for effect in relay.handle(Input::Text(line), now) {
            match effect {
                Effect::Redeem(_) => {
                    relay.handle(Input::Redeemed(Ok(claims())), now);
                    relay.handle(Input::Dialed(Ok(())), now);
                    relay.handle(Input::Frame(WELCOME), now);
                    assert!(relay.is_joined());
                }
                Effect::SendLink(signal) => {
                    let encoded = signal.encode();
                    assert_eq!(ClientSignal::decode(encoded.as_bytes()), Ok(signal));
                }
                Effect::Dial(_) | Effect::SendBrowser(_) | Effect::Close(_) => (),
            }
        }
    }
});
