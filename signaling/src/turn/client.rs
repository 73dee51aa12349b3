//! One client of the TURN server.
//!
//! ```text
//!   Stranger ── Allocate, signed ──▶ Opening ── socket is open ──▶ Relaying
//!      ▲                                │ no port                     │ Refresh 0, expired
//!      └────────────────────────────────┴─────────────────────────────┘
//! ```

mod requests;

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;
use turn_types::{
    attribute::{Lifetime, XorRelayedAddress},
    stun::attribute::{ErrorCode, XorMappedAddress},
};

use super::{
    allocation::{Allocation, Beginning},
    grants::Peers,
    message::{Asked, Received, allocated, data_indication, not_allocated},
    rules::Rules,
};

/// Room before a peer's datagram, for the header of channel data.
pub const FRAME_HEAD_BYTES: usize = 4;

/// Now, for what lasts a while and for what ends at a time of the calendar.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub instant: Instant,
    pub unix_s: i64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Effect<'a> {
    /// For the client.
    Reply(Vec<u8>),
    /// Open a UDP port at this address and report with [`Client::opened`].
    Open(IpAddr),
    /// From that port to a peer.
    Relay { peer: SocketAddr, data: &'a [u8] },
}

/// What came of [`Effect::Open`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    At(SocketAddr),
    NoPort,
}

/// One 5-tuple of a client and this server.
pub struct Client {
    rules: Arc<Rules>,
    address: SocketAddr,
    state: State,
}

enum State {
    Stranger,
    Opening {
        beginning: Box<Beginning>,
        lifetime_s: u32,
    },
    Relaying(Box<Allocation>),
}

impl Client {
    /// A client that sends from this address.
    pub fn new(rules: Arc<Rules>, address: SocketAddr) -> Self {
        let address = SocketAddr::new(address.ip().to_canonical(), address.port());
        Self {
            rules,
            address,
            state: State::Stranger,
        }
    }

    /// Says when the client may relay no longer: its sender is gone then.
    pub fn peers(&self) -> Option<watch::Receiver<Peers>> {
        self.allocation()
            .map(|allocation| allocation.place.peers.clone())
    }

    /// When the allocation ends unless it is refreshed; nothing, if there is none.
    pub fn deadline(&self) -> Option<Instant> {
        self.allocation().map(|allocation| allocation.expires)
    }

    /// The deadline may have passed.
    pub fn tick(&mut self, now: Moment) {
        if self
            .deadline()
            .is_some_and(|deadline| deadline <= now.instant)
        {
            self.state = State::Stranger;
        }
    }

    fn allocation(&self) -> Option<&Allocation> {
        match &self.state {
            State::Relaying(allocation) => Some(allocation),
            State::Stranger | State::Opening { .. } => None,
        }
    }

    /// Takes one message of the client's.
    pub fn receive<'a>(&mut self, bytes: &'a [u8], now: Moment) -> Option<Effect<'a>> {
        self.tick(now);
        if bytes.first()? >> 6 == 1 {
            return self.channel_data(bytes, now);
        }
        let message = Received::read(bytes)?;
        match message.asked {
            Asked::Binding => {
                let mapped = XorMappedAddress::new(self.address, message.transaction());
                Some(Effect::Reply(message.bound(&mapped)))
            }
            Asked::Send => self.send(&message, now),
            Asked::Allocate | Asked::Refresh | Asked::CreatePermission | Asked::ChannelBind => {
                match self.authenticate(&message, now) {
                    Ok(signer) => Some(self.request(&message, signer, now)),
                    Err(refusal) => Some(Effect::Reply(refusal)),
                }
            }
        }
    }

    /// Takes a datagram that `from` sent to the relay's port: it lies in `frame` behind
    /// [`FRAME_HEAD_BYTES`]. What comes back is for the client.
    pub fn take_from_peer<'frame>(
        &mut self,
        from: SocketAddr,
        frame: &'frame mut [u8],
        now: Moment,
    ) -> Option<Cow<'frame, [u8]>> {
        self.tick(now);
        let State::Relaying(allocation) = &mut self.state else {
            return None;
        };
        let (head, data) = frame.split_first_chunk_mut::<FRAME_HEAD_BYTES>()?;
        let length = u16::try_from(data.len()).ok()?;
        let source = allocation.inward(from, data.len(), now.instant)?;
        match source.channel {
            Some(number) => {
                head[..2].copy_from_slice(&number.to_be_bytes());
                head[2..].copy_from_slice(&length.to_be_bytes());
                Some(Cow::Borrowed(frame))
            }
            None => Some(Cow::Owned(data_indication(source.peer, data))),
        }
    }

    /// The outcome of [`Effect::Open`]; gives the answer for the client.
    pub fn opened(&mut self, opened: Opened, now: Moment) -> Option<Vec<u8>> {
        let State::Opening {
            beginning,
            lifetime_s,
        } = std::mem::replace(&mut self.state, State::Stranger)
        else {
            return None;
        };
        let transaction = beginning.transaction;
        let relay = match opened {
            Opened::At(relay) => relay,
            Opened::NoPort => {
                let code = ErrorCode::INSUFFICIENT_CAPACITY;
                return Some(not_allocated(transaction, code, &beginning.key));
            }
        };
        let relayed = XorRelayedAddress::new(relay, transaction);
        let mapped = XorMappedAddress::new(self.address, transaction);
        let lifetime = Lifetime::new(lifetime_s);
        let answer = allocated(transaction, &[&relayed, &mapped, &lifetime], &beginning.key);
        let expires = now.instant + Duration::from_secs(lifetime_s.into());
        let bytes_per_second = self.rules.grants.limits().bytes_per_second;
        let allocation = Allocation::new(*beginning, answer.clone(), expires, bytes_per_second);
        self.state = State::Relaying(Box::new(allocation));
        Some(answer)
    }

    fn channel_data<'a>(&mut self, bytes: &'a [u8], now: Moment) -> Option<Effect<'a>> {
        let State::Relaying(allocation) = &mut self.state else {
            return None;
        };
        let (&[a, b, c, d], rest) = bytes.split_first_chunk::<4>()?;
        // Over UDP there may be padding behind the data.
        let data = rest.get(..usize::from(u16::from_be_bytes([c, d])))?;
        let peer = allocation.peer_of(u16::from_be_bytes([a, b]), now.instant)?;
        let peer = allocation.outward(peer, data.len(), now.instant)?;
        Some(Effect::Relay { peer, data })
    }

    fn send<'a>(&mut self, message: &Received<'a>, now: Moment) -> Option<Effect<'a>> {
        let State::Relaying(allocation) = &mut self.state else {
            return None;
        };
        let peer = *message.peers().ok()?.first()?;
        let data = message.data()?;
        if !message.unknown_attributes().is_empty() {
            return None;
        }
        let peer = allocation.outward(peer, data.len(), now.instant)?;
        Some(Effect::Relay { peer, data })
    }
}
