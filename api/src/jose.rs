//! Signed tokens (JWS in its compact form, RFC 7515), and the keys that vouch for them (JWK, RFC 7517).
//!
//! The kind of a key says which algorithm it is for, whatever a token's header claims: so none of the ways in
//! which algorithms are confused is open, `none` and secrets as keys least of all.

mod keys;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::json;

pub(crate) use keys::{KeySet, PublicKey, SigningKey};

/// Longer ones are refused unread.
const MAX_TOKEN_BYTES: usize = 16 << 10;

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JoseError {
    #[error("it is no signed token")]
    Malformed,
    #[error("it is signed in a way that is not accepted: RS256, ES256 and EdDSA are")]
    Algorithm,
    #[error("none of the known keys has signed it")]
    Signature,
    #[error("it does not hold what it has to")]
    Claims,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: Algorithm,
    typ: Option<String>,
    kid: Option<String>,
    /// What has to be understood; nothing of it is.
    crit: Option<IgnoredAny>,
}

/// Those that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Algorithm {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "ES256")]
    Es256,
    /// With Ed25519 (RFC 8037; RFC 9864 calls it by the curve).
    #[serde(rename = "EdDSA", alias = "Ed25519")]
    EdDsa,
}

/// A token whose signature nobody has looked at yet.
#[derive(Debug)]
pub(crate) struct Unverified<'a> {
    header: Header,
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// # Errors
    /// What is no token, or is signed by an algorithm that is not accepted.
    pub(crate) fn read(text: &'a str) -> Result<Self, JoseError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(JoseError::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JoseError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JoseError::Malformed)?;
        let header = decoded(header)?;
        // So that a wrong algorithm is told apart from no token at all.
        if serde_json::from_slice::<serde_json::Value>(&header).is_err() {
            return Err(JoseError::Malformed);
        }
        let header: Header = serde_json::from_slice(&header).map_err(|_| JoseError::Algorithm)?;
        if header.crit.is_some() {
            return Err(JoseError::Algorithm);
        }
        Ok(Self {
            header,
            signed,
            payload,
            signature: decoded(signature)?,
        })
    }

    /// The name of the key that it says it is signed with.
    pub(crate) fn key_name(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// What kind of token it says it is.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// What it says, if this key has signed it.
    ///
    /// # Errors
    /// Another key has; it says something else than a `T`.
    pub(crate) fn verified<T: DeserializeOwned>(self, key: &PublicKey) -> Result<T, JoseError> {
        self.verified_by_any([key])
    }

    /// What it says, if one of these keys has signed it.
    ///
    /// # Errors
    /// None of them has; it says something else than a `T`.
    pub(crate) fn verified_by_any<'k, T: DeserializeOwned>(
        self,
        keys: impl IntoIterator<Item = &'k PublicKey>,
    ) -> Result<T, JoseError> {
        let (algorithm, signed) = (self.header.alg, self.signed.as_bytes());
        let mut keys = keys.into_iter();
        if !keys.any(|key| key.has_signed(algorithm, signed, &self.signature)) {
            return Err(JoseError::Signature);
        }
        serde_json::from_slice(&decoded(self.payload)?).map_err(|_| JoseError::Claims)
    }
}

/// A token of this kind that says this.
pub(crate) fn sign<T: Serialize>(key: &SigningKey, kind: &str, claims: &T) -> String {
    let header = json!({ "alg": "EdDSA", "typ": kind });
    let signed = format!("{}.{}", encoded(&header), encoded(claims));
    let signature = BASE64.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn encoded<T: Serialize>(value: &T) -> String {
    BASE64
        .encode(serde_json::to_vec(value).expect("tokens hold no maps with keys that are no text"))
}

fn decoded(text: &str) -> Result<Vec<u8>, JoseError> {
    BASE64.decode(text).map_err(|_| JoseError::Malformed)
}

#[cfg(test)]
mod tests;
