use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};
use streamspace_protocol::Secret;

use super::AccountsError;

/// What is kept of a token.
pub(super) type Hash = Vec<u8>;

/// 256 random bits as text, and their hash. There is nothing to guess, so the hash needs no salt.
pub(super) fn new() -> Result<(Secret, Hash), AccountsError> {
    let token = BASE64.encode(random::<32>()?);
    let hash = hash(&token);
    Ok((Secret::new(token), hash))
}

pub(super) fn random<const N: usize>() -> Result<[u8; N], AccountsError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|ring::error::Unspecified| AccountsError::NoRandomness)?;
    Ok(bytes)
}

pub(super) fn hash(token: &str) -> Hash {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}
