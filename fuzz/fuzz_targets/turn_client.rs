//! Messages of a TURN client, over UDP and as a stream, and a session description of a streamer.
#![no_main]

use std::{net::SocketAddr, sync::Arc, time::Instant};

use libfuzzer_sys::fuzz_target;
use streamspace_signaling::turn::{
    Client, Effect, Framer, Grants, MediaAddresses, Moment, Opened, Rules, SharedSecret, TurnLimits,
};

const STREAMER: ([u8; 4], u16) = ([10, 0, 0, 5], 50000);

fuzz_target!(|bytes: &[u8]| {
    let grants = Arc::new(Grants::new(TurnLimits::default()));
    let media = MediaAddresses {
        addresses: vec![STREAMER.0.into()],
        ..MediaAddresses::default()
    };
    let grant = grants.grant("desk.1".into(), media);
    // Whatever a streamer tells, it stays among the session's own addresses.
    grant.learn_sdp(&String::from_utf8_lossy(bytes));
    grant.learn_candidate("candidate:1 1 udp 1 10.0.0.5 50000 typ host");
    let secret = SharedSecret::new("0123456789abcdef").expect("long enough");
    let rules = Rules::new(secret, grants, &[[10, 0, 0, 1].into()]).expect("randomness");
    let now = Moment {
        instant: Instant::now(),
        unix_s: 0,
    };
    let from = SocketAddr::from(([192, 0, 2, 1], 5000));
    let mut client = Client::new(Arc::new(rules), from);
    let mut take = |message: &[u8]| match client.receive(message, now) {
        Some(Effect::Relay { peer, .. }) => assert_eq!(peer.ip(), SocketAddr::from(STREAMER).ip()),
        Some(Effect::Open(_)) => drop(client.opened(Opened::NoPort, now)),
        Some(Effect::Reply(answer)) => assert!(answer.len() < 2 * message.len().max(100)),
        None => (),
    };
    take(bytes);
    let mut framer = Framer::default();
    framer.push(bytes);
    while let Ok(Some(message)) = framer.next_message() {
        take(&message);
    }
    let mut frame = bytes.to_vec();
    client.take_from_peer(SocketAddr::from(STREAMER), &mut frame, now);
});
