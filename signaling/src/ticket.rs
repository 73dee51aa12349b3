//! Join tokens: signed, short-lived, good for one WebSocket.
//!
//! A token is `base64url(claims as JSON) "." base64url(Ed25519 signature of that text)`, without
//! padding. The API issues it, the gateway redeems it; they share a key pair and nothing else.

mod issuer;
mod redeemer;

pub use issuer::{Issuer, KeyError, pair};
pub use redeemer::{DEFAULT_REMEMBERED, MAX_TOKEN_BYTES, Redeemer, TicketError};

use serde::{Deserialize, Serialize};
use streamspace_protocol::{Person, Role, SessionId, Ticket, TraceContext};

/// How long a token is good, in seconds.
pub const LIFETIME_S: u32 = 15;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub session: SessionId,
    pub role: Role,
    /// Who comes.
    pub person: Person,
    /// 128 random bits, so that no two tokens are the same.
    pub nonce: Nonce,
    /// Milliseconds since the Unix epoch; from then on the token is no good.
    pub expires_unix_ms: i64,
    /// The span of the request that asked for the token, where that is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}

impl Claims {
    /// Those of somebody who needs no token.
    pub(crate) fn without_token(session: SessionId, role: Role, person: Person) -> Self {
        Self {
            session,
            role,
            person,
            nonce: Nonce::default(),
            expires_unix_ms: 0,
            trace: None,
        }
    }

    /// What the session remembers, so that nobody comes by the same token again.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        (self.expires_unix_ms != 0).then_some(Ticket {
            expires_unix_ms: self.expires_unix_ms,
            nonce: self.nonce.0,
        })
    }
}

/// What tells two tokens apart.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce([u8; 16]);

/// A person for tests.
#[cfg(test)]
pub(crate) fn somebody() -> Person {
    Person {
        id: streamspace_protocol::PersonId::new([1; 16]),
        name: streamspace_protocol::PersonName::cleaned("Ada").expect("a name"),
        share: None,
        until_unix_ms: None,
    }
}

#[cfg(test)]
mod tests;
