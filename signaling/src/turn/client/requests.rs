//! Requests, which are signed: by whom, and what they are answered.

use std::time::Duration;

use turn_types::{
    AddressFamily,
    attribute::{ChannelNumber, Lifetime, RequestedAddressFamily, RequestedTransport},
    stun::{
        attribute::ErrorCode,
        prelude::{AttributeFromRaw, AttributeStaticType},
    },
};

use super::{Client, Effect, Moment, State};
use crate::turn::{
    allocation::{Allocation, Beginning, Refused},
    credentials::read_username,
    grants::NoPlace,
    message::{Asked, Key, Received},
    rules::Family,
};

/// How long an allocation lasts if the client does not say, and at most, unless it is refreshed.
const DEFAULT_LIFETIME_S: u32 = 600;
const MAX_LIFETIME_S: u32 = 3600;
/// As an IP protocol number.
const UDP: u8 = 17;

/// Whoever has signed a request.
pub(super) struct Signer {
    username: String,
    key: Key,
}

impl Client {
    /// Who asks (RFC 8489, section 9.2.4), or the answer to somebody who has not shown that.
    pub(super) fn authenticate(
        &self,
        message: &Received<'_>,
        now: Moment,
    ) -> Result<Signer, Vec<u8>> {
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

    pub(super) fn request(
        &mut self,
        message: &Received<'_>,
        signer: Signer,
        now: Moment,
    ) -> Effect<'static> {
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
