use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use ring::signature::{ED25519, UnparsedPublicKey};
use streamspace_protocol::{Code, SessionId};

use super::{Claims, Nonce};

/// Longer texts are refused unread.
pub const MAX_TOKEN_BYTES: usize = 1024;

/// How many redeemed tokens a gateway remembers by default: 4000 joins a second, in 4 MiB.
pub const DEFAULT_REMEMBERED: usize = 65_536;

/// Accepts each good token once.
///
/// A redeemed token is remembered until it has expired. When the memory is full, further tokens are
/// refused: forgetting one would let it be used again.
#[derive(Debug)]
pub struct Redeemer {
    key: UnparsedPublicKey<Vec<u8>>,
    capacity: usize,
    /// Expiry and nonce of each redeemed token, soonest expiry first.
    used: BTreeSet<(i64, Nonce)>,
    /// Tokens that expire up to here may have been forgotten, so they stay expired even when the
    /// clock is set back.
    forgotten_unix_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    #[error("the join token is not valid for this session; ask for a new one")]
    Invalid,
    #[error("the join token has expired; ask for a new one")]
    Expired,
    #[error("the join token has been used before; ask for a new one")]
    Used,
    #[error("too many viewers join at this moment; try again in a few seconds")]
    TooMany,
}

impl TicketError {
    pub fn code(self) -> Code {
        match self {
            Self::Invalid => Code::TokenInvalid,
            Self::Expired => Code::TokenExpired,
            Self::Used => Code::TokenUsed,
            Self::TooMany => Code::LimitReached,
        }
    }
}

impl Redeemer {
    /// `public_key` is the issuer's; `capacity` is the most tokens remembered at once.
    pub fn new(public_key: &[u8], capacity: usize) -> Self {
        Self {
            key: UnparsedPublicKey::new(&ED25519, public_key.to_vec()),
            capacity,
            used: BTreeSet::new(),
            forgotten_unix_ms: i64::MIN,
        }
    }

    /// Checks a token and uses it up.
    ///
    /// # Errors
    /// A token that is forged, for another session, expired or used before; or a full memory, in
    /// which case the token remains good.
    pub fn redeem(
        &mut self,
        token: &str,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Claims, TicketError> {
        let claims = self.verify(token).ok_or(TicketError::Invalid)?;
        if claims.session != *session {
            return Err(TicketError::Invalid);
        }
        self.forget_expired(now.as_millisecond());
        if claims.expires_unix_ms <= now.as_millisecond().max(self.forgotten_unix_ms) {
            return Err(TicketError::Expired);
        }
        self.remember(claims)
    }

    fn verify(&self, token: &str) -> Option<Claims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (body, signature) = token.split_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        self.key.verify(body.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&BASE64.decode(body).ok()?).ok()
    }

    fn forget_expired(&mut self, now_unix_ms: i64) {
        while let Some(&(expires, _)) = self.used.first()
            && expires <= now_unix_ms
        {
            self.used.pop_first();
            self.forgotten_unix_ms = self.forgotten_unix_ms.max(expires);
        }
    }

    fn remember(&mut self, claims: Claims) -> Result<Claims, TicketError> {
        let entry = (claims.expires_unix_ms, claims.nonce);
        if self.used.contains(&entry) {
            return Err(TicketError::Used);
        }
        if self.used.len() >= self.capacity {
            return Err(TicketError::TooMany);
        }
        self.used.insert(entry);
        Ok(claims)
    }
}
