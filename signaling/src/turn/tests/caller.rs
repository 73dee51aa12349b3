//! A TURN client of the tests, with the server that it calls, and no socket between them.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use turn_types::{
    attribute::{
        ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
    },
    message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND},
    stun::{
        attribute::{ErrorCode, Nonce, Realm, Username},
        message::{
            IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageIntegrityCredentials,
            MessageWriteVec, Method,
        },
        prelude::*,
    },
};

use crate::turn::{
    Client, Credentials, Effect, FRAME_HEAD_BYTES, Grant, Grants, MediaAddresses, Moment, Opened,
    Rules, SharedSecret, TurnLimits,
};

/// The streamer of the session `desk`.
pub(super) const STREAMER: &str = "10.0.0.5:50000";
pub(super) const RELAY: &str = "10.0.0.1:60000";
/// In Unix seconds, when tests begin.
pub(super) const NOW_S: i64 = 1_800_000_000;

pub(super) fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

pub(super) struct Server {
    pub(super) rules: Arc<Rules>,
    pub(super) secret: SharedSecret,
    start: Instant,
}

impl Server {
    pub(super) fn new(limits: TurnLimits) -> Self {
        Self::with_relays(limits, &[address(RELAY).ip()])
    }

    pub(super) fn with_relays(limits: TurnLimits, relays: &[IpAddr]) -> Self {
        let secret = SharedSecret::random().expect("randomness");
        let grants = Arc::new(Grants::new(limits));
        let rules = Rules::new(secret.clone(), grants, relays).expect("randomness");
        Self {
            rules: Arc::new(rules),
            secret,
            start: Instant::now(),
        }
    }

    /// Lets somebody relay to a streamer at this address.
    pub(super) fn grant(&self, holder: &str, streamer: &str) -> Grant {
        let streamer = address(streamer);
        let media = MediaAddresses {
            addresses: vec![streamer.ip()],
            ..MediaAddresses::default()
        };
        let grant = self.rules.grants().grant(holder.into(), media);
        grant.learn_candidate(&candidate(streamer));
        grant
    }

    pub(super) fn credentials(&self, holder: &str) -> Credentials {
        let until = Timestamp::from_second(NOW_S + 3600).expect("a time");
        self.secret.issue(holder, until)
    }

    pub(super) fn caller(&self, from: &str, credentials: Credentials) -> Caller {
        Caller {
            client: Client::new(self.rules.clone(), address(from)),
            start: self.start,
            after: Duration::ZERO,
            credentials,
            nonce: String::new(),
        }
    }
}

pub(super) fn candidate(address: SocketAddr) -> String {
    format!(
        "candidate:1 1 udp 1 {} {} typ host",
        address.ip(),
        address.port()
    )
}

pub(super) struct Caller {
    pub(super) client: Client,
    start: Instant,
    after: Duration,
    pub(super) credentials: Credentials,
    pub(super) nonce: String,
}

/// What a request was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Success,
    Error(u16),
    /// A port is wanted.
    Open,
}

impl Caller {
    pub(super) fn now(&self) -> Moment {
        let seconds = i64::try_from(self.after.as_secs()).expect("not long");
        Moment {
            instant: self.start + self.after,
            unix_s: NOW_S + seconds,
        }
    }

    pub(super) fn wait(&mut self, seconds: u64) {
        self.after += Duration::from_secs(seconds);
    }

    /// A request with what signs it.
    pub(super) fn signed(&self, method: Method, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        self.sign(
            Message::builder_request(method, MessageWriteVec::new()),
            attributes,
        )
    }

    pub(super) fn sign(
        &self,
        mut request: MessageWriteVec,
        attributes: &[&dyn AttributeWrite],
    ) -> Vec<u8> {
        for attribute in attributes {
            request.add_attribute(*attribute).expect("room");
        }
        let username = Username::new(&self.credentials.username).expect("short");
        let realm = Realm::new("streamspace").expect("short");
        let nonce = Nonce::new(&self.nonce).expect("short");
        let of_signer: [&dyn AttributeWrite; 3] = [&username, &realm, &nonce];
        for attribute in of_signer {
            request.add_attribute(attribute).expect("room");
        }
        let key = MessageIntegrityCredentials::LongTerm(LongTermKeyCredentials::new(
            self.credentials.username.clone(),
            self.credentials.password.expose().to_owned(),
            "streamspace".to_owned(),
        ));
        request
            .add_message_integrity(&key, IntegrityAlgorithm::Sha1)
            .expect("room");
        request.finish()
    }

