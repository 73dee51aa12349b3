//! Credentials that end by themselves, as coturn's `use-auth-secret` knows them.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use jiff::Timestamp;
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use streamspace_protocol::Secret;

use crate::ticket::KeyError;

/// What a TURN server and whoever issues its credentials both know.
#[derive(Clone)]
pub struct SharedSecret(hmac::Key);

/// What a browser shows to a TURN server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `1767225600:desk.7`: when they end, in Unix seconds, and whose they are.
    pub username: String,
    pub password: Secret,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a TURN secret has at least {} bytes", SharedSecret::MIN_BYTES)]
pub struct InvalidSecret;

impl SharedSecret {
    /// A shorter one could be guessed from any credentials.
    pub const MIN_BYTES: usize = 16;

    /// The secret that a TURN server was configured with.
    ///
    /// # Errors
    /// One that is too short to be a secret.
    pub fn new(text: &str) -> Result<Self, InvalidSecret> {
        if text.len() < Self::MIN_BYTES {
            return Err(InvalidSecret);
        }
        Ok(Self::of(text.as_bytes()))
    }

    /// One that nobody else knows.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn random() -> Result<Self, KeyError> {
        let mut bytes = [0; 32];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|ring::error::Unspecified| KeyError::NoRandomness)?;
        Ok(Self::of(&bytes))
    }

    /// SHA-1 is what TURN servers agree on; as a MAC it is sound.
    fn of(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, bytes))
    }

    /// Credentials for `holder` that end at `until`.
    pub fn issue(&self, holder: &str, until: Timestamp) -> Credentials {
        let username = format!("{}:{holder}", until.as_second());
        Credentials {
            password: self.password(&username),
            username,
        }
    }

    /// The password that goes with a user name, whatever it says.
    pub(super) fn password(&self, username: &str) -> Secret {
        let tag = hmac::sign(&self.0, username.as_bytes());
        Secret::new(BASE64.encode(tag))
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret redacted>")
    }
}

/// When the credentials of this name end, in Unix seconds, and who holds them.
pub(super) fn read_username(username: &str) -> Option<(i64, &str)> {
    let (until, holder) = username.split_once(':')?;
    Some((until.parse().ok()?, holder))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `turnutils_uclient` of coturn computes it: `base64(hmac-sha1(secret, username))`.
    #[test]
    fn credentials_are_those_that_coturn_expects() {
        let secret = SharedSecret::new("0123456789abcdef").expect("long enough");
        let until = Timestamp::from_second(1_767_225_600).expect("a time");
        let credentials = secret.issue("desk.7", until);
        assert_eq!(credentials.username, "1767225600:desk.7");
        assert_eq!(
            credentials.password.expose(),
            "eLGRUbe/5tm28DzqHV6hLvS+9Jo="
        );
        assert_eq!(
            read_username(&credentials.username),
            Some((1_767_225_600, "desk.7"))
        );
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_shown() {
        assert_eq!(SharedSecret::new("short").err(), Some(InvalidSecret));
        let secret = SharedSecret::new("0123456789abcdef").expect("long enough");
        assert!(!format!("{secret:?}").contains("0123"));
    }

    #[test]
    fn a_name_without_its_end_is_nobodys() {
        for name in ["", "desk", ":desk", "x:desk", "99999999999999999999:desk"] {
            assert_eq!(read_username(name), None, "{name}");
        }
    }
}
