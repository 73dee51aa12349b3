//! Secrets that have to be read again, kept so that the database alone does not give them away.

use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Prk, Salt},
};

use super::{AccountsError, token::random};

const KEY_BYTES: usize = 32;

/// Seals with AES-256-GCM: the nonce, then what it gives. A random nonce is enough for the few secrets
/// that there ever are.
pub(super) struct Sealer {
    key: LessSafeKey,
    /// From which the keys for other purposes come.
    source: Prk,
}

impl Sealer {
    /// With a key that is gone when the value is.
    #[cfg(test)]
    pub(super) fn new() -> Result<Self, AccountsError> {
        Ok(Self::with(&random()?))
    }

    /// With the key in this file, which is made if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, AccountsError> {
        match fs::read(path) {
            Ok(bytes) => {
                let key = bytes.try_into();
                let key = key.map_err(|_| AccountsError::UnreadableSecret)?;
                Ok(Self::with(&key))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = random()?;
                write_whole(path, &key)?;
                Ok(Self::with(&key))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn with(key: &[u8; KEY_BYTES]) -> Self {
        let source = Salt::new(HKDF_SHA256, b"streamspace accounts").extract(key);
        let key = UnboundKey::new(&AES_256_GCM, key);
        Self {
            key: LessSafeKey::new(key.expect("it has the algorithm's length")),
            source,
        }
    }

    /// A key for this purpose: the same each time, and no way to this one or to those for others.
    pub(super) fn derived(&self, purpose: &str) -> [u8; KEY_BYTES] {
        let mut key = [0; KEY_BYTES];
        let info = [purpose.as_bytes()];
        let made = self.source.expand(&info, HKDF_SHA256);
        let filled = made.and_then(|made| made.fill(&mut key));
        filled.expect("it is as long as the algorithm's hash");
        key
    }

    /// What only this key opens, and only as this owner's.
    pub(super) fn seal(&self, owner: &str, secret: &[u8]) -> Result<Vec<u8>, AccountsError> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(owner.as_bytes()),
                &mut sealed,
            )
            .expect("a secret is far shorter than the algorithm's limit");
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn unseal(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, AccountsError> {
        let unreadable = || AccountsError::UnreadableSecret;
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or_else(unreadable)?;
        let mut secret = sealed.to_vec();
        let opened = self.key.open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(owner.as_bytes()),
            &mut secret,
        );
        let length = opened.map_err(|_| unreadable())?.len();
        secret.truncate(length);
        Ok(secret)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

/// A file that is there at once, with all that belongs into it, for its owner alone.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("key.new");
    let mut file = fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_owner_only() {
        let sealer = Sealer::new().expect("randomness");
        let sealed = sealer.seal("ada", b"secret").expect("randomness");
        assert_eq!(sealer.unseal("ada", &sealed).expect("hers"), b"secret");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));

        let mut changed = sealed.clone();
        changed[NONCE_LEN] ^= 1;
        let other = Sealer::new().expect("randomness");
        for outcome in [
            sealer.unseal("eve", &sealed),
            other.unseal("ada", &sealed),
            sealer.unseal("ada", &changed),
            sealer.unseal("ada", &sealed[..5]),
            sealer.unseal("ada", &[]),
        ] {
            assert!(
                matches!(outcome, Err(AccountsError::UnreadableSecret)),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own_that_is_the_same_each_time() {
        let sealer = Sealer::new().expect("randomness");
        assert_eq!(sealer.derived("a"), sealer.derived("a"));
        assert_ne!(sealer.derived("a"), sealer.derived("b"));
        let other = Sealer::new().expect("randomness");
        assert_ne!(sealer.derived("a"), other.derived("a"));
    }

    #[test]
    fn the_key_outlives_the_program() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("accounts.key");
        let sealed = Sealer::open(&path).expect("a new key").seal("ada", b"x");
        let again = Sealer::open(&path).expect("the same key");
        let opened = again.unseal("ada", &sealed.expect("randomness"));
        assert_eq!(opened.expect("readable"), b"x");
    }

    #[test]
    fn a_key_that_is_cut_off_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("accounts.key");
        fs::write(&path, [0; KEY_BYTES - 1]).expect("written");
        let outcome = Sealer::open(&path);
        assert!(
            matches!(outcome, Err(AccountsError::UnreadableSecret)),
            "{outcome:?}"
        );
    }
}
