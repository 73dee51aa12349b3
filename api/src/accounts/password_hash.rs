//! How passwords are hashed, and how many at once.

use std::{
    fmt,
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        Error,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
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

/// What a hash is computed in. It is kept for the next one: given back to the allocator each time, it
/// piles up there instead of going back to the system.
type Memory = Vec<Block>;

/// Hashes on blocking threads, a few at a time. Clones share the turns.
#[derive(Clone)]
pub(super) struct Hasher {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// Of the turns that nobody has now, if they were ever taken.
    idle: Arc<Mutex<Vec<Memory>>>,
}

impl Hasher {
    pub(super) fn new() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self {
            turns: Arc::new(Semaphore::new((cores / 2).clamp(1, MOST_AT_ONCE))),
            places: Arc::new(Semaphore::new(MOST_WAITING)),
            idle: Arc::default(),
        }
    }

    /// A password's hash with its salt and parameters, as a PHC string.
    pub(super) async fn hash(&self, password: Secret) -> Result<String, CredentialError> {
        let salt: [u8; SALT_BYTES] = random()?;
        self.take_turn(move |memory| {
            let hash = hash(password.expose().as_bytes(), &salt, memory);
            hash.expect("lengths and parameters are in range")
                .to_string()
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
        let fits = self.take_turn(move |memory| fits(password.expose().as_bytes(), &hash, memory));
        let fits = fits.await?.map_err(|_| AccountsError::UnreadableSecret)?;
        Ok(fits && is_a_users)
    }

    /// The turn ends with the work, also if nobody waits for it any more.
    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, CredentialError> {
        let place = self.places.try_acquire();
        let _place = place.map_err(|_| CredentialError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.expect("it is never closed");
        let idle = Arc::clone(&self.idle);
        let working = spawn_blocking(move || {
            let mut memory = lock(&idle).pop().unwrap_or_default();
            let outcome = work(&mut memory);
            lock(&idle).push(memory);
            drop(turn);
            outcome
        });
        working.await.map_err(|_ending| CredentialError::Busy)
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

/// Each change is one step, so it stays true even if a task panics with the lock held.
fn lock(idle: &Mutex<Vec<Memory>>) -> MutexGuard<'_, Vec<Memory>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash(password: &[u8], salt: &[u8], memory: &mut Memory) -> Result<PasswordHash, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(Params::DEFAULT_OUTPUT_LEN))?;
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(output(password, salt, params, memory)?),
    })
}

/// Whether it is the password of the hash, whose parameters may be others than today's.
fn fits(password: &[u8], hash: &PasswordHash, memory: &mut Memory) -> Result<bool, Error> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
        return Err(Error::PasswordInvalid);
    };
    let found = output(password, salt, Params::try_from(hash)?, memory)?;
    // In constant time.
    Ok(found == *expected)
}

fn output(
    password: &[u8],
    salt: &[u8],
    params: Params,
    memory: &mut Memory,
) -> Result<Output, Error> {
    memory.resize(params.block_count(), Block::default());
    let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password, salt, &mut bytes, memory)?;
    Output::new(&bytes).map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;

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
        let made = hash(b"x", &[7; SALT_BYTES], &mut Memory::new()).expect("a hash");
        assert_eq!(nobodys.params, made.params);
        assert_eq!(nobodys.version, made.version);
        assert_eq!(nobodys.algorithm, made.algorithm);
        let sizes = |hash: &PasswordHash| hash.hash.as_ref().map(|output| output.len());
        assert_eq!(sizes(&nobodys), sizes(&made));
        let fits = fits(b"x", &nobodys, &mut Memory::new());
        assert_eq!(fits, Ok(false));
    }

    #[test]
    fn a_hash_is_one_that_others_make_too() {
        let hash = hash(b"password", b"somesaltsomesalt", &mut Memory::new()).expect("a hash");
        let theirs = Argon2::default().verify_password(b"password", &hash);
        assert_eq!(theirs, Ok(()));
    }

    #[tokio::test]
    async fn no_more_memory_is_kept_than_there_are_turns() {
        let hasher = Hasher::new();
        let turns = hasher.turns.available_permits();
        let tries = (0..8).map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.is_right(secret("x"), None).await })
        });
        for one in tries.collect::<Vec<_>>() {
            let right = one.await.expect("no panic");
            assert!(!right.expect("a turn"));
        }
        let kept = lock(&hasher.idle).len();
        assert!((1..=turns).contains(&kept), "{kept} of {turns}");
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