    /// What the server answers, and the answer itself. A new nonce is kept.
    pub(super) fn say(&mut self, bytes: &[u8]) -> (Answer, Vec<u8>) {
        let now = self.now();
        let answer = match self.client.receive(bytes, now) {
            Some(Effect::Reply(answer)) => answer,
            Some(Effect::Open(_)) => return (Answer::Open, Vec::new()),
            other => panic!("no answer, but {other:?}"),
        };
        let message = Message::from_bytes(&answer).expect("a message");
        for (_, raw) in message.iter_attributes() {
            if raw.get_type() == Nonce::TYPE {
                let nonce = Nonce::from_raw_ref(&raw).expect("a nonce");
                self.nonce = nonce.nonce().to_owned();
            }
        }
        let error = message
            .iter_attributes()
            .find(|(_, raw)| raw.get_type() == ErrorCode::TYPE)
            .map(|(_, raw)| ErrorCode::from_raw_ref(&raw).expect("a code").code());
        let outcome = error.map_or(Answer::Success, Answer::Error);
        (outcome, answer)
    }

    pub(super) fn ask(&mut self, method: Method, attributes: &[&dyn AttributeWrite]) -> Answer {
        let request = self.signed(method, attributes);
        self.say(&request).0
    }

    /// Gets a nonce by asking without.
    pub(super) fn knock(&mut self) {
        let transport = RequestedTransport::new(RequestedTransport::UDP);
        let mut request = Message::builder_request(ALLOCATE, MessageWriteVec::new());
        request.add_attribute(&transport).expect("room");
        assert_eq!(self.say(&request.finish()).0, Answer::Error(401));
    }

    pub(super) fn ask_to_allocate(&mut self) -> Answer {
        self.knock();
        let transport = RequestedTransport::new(RequestedTransport::UDP);
        self.ask(ALLOCATE, &[&transport])
    }

    pub(super) fn allocate(&mut self) -> SocketAddr {
        assert_eq!(self.ask_to_allocate(), Answer::Open);
        let now = self.now();
        let opened = Opened::At(address(RELAY));
        let answer = self.client.opened(opened, now).expect("an answer");
        let message = Message::from_bytes(&answer).expect("a message");
        let (_, raw) = message
            .iter_attributes()
            .find(|(_, raw)| raw.get_type() == XorRelayedAddress::TYPE)
            .expect("the relay's address");
        let relayed = XorRelayedAddress::from_raw_ref(&raw).expect("an address");
        relayed.addr(message.transaction_id())
    }

    pub(super) fn permit(&mut self, peers: &[&str]) -> Answer {
        let mut request = Message::builder_request(CREATE_PERMISSION, MessageWriteVec::new());
        let transaction = request.transaction_id();
        for peer in peers {
            let peer = XorPeerAddress::new(address(peer), transaction);
            request.add_attribute(&peer).expect("room");
        }
        let request = self.sign(request, &[]);
        self.say(&request).0
    }

    pub(super) fn bind(&mut self, number: u16, peer: &str) -> Answer {
        let request = Message::builder_request(CHANNEL_BIND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(address(peer), request.transaction_id());
        let request = self.sign(request, &[&ChannelNumber::new(number), &peer]);
        self.say(&request).0
    }

    pub(super) fn refresh(&mut self, seconds: u32) -> Answer {
        self.ask(REFRESH, &[&Lifetime::new(seconds)])
    }

    /// Where a Send indication goes.
    pub(super) fn send(&mut self, peer: &str) -> Option<SocketAddr> {
        let mut indication = Message::builder_indication(SEND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(address(peer), indication.transaction_id());
        indication.add_attribute(&peer).expect("room");
        indication
            .add_attribute(&Data::new(b"hello"))
            .expect("room");
        self.goes(&indication.finish(), b"hello")
    }

    /// Where channel data goes.
    pub(super) fn send_on(&mut self, number: u16) -> Option<SocketAddr> {
        let mut bytes = number.to_be_bytes().to_vec();
        bytes.extend_from_slice(&[0, 5]);
        bytes.extend_from_slice(b"hello\0\0\0");
        self.goes(&bytes, b"hello")
    }

    fn goes(&mut self, bytes: &[u8], expected: &[u8]) -> Option<SocketAddr> {
        let now = self.now();
        match self.client.receive(bytes, now)? {
            Effect::Relay { peer, data } => {
                assert_eq!(data, expected);
                Some(peer)
            }
            other => panic!("not relayed: {other:?}"),
        }
    }

    /// What the client gets of a datagram from there.
    pub(super) fn hears(&mut self, from: &str) -> Option<Vec<u8>> {
        let mut frame = vec![0; FRAME_HEAD_BYTES];
        frame.extend_from_slice(b"world");
        let now = self.now();
        let heard = self.client.take_from_peer(address(from), &mut frame, now)?;
        Some(heard.into_owned())
    }
}
