//! One client of the TURN server.
//!
//! ```text
//!   Stranger ── Allocate, signed ──▶ Opening ── socket is open ──▶ Relaying
//!      ▲                                │ no port                     │ Refresh 0, expired
//!      └────────────────────────────────┴─────────────────────────────┘
//! ```

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;
use turn_types::{
    AddressFamily,
    attribute::{
        ChannelNumber, Lifetime, RequestedAddressFamily, RequestedTransport, XorRelayedAddress,
    },
    stun::{
        attribute::{ErrorCode, XorMappedAddress},
        prelude::{AttributeFromRaw, AttributeStaticType},
    },
};

use super::{
    allocation::{Allocation, Beginning, Refused},
    credentials::read_username,
    grants::{NoPlace, Peers},
    message::{Asked, Key, Received, allocated, data_indication, not_allocated},
    rules::{Family, Rules},
};

/// Room before a peer's datagram, for the header of channel data.
pub const FRAME_HEAD_BYTES: usize = 4;

/// How long an allocation lasts if the client does not say, and at most, unless it is refreshed.
const DEFAULT_LIFETIME_S: u32 = 600;
const MAX_LIFETIME_S: u32 = 3600;
/// As an IP protocol number.
const UDP: u8 = 17;

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

/// Whoever has signed a request.
struct Signer {
    username: String,
    key: Key,
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
    pub fn from_peer<'frame>(
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
        let source = allocation.from_peer(from, data.len(), now.instant)?;
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
        let peer = allocation.to_peer(peer, data.len(), now.instant)?;
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
        let peer = allocation.to_peer(peer, data.len(), now.instant)?;
        Some(Effect::Relay { peer, data })
    }

    /// Who asks (RFC 8489, section 9.2.4), or the answer to somebody who has not shown that.
    fn authenticate(&self, message: &Received<'_>, now: Moment) -> Result<Signer, Vec<u8>> {
        let challenge = |code| {
            let nonce = self.rules.nonces.issue(self.address, now.unix_s);
            message.challenge(code, &nonce)
        };
        if !message.is_signed() {
            return Err(challenge(ErrorCode::UNAUTHORIZED));
        }
        let (Some(username), Some(nonce)) = (message.username(), message.nonce()) else {
            return Err(message.refusal(ErrorCode::BAD_REQUEST));
        };
        let password = self.rules.secret.password(&username);
        let key = Key::new(username.clone(), password);
        if !message.has_our_realm() || !message.is_signed_by(&key) {
            return Err(challenge(ErrorCode::UNAUTHORIZED));
        }
        if !self.rules.nonces.is_good(&nonce, self.address, now.unix_s) {
            return Err(challenge(ErrorCode::STALE_NONCE));
        }
        let unknown = message.unknown_attributes();
        if !unknown.is_empty() {
            return Err(message.not_understood(&unknown, &key));
        }
        Ok(Signer { username, key })
    }

    fn request(&mut self, message: &Received<'_>, signer: Signer, now: Moment) -> Effect<'static> {
        let key = signer.key.clone();
        let outcome = match message.asked {
            Asked::Allocate => self.allocate(message, signer, now),
            Asked::Refresh => self.refresh(message, &signer, now),
            Asked::CreatePermission => self.create_permission(message, &signer, now),
            Asked::ChannelBind => self.channel_bind(message, &signer, now),
            Asked::Binding | Asked::Send => Err(ErrorCode::BAD_REQUEST),
        };
        outcome.unwrap_or_else(|code| Effect::Reply(message.signed_refusal(code, &key)))
    }

    fn allocate(
        &mut self,
        message: &Received<'_>,
        signer: Signer,
        now: Moment,
    ) -> Result<Effect<'static>, Refused> {
        match &self.state {
            State::Relaying(allocation) if allocation.transaction == message.transaction() => {
                return Ok(Effect::Reply(allocation.answer.clone()));
            }
            State::Relaying(_) | State::Opening { .. } => {
                return Err(ErrorCode::ALLOCATION_MISMATCH);
            }
            State::Stranger => (),
        }
        let transport = found::<RequestedTransport>(message)?.ok_or(ErrorCode::BAD_REQUEST)?;
        if transport.protocol() != UDP {
            return Err(ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL);
        }
        let family = requested_family(message)?.unwrap_or(Family::Ipv4);
        let address = self.rules.relay_address(family);
        let address = address.ok_or(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED)?;
        let lifetime_s = requested_lifetime(message)?.max(DEFAULT_LIFETIME_S);
        let (until, holder) = read_username(&signer.username).ok_or(ErrorCode::UNAUTHORIZED)?;
        if until <= now.unix_s {
            return Err(ErrorCode::UNAUTHORIZED);
        }
        let place = self.rules.grants.place(holder).map_err(|none| match none {
            NoPlace::Unknown => ErrorCode::UNAUTHORIZED,
            NoPlace::Quota => ErrorCode::ALLOCATION_QUOTA_REACHED,
            NoPlace::Full => ErrorCode::INSUFFICIENT_CAPACITY,
        })?;
        let beginning = Box::new(Beginning {
            key: signer.key,
            username: signer.username,
            transaction: message.transaction(),
            family,
            place,
        });
        self.state = State::Opening {
            beginning,
            lifetime_s,
        };
        Ok(Effect::Open(address))
    }

    fn refresh(
        &mut self,
        message: &Received<'_>,
        signer: &Signer,
        now: Moment,
    ) -> Result<Effect<'static>, Refused> {
        let allocation = self.own_allocation(signer)?;
        if requested_family(message)?.is_some_and(|family| family != allocation.family) {
            return Err(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH);
        }
        let lifetime_s = requested_lifetime(message)?;
        allocation.expires = now.instant + Duration::from_secs(lifetime_s.into());
        let answer = message.success(&[&Lifetime::new(lifetime_s)], &signer.key);
        self.tick(now);
        Ok(Effect::Reply(answer))
    }

    fn create_permission(
        &mut self,
        message: &Received<'_>,
        signer: &Signer,
        now: Moment,
    ) -> Result<Effect<'static>, Refused> {
        let peers = message.peers().map_err(|_| ErrorCode::BAD_REQUEST)?;
        self.own_allocation(signer)?.permit(&peers, now.instant)?;
        Ok(Effect::Reply(message.success(&[], &signer.key)))
    }

    fn channel_bind(
        &mut self,
        message: &Received<'_>,
        signer: &Signer,
        now: Moment,
    ) -> Result<Effect<'static>, Refused> {
        let number = found::<ChannelNumber>(message)?.ok_or(ErrorCode::BAD_REQUEST)?;
        let peers = message.peers().map_err(|_| ErrorCode::BAD_REQUEST)?;
        let &[peer] = peers.as_slice() else {
            return Err(ErrorCode::BAD_REQUEST);
        };
        self.own_allocation(signer)?
            .bind(number.channel(), peer, now.instant)?;
        Ok(Effect::Reply(message.success(&[], &signer.key)))
    }

    /// The allocation, for whoever has made it.
    fn own_allocation(&mut self, signer: &Signer) -> Result<&mut Allocation, Refused> {
        match &mut self.state {
            State::Relaying(allocation) if allocation.username == signer.username => Ok(allocation),
            State::Relaying(_) => Err(ErrorCode::WRONG_CREDENTIALS),
            State::Stranger | State::Opening { .. } => Err(ErrorCode::ALLOCATION_MISMATCH),
        }
    }
}

fn found<A>(message: &Received<'_>) -> Result<Option<A>, Refused>
where
    A: for<'raw> AttributeFromRaw<'raw> + AttributeStaticType,
{
    message.find().map_err(|_malformed| ErrorCode::BAD_REQUEST)
}

fn requested_family(message: &Received<'_>) -> Result<Option<Family>, Refused> {
    let requested = found::<RequestedAddressFamily>(message)?;
    Ok(requested.map(|requested| match requested.family() {
        AddressFamily::IPV4 => Family::Ipv4,
        AddressFamily::IPV6 => Family::Ipv6,
    }))
}

fn requested_lifetime(message: &Received<'_>) -> Result<u32, Refused> {
    let requested = found::<Lifetime>(message)?;
    Ok(
        requested.map_or(DEFAULT_LIFETIME_S, |lifetime| match lifetime.seconds() {
            0 => 0,
            seconds => seconds.clamp(DEFAULT_LIFETIME_S, MAX_LIFETIME_S),
        }),
    )
}
