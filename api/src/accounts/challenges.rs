//! Questions that a passkey answers, each once.
//!
//! A challenge tells itself whether it is one of ours, so that strangers who ask for many fill no table; only those
//! that were answered rightly are noted.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use ring::hmac;

use super::{Accounts, AccountsError, token};

/// For people to find their device.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
const RANDOM_BYTES: usize = 16;
const TIME_BYTES: usize = 8;

/// What a challenge is for; it does for nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose<'a> {
    SignIn,
    /// A new passkey of this user's.
    Add(&'a str),
}

impl Purpose<'_> {
    fn text(self) -> String {
        match self {
            Self::SignIn => "sign in".to_owned(),
            Self::Add(name) => format!("add {name}"),
        }
    }
}

impl Accounts {
    /// A new one.
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub(crate) fn challenge(
        &self,
        purpose: Purpose<'_>,
        now: Timestamp,
    ) -> Result<String, AccountsError> {
        let expires_ms = now.as_millisecond() + LIFETIME.as_millis() as i64;
        let random: [u8; RANDOM_BYTES] = token::random()?;
        let body = [random.as_slice(), &expires_ms.to_be_bytes()].concat();
        let tag = hmac::sign(&self.challenge_key(purpose), &body);
        Ok(BASE64.encode([&body, tag.as_ref()].concat()))
    }

    /// Whether it is one of ours, for this, of the last minutes, and was not answered before. It is answered now.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(super) async fn use_challenge(
        &self,
        purpose: Purpose<'_>,
        challenge: &str,
        now: Timestamp,
    ) -> Result<bool, AccountsError> {
        let Some(expires_ms) = self.end_of_challenge(purpose, challenge) else {
            return Ok(false);
        };
        if expires_ms <= now.as_millisecond() {
            return Ok(false);
        }
        sqlx::query("DELETE FROM answered_challenges WHERE expires_ms <= $1")
            .bind(now.as_millisecond())
            .execute(&self.pool)
            .await?;
        let noted = sqlx::query(
            "INSERT INTO answered_challenges (hash, expires_ms) VALUES ($1, $2)
             ON CONFLICT (hash) DO NOTHING",
        )
        .bind(token::hash(challenge))
        .bind(expires_ms)
        .execute(&self.pool)
        .await?;
        Ok(noted.rows_affected() > 0)
    }

    fn end_of_challenge(&self, purpose: Purpose<'_>, challenge: &str) -> Option<i64> {
        let bytes = BASE64.decode(challenge).ok()?;
        let (body, tag) = bytes.split_at_checked(RANDOM_BYTES + TIME_BYTES)?;
        hmac::verify(&self.challenge_key(purpose), body, tag).ok()?;
        let time = body.last_chunk::<TIME_BYTES>()?;
        Some(i64::from_be_bytes(*time))
    }

    fn challenge_key(&self, purpose: Purpose<'_>) -> hmac::Key {
        let purpose = format!("challenge to {}", purpose.text());
        hmac::Key::new(hmac::HMAC_SHA256, &self.sealer.derived(&purpose))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::tests::accounts;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    #[tokio::test]
    async fn a_challenge_is_answered_once_in_time_for_what_it_is() {
        let accounts = accounts().await;
        let challenge = accounts
            .challenge(Purpose::Add("ada"), at(0))
            .expect("randomness");
        let used = async |purpose: Purpose<'_>, challenge: &str, s: i64| {
            accounts
                .use_challenge(purpose, challenge, at(s))
                .await
                .expect("writable")
        };
        assert!(!used(Purpose::SignIn, &challenge, 1).await);
        assert!(!used(Purpose::Add("eve"), &challenge, 1).await);
        assert!(used(Purpose::Add("ada"), &challenge, 299).await);
        assert!(!used(Purpose::Add("ada"), &challenge, 299).await, "again");
        let late = accounts
            .challenge(Purpose::SignIn, at(0))
            .expect("randomness");
        assert!(!used(Purpose::SignIn, &late, 300).await);
        for odd in ["", "AAAA", "\u{e4}", &"A".repeat(75), &late[1..]] {
            assert!(!used(Purpose::SignIn, odd, 1).await, "{odd}");
        }
    }
}
