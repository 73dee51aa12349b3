//! How passwords are hashed, and how many at once.

use std::{num::NonZero, sync::Arc, thread::available_parallelism};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use streamspace_protocol::Secret;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{AccountsError, CredentialError, token::random};

/// What OWASP's password storage cheat sheet asks of argon2id: 19 MiB, two passes, one lane. Kept
/// with each hash, so that they can grow.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Each takes a core for some tens of milliseconds, and its memory. A flood of sign-ins gets no more.
const MOST_AT_ONCE: usize = 4;
/// Requests that wait for their turn: a second or two of work. Who comes then is to come again.
const MOST_WAITING: usize = 64;
const SALT_BYTES: usize = 16;

/// Of a password that nobody knows. Comparing with it takes the same work as with a user's own.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$c3RyZWFtc3BhY2Utbm9ib2R5$QR1Qvo1HIiJDHQ7eHGWJkIcQoW5bG0B5m2yI2yRrJ3U";

/// Hashes on blocking threads, a few at a time. Clones share the turns.
#[derive(Debug, Clone)]
pub(super) struct Hasher {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Hasher {
    pub(super) fn new() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self {
            turns: Arc::new(Semaphore::new((cores / 2).clamp(1, MOST_AT_ONCE))),
            places: Arc::new(Semaphore::new(MOST_WAITING)),
        }
    }

    /// A password's hash with its salt and parameters, as a PHC string.
    pub(super) async fn hash(&self, password: Secret) -> Result<String, CredentialError> {
        let salt: [u8; SALT_BYTES] = random()?;
        self.take_turn(move || {
            let hashed = algorithm().hash_password_with_salt(password.expose().as_bytes(), &salt);
            hashed.expect("lengths are in range").to_string()
        })
        .await
    }

    /// Whether this is the password of `hash`; without one it is not, which takes just as long.
    pub(super) async fn is_right(
        &self,
        password: Secret,
        hash: Option<&str>,
    ) -> Result<bool, CredentialError> {
        let is_a_users = hash.is_some();
        let hash = PasswordHash::new(hash.unwrap_or(NOBODYS));
        let hash = hash.map_err(|_| AccountsError::UnreadableSecret)?;
        let fits = self.take_turn(move || {
            let password = password.expose().as_bytes();
            algorithm().verify_password(password, &hash).is_ok()
        });
        Ok(fits.await? && is_a_users)
    }

    /// The turn ends with the work, also if nobody waits for it any more.
    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, CredentialError> {
        let _place = self
            .places
            .try_acquire()
            .map_err(|_| CredentialError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.expect("it is never closed");
        let working = spawn_blocking(move || {
            let outcome = work();
            drop(turn);
            outcome
        });
        working.await.map_err(|_ending| CredentialError::Busy)
    }
}

fn algorithm() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("they are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other() {
        let hasher = Hasher::new();
        let hash = hasher.hash(secret("correct horse")).await.expect("a hash");
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        for (password, expected) in [
            ("correct horse", true),
            ("correct horsf", false),
            ("", false),
        ] {
            let right = hasher.is_right(secret(password), Some(&hash)).await;
            assert_eq!(right.expect("a turn"), expected, "{password}");
        }
    }

    #[tokio::test]
    async fn equal_passwords_have_different_hashes() {
        let hasher = Hasher::new();
        let make = async || hasher.hash(secret("correct horse")).await.expect("a hash");
        assert_ne!(make().await, make().await);
    }

    #[test]
    fn nobodys_hash_takes_the_same_work_as_a_users() {
        let nobodys = PasswordHash::new(NOBODYS).expect("a hash");
        let made = algorithm()
            .hash_password_with_salt(b"x", &[7; SALT_BYTES])
            .expect("a hash");
        assert_eq!(nobodys.params, made.params);
        assert_eq!(nobodys.version, made.version);
        assert_eq!(nobodys.algorithm, made.algorithm);
        let sizes = |hash: &PasswordHash| hash.hash.as_ref().map(|output| output.len());
        assert_eq!(sizes(&nobodys), sizes(&made));
    }

    #[tokio::test]
    async fn a_flood_of_passwords_is_told_to_come_again() {
        let hasher = Hasher::new();
        let waiting: Vec<_> = (0..MOST_WAITING)
            .map(|_| hasher.places.try_acquire().expect("a place"))
            .collect();
        let refused = hasher.is_right(secret("x"), None).await;
        assert!(matches!(refused, Err(CredentialError::Busy)), "{refused:?}");
        drop(waiting);
        assert!(!hasher.is_right(secret("x"), None).await.expect("a turn"));
    }
}
