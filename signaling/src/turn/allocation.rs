//! What one client has been given: a relay's address, for a time, and peers that it may reach by it.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use turn_types::stun::{attribute::ErrorCode, message::TransactionId};

use super::{grants::Place, message::Key, rules::Family};
use crate::rfb::Throttle;

/// How long a permission lasts (RFC 8656, section 9).
const PERMISSION_TIME: Duration = Duration::from_secs(300);
/// How long a channel is bound (RFC 8656, section 12).
const CHANNEL_TIME: Duration = Duration::from_secs(600);
/// Numbers of channels, as in RFC 5766: of later clients, those of RFC 8656 are among them.
const CHANNELS: RangeInclusive<u16> = 0x4000..=0x7ffe;
/// How many of each a client may have: as many as a viewer's streamer has addresses.
const MOST: usize = 32;

pub(super) struct Allocation {
    /// Whose it is.
    pub(super) username: String,
    /// Of the request that made it, and what it was answered: requests come twice over UDP.
    pub(super) transaction: TransactionId,
    pub(super) answer: Vec<u8>,
    pub(super) family: Family,
    pub(super) expires: Instant,
    pub(super) place: Place,
    permissions: HashMap<IpAddr, Instant>,
    channels: Vec<Channel>,
    up: Throttle,
    down: Throttle,
}

struct Channel {
    number: u16,
    peer: SocketAddr,
    expires: Instant,
}

/// Where something that a peer sent comes from, as the client knows it.
pub(super) struct Source {
    pub(super) peer: SocketAddr,
    pub(super) channel: Option<u16>,
}

/// One of STUN's error codes.
pub(super) type Refused = u16;

/// What an allocation begins with.
pub(super) struct Beginning {
    pub(super) key: Key,
    pub(super) username: String,
    pub(super) transaction: TransactionId,
    pub(super) family: Family,
    pub(super) place: Place,
}

impl Allocation {
    pub(super) fn new(
        beginning: Beginning,
        answer: Vec<u8>,
        expires: Instant,
        bytes_per_second: u32,
    ) -> Self {
        Self {
            username: beginning.username,
            transaction: beginning.transaction,
            answer,
            family: beginning.family,
            expires,
            place: beginning.place,
            permissions: HashMap::new(),
            channels: Vec::new(),
            up: Throttle::new(bytes_per_second),
            down: Throttle::new(bytes_per_second),
        }
    }

    /// Permits all of these peers' addresses, or none. Of a permission the port does not matter; of each
    /// datagram it does.
    pub(super) fn permit(&mut self, peers: &[SocketAddr], now: Instant) -> Result<(), Refused> {
        if peers.is_empty() {
            return Err(ErrorCode::BAD_REQUEST);
        }
        for peer in peers {
            self.check_family(*peer)?;
            if !self.place.peers.borrow().has_address(peer.ip()) {
                return Err(ErrorCode::FORBIDDEN);
            }
        }
        self.permissions.retain(|_, expires| now < *expires);
        let is_new = |peer: &&SocketAddr| !self.permissions.contains_key(&peer.ip());
        if self.permissions.len() + peers.iter().filter(is_new).count() > MOST {
            return Err(ErrorCode::INSUFFICIENT_CAPACITY);
        }
        for peer in peers {
            self.permissions.insert(peer.ip(), now + PERMISSION_TIME);
        }
        Ok(())
    }

    /// Gives a peer a channel, or keeps the one that it has.
    pub(super) fn bind(
        &mut self,
        number: u16,
        peer: SocketAddr,
        now: Instant,
    ) -> Result<(), Refused> {
        if !CHANNELS.contains(&number) {
            return Err(ErrorCode::BAD_REQUEST);
        }
        self.check_family(peer)?;
        if self.place.peers.borrow().real(peer).is_none() {
            return Err(ErrorCode::FORBIDDEN);
        }
        self.channels.retain(|channel| now < channel.expires);
        let expires = now + CHANNEL_TIME;
        let is_full = self.channels.len() >= MOST;
        let same = |channel: &&mut Channel| channel.number == number || channel.peer == peer;
        match self.channels.iter_mut().find(same) {
            Some(channel) if channel.number == number && channel.peer == peer => {
                channel.expires = expires;
            }
            Some(_) => return Err(ErrorCode::BAD_REQUEST),
            None if is_full => return Err(ErrorCode::INSUFFICIENT_CAPACITY),
            None => self.channels.push(Channel {
                number,
                peer,
                expires,
            }),
        }
        self.permit(&[peer], now)
    }

    /// Where a datagram for this peer goes, if it may.
    pub(super) fn outward(
        &mut self,
        peer: SocketAddr,
        bytes: usize,
        now: Instant,
    ) -> Option<SocketAddr> {
        let real = self.place.peers.borrow().real(peer)?;
        let may_pass = self.is_permitted(peer.ip(), now) && passes(&mut self.up, bytes, now);
        may_pass.then_some(real)
    }

    /// The peer of a channel.
    pub(super) fn peer_of(&self, number: u16, now: Instant) -> Option<SocketAddr> {
        let is_it = |channel: &&Channel| channel.number == number && now < channel.expires;
        Some(self.channels.iter().find(is_it)?.peer)
    }

    /// Whence a datagram comes, if it may.
    pub(super) fn inward(
        &mut self,
        real: SocketAddr,
        bytes: usize,
        now: Instant,
    ) -> Option<Source> {
        let peer = self.place.peers.borrow().told(real)?;
        if !self.is_permitted(peer.ip(), now) || !passes(&mut self.down, bytes, now) {
            return None;
        }
        let is_its = |channel: &&Channel| channel.peer == peer && now < channel.expires;
        let channel = self.channels.iter().find(is_its);
        Some(Source {
            peer,
            channel: channel.map(|channel| channel.number),
        })
    }

    fn is_permitted(&self, ip: IpAddr, now: Instant) -> bool {
        self.permissions.get(&ip).is_some_and(|until| now < *until)
    }

    fn check_family(&self, peer: SocketAddr) -> Result<(), Refused> {
        if Family::of(peer) == self.family {
            Ok(())
        } else {
            Err(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH)
        }
    }
}

/// As on any link, what is too much is lost.
fn passes(throttle: &mut Throttle, bytes: usize, now: Instant) -> bool {
    let passes = throttle.ready(now) <= now;
    if passes {
        throttle.spend(bytes, now);
    }
    passes
}
