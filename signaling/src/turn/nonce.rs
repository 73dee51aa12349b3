//! Nonces that a server need not remember: it knows its own by their MAC.

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};

use crate::ticket::KeyError;

/// How long a nonce is good. Clients are told and go on with a new one.
const LIFETIME_S: i64 = 3600;
const TAG_BYTES: usize = 16;

pub(super) struct Nonces(hmac::Key);

impl Nonces {
    pub(super) fn new() -> Result<Self, KeyError> {
        let mut key = [0; 32];
        SystemRandom::new()
            .fill(&mut key)
            .map_err(|ring::error::Unspecified| KeyError::NoRandomness)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// A nonce for one client, from `now` on, in Unix seconds.
    pub(super) fn issue(&self, client: SocketAddr, now_s: i64) -> String {
        let mut nonce = now_s.to_be_bytes().to_vec();
        nonce.extend_from_slice(&self.tag(client, now_s).as_ref()[..TAG_BYTES]);
        BASE64.encode(nonce)
    }

    /// Whether it is one of ours, this client's, and not too old. Nobody gains by the time that the
    /// comparison takes: nonces are no secret, and who makes one up still needs a password.
    pub(super) fn is_good(&self, nonce: &str, client: SocketAddr, now_s: i64) -> bool {
        let issued = BASE64.decode(nonce).ok().and_then(|bytes| {
            let time = bytes.first_chunk::<8>()?;
            Some(i64::from_be_bytes(*time))
        });
        issued.is_some_and(|issued| {
            let age = now_s.saturating_sub(issued);
            (0..LIFETIME_S).contains(&age) && self.issue(client, issued) == nonce
        })
    }

    fn tag(&self, client: SocketAddr, time_s: i64) -> hmac::Tag {
        hmac::sign(&self.0, format!("{time_s} {client}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_its_client_and_its_time() {
        let nonces = Nonces::new().expect("randomness");
        let client: SocketAddr = "192.0.2.1:5000".parse().expect("an address");
        let other: SocketAddr = "192.0.2.1:5001".parse().expect("an address");
        let nonce = nonces.issue(client, 1000);
        assert!(nonces.is_good(&nonce, client, 1000));
        assert!(nonces.is_good(&nonce, client, 1000 + LIFETIME_S - 1));
        assert!(!nonces.is_good(&nonce, client, 1000 + LIFETIME_S));
        assert!(!nonces.is_good(&nonce, client, 999));
        assert!(!nonces.is_good(&nonce, other, 1000));
        let another_server = Nonces::new().expect("randomness");
        assert!(!another_server.is_good(&nonce, client, 1000));
        for text in ["", "A", "!", "AAAAAAAAAAA", &nonce[1..]] {
            assert!(!nonces.is_good(text, client, 1000), "{text}");
        }
    }
}
