use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

use super::Algorithm;

/// Of one issuer; the rest is not looked at.
const MAX_KEYS: usize = 64;

/// Signs with Ed25519.
pub(crate) struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The same seed makes the same key.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a seed"))
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::Ed25519(self.0.public_key().as_ref().to_vec())
    }

    pub(super) fn sign(&self, message: &[u8]) -> impl AsRef<[u8]> + use<> {
        self.0.sign(message)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// Tells who has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Modulus and exponent, big-endian.
    Rsa(Vec<u8>, Vec<u8>),
    /// A point as it is written uncompressed.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl PublicKey {
    pub(super) fn has_signed(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let outcome = match (self, algorithm) {
            (Self::Rsa(n, e), Algorithm::Rs256) => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Self::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Self::Ed25519(key), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
            }
            (Self::Rsa(..) | Self::P256(_) | Self::Ed25519(_), _) => return false,
        };
        outcome.is_ok()
    }
}

/// The keys of an issuer (JWKS).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeySet(Vec<NamedKey>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct NamedKey {
    name: Option<String>,
    key: PublicKey,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<Algorithm>,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(tag = "kty")]
enum Kind {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec { crv: String, x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { crv: String, x: String },
}

impl KeySet {
    /// Keys that are for something else are left out. `None` for what is no key set.
    pub(crate) fn read(json: &[u8]) -> Option<Self> {
        let Jwks { keys } = serde_json::from_slice(json).ok()?;
        let keys = keys.into_iter().take(MAX_KEYS);
        Some(Self(keys.filter_map(read).collect()))
    }

    pub(crate) fn has(&self, name: Option<&str>) -> bool {
        self.named(name).next().is_some()
    }

    /// Those that a token may be signed with that names this key, or none.
    pub(crate) fn named(&self, name: Option<&str>) -> impl Iterator<Item = &PublicKey> {
        let fits = move |key: &&NamedKey| name.is_none() || key.name.as_deref() == name;
        self.0.iter().filter(fits).map(|named| &named.key)
    }
}

fn read(jwk: serde_json::Value) -> Option<NamedKey> {
    let Jwk {
        kid,
        r#use,
        alg,
        kind,
    } = serde_json::from_value(jwk).ok()?;
    let (algorithm, key) = match kind {
        Kind::Rsa { n, e } => (Algorithm::Rs256, PublicKey::Rsa(bytes(&n)?, bytes(&e)?)),
        Kind::Ec { crv, x, y } if crv == "P-256" => {
            let point = [vec![4], bytes(&x)?, bytes(&y)?].concat();
            (Algorithm::Es256, PublicKey::P256(point))
        }
        Kind::Okp { crv, x } if crv == "Ed25519" => {
            (Algorithm::EdDsa, PublicKey::Ed25519(bytes(&x)?))
        }
        Kind::Ec { .. } | Kind::Okp { .. } => return None,
    };
    let is_for_this = r#use.is_none_or(|it| it == "sig") && alg.is_none_or(|it| it == algorithm);
    is_for_this.then_some(NamedKey { name: kid, key })
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}
