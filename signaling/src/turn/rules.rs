//! What all clients of a TURN server share.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use super::{credentials::SharedSecret, grants::Grants, nonce::Nonces};
use crate::ticket::KeyError;

/// The rules of one server.
pub struct Rules {
    pub(super) secret: SharedSecret,
    pub(super) nonces: Nonces,
    pub(super) grants: Arc<Grants>,
    relay_ipv4: Option<Ipv4Addr>,
    relay_ipv6: Option<Ipv6Addr>,
}

impl Rules {
    /// Relays are opened on the first IPv4 and the first IPv6 of `relay_addresses`, which streamers
    /// must reach; browsers need not.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn new(
        secret: SharedSecret,
        grants: Arc<Grants>,
        relay_addresses: &[IpAddr],
    ) -> Result<Self, KeyError> {
        let ipv4 = |address: &IpAddr| match address {
            IpAddr::V4(ip) => Some(*ip),
            IpAddr::V6(_) => None,
        };
        let ipv6 = |address: &IpAddr| match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(ip) => Some(*ip),
        };
        Ok(Self {
            secret,
            nonces: Nonces::new()?,
            grants,
            relay_ipv4: relay_addresses.iter().find_map(ipv4),
            relay_ipv6: relay_addresses.iter().find_map(ipv6),
        })
    }

    pub fn grants(&self) -> &Arc<Grants> {
        &self.grants
    }

    pub(super) fn relay_address(&self, family: Family) -> Option<IpAddr> {
        match family {
            Family::Ipv4 => self.relay_ipv4.map(IpAddr::V4),
            Family::Ipv6 => self.relay_ipv6.map(IpAddr::V6),
        }
    }
}

/// Of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Ipv4,
    Ipv6,
}

impl Family {
    pub(super) fn of(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(_) => Self::Ipv4,
            SocketAddr::V6(_) => Self::Ipv6,
        }
    }
}
