use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};
use streamspace_protocol::{Person, Role, Secret, SessionId};

use super::{Claims, LIFETIME_S, Nonce, Redeemer};

/// Signs join tokens.
pub struct Issuer {
    key: Ed25519KeyPair,
    random: SystemRandom,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the operating system gives no random bytes, so no signing key can be made")]
    NoRandomness,
    #[error("the signing key is not an Ed25519 key in PKCS #8 form")]
    NotAKey,
}

/// An issuer with a new key, and the redeemer of its tokens.
///
/// # Errors
/// [`KeyError::NoRandomness`].
pub fn pair(remembered: usize) -> Result<(Issuer, Redeemer), KeyError> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|ring::error::Unspecified| KeyError::NoRandomness)?;
    let issuer = Issuer::from_pkcs8(document.as_ref())?;
    let redeemer = Redeemer::new(issuer.public_key(), remembered);
    Ok((issuer, redeemer))
}

impl Issuer {
    /// Reads a private key (RFC 8410, version 2: with its public key).
    ///
    /// # Errors
    /// [`KeyError::NotAKey`].
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, KeyError> {
        let key = Ed25519KeyPair::from_pkcs8(document)
            .map_err(|ring::error::KeyRejected { .. }| KeyError::NotAKey)?;
        Ok(Self {
            key,
            random: SystemRandom::new(),
        })
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
