use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use data_encoding::HEXLOWER;
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

/// 256 random bits as text, of which nothing is kept.
pub(crate) fn secret() -> Result<Secret, AccountsError> {
    new().map(|(secret, _hash)| secret)
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

/// How many bytes of a hash name its row in the open: a part of a hash of 256 random bits leads nowhere.
const ID_BYTES: usize = 8;

/// The name of the row with this hash, in the open.
pub(super) fn id_of(hash: &[u8]) -> String {
    HEXLOWER.encode(&hash[..ID_BYTES.min(hash.len())])
}

/// What a hash begins with whose row has this name; of what is no name, nothing that a hash begins with.
pub(super) fn start_of(id: &str) -> Vec<u8> {
    HEXLOWER.decode(id.as_bytes()).unwrap_or_default()
}
