use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};
use streamspace_protocol::{Person, Role, Secret, SessionId};

use super::{Claims, LIFETIME_S, Nonce, Redeemer};

/// Of an Ed25519 key.
const SEED_BYTES: usize = 32;

/// Signs join tokens.
pub struct Issuer {
    key: Ed25519KeyPair,
    random: SystemRandom,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the operating system gives no random bytes, so no signing key can be made")]
    NoRandomness,
}

/// An issuer, and the redeemer of its tokens. Those with the same `seed`, which is a secret, take each
/// other's.
#[must_use]
pub fn pair(seed: &[u8; SEED_BYTES], remembered: usize) -> (Issuer, Redeemer) {
    let issuer = Issuer::from_seed(seed);
    let redeemer = Redeemer::new(issuer.public_key(), remembered);
    (issuer, redeemer)
}

impl Issuer {
    /// With the key that this seed gives (RFC 8032).
    #[must_use]
    pub fn from_seed(seed: &[u8; SEED_BYTES]) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(seed);
        Self {
            key: key.expect("a seed of this length is one"),
            random: SystemRandom::new(),
        }
    }

    /// What [`Redeemer::new`] needs: 32 bytes.
    pub fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    /// A new token for one WebSocket of `session`, for this person, good for [`LIFETIME_S`] from `now`.
    pub fn issue(&self, session: &SessionId, role: Role, person: Person, now: Timestamp) -> Secret {
        let expires = now
            .saturating_add(Duration::from_secs(LIFETIME_S.into()))
            .expect("a std Duration is an absolute length of time");
        let claims = Claims {
            session: session.clone(),
            role,
            person,
            nonce: self.nonce(),
            expires_unix_ms: expires.as_millisecond(),
            trace: streamspace_traces::current(),
        };
        self.sign(&claims)
    }

    pub(super) fn sign(&self, claims: &Claims) -> Secret {
        let json = serde_json::to_vec(claims).expect("claims hold no map with non-string keys");
        let body = BASE64.encode(json);
        let signature = BASE64.encode(self.key.sign(body.as_bytes()));
        Secret::new(format!("{body}.{signature}"))
    }

    fn nonce(&self) -> Nonce {
        let mut bytes = [0; 16];
        self.random
            .fill(&mut bytes)
            .expect("the random source that made the key goes on working");
        Nonce(bytes)
    }
}
