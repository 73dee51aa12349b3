//! What ended before its time, for those who look at access tokens without a database.
//!
//! The list is short: an entry counts for as long as an access token lives. A server knows at once what was
//! ended through it, and reads what others have ended every few seconds, while it is asked.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use super::{Accounts, AccountsError};

/// The longest time that an access token is good for.
pub(crate) const ACCESS_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How old the list may be.
const NEWS: Duration = Duration::from_secs(2);
/// By so much the clocks of servers that share a database may differ.
const LEEWAY_MS: i64 = 2_000;

/// Whose access tokens from before a moment are good no more.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ended<'a> {
    SignIn(&'a str),
    User(&'a str),
    All,
}

impl Ended<'_> {
    fn key(self) -> String {
        match self {
            Self::SignIn(id) => format!("sign-in {id}"),
            Self::User(name) => format!("user {name}"),
            Self::All => "all".to_owned(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Revocations(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Until when tokens are bad that were issued, by whose they are.
    until_ms: HashMap<String, i64>,
    read_ms: Option<i64>,
}

impl Revocations {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, key: String, at_ms: i64) {
        let mut known = self.known();
        let until = known.until_ms.entry(key).or_insert(at_ms);
        *until = at_ms.max(*until);
    }

    /// Whether it is time to read the list again, which whoever is told so does.
    fn is_due(&self, now_ms: i64) -> bool {
        let mut known = self.known();
        let is_due = known
            .read_ms
            .is_none_or(|read| now_ms >= read + millis(NEWS));
        if is_due {
            known.read_ms = Some(now_ms);
        }
        is_due
    }

    fn forget(&self, before_ms: i64) {
        self.known().until_ms.retain(|_, until| *until >= before_ms);
    }

    fn holds(&self, key: &str, issued_ms: i64) -> bool {
        let known = self.known();
        let until = known.until_ms.get(key);
        until.is_some_and(|until| issued_ms <= until + LEEWAY_MS)
    }
}

impl Accounts {
    /// # Errors
    /// A full or broken disk: then others do not learn of it, and this server knows.
    pub(super) async fn revoke(
        &self,
        ended: Ended<'_>,
        now: Timestamp,
    ) -> Result<(), AccountsError> {
        let (key, at_ms) = (ended.key(), now.as_millisecond());
        self.revocations.note(key.clone(), at_ms);
        sqlx::query("DELETE FROM revocations WHERE revoked_ms < $1")
            .bind(oldest_that_counts(at_ms))
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "INSERT INTO revocations (subject, revoked_ms) VALUES ($1, $2)
             ON CONFLICT (subject) DO UPDATE SET revoked_ms = excluded.revoked_ms",
        )
        .bind(key)
        .bind(at_ms)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether an access token of this sign-in is good no more, that was issued then.
    pub(crate) async fn is_revoked(
        &self,
        user_name: &str,
        sign_in: &str,
        issued_ms: i64,
        now: Timestamp,
    ) -> bool {
        if self.revocations.is_due(now.as_millisecond())
            && let Err(error) = self.read_revocations(now).await
        {
            // Tokens are short-lived so that this may happen.
            tracing::warn!(%error, "what other servers have ended cannot be read");
        }
        [Ended::SignIn(sign_in), Ended::User(user_name), Ended::All]
            .into_iter()
            .any(|ended| self.revocations.holds(&ended.key(), issued_ms))
    }

    async fn read_revocations(&self, now: Timestamp) -> Result<(), AccountsError> {
        let oldest = oldest_that_counts(now.as_millisecond());
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT subject, revoked_ms FROM revocations WHERE revoked_ms >= $1")
                .bind(oldest)
                .fetch_all(&self.pool)
                .await?;
        for (key, at_ms) in rows {
            self.revocations.note(key, at_ms);
        }
        self.revocations.forget(oldest);
        Ok(())
    }
}

/// Tokens from before have expired by themselves.
fn oldest_that_counts(now_ms: i64) -> i64 {
    now_ms - millis(ACCESS_LIFETIME) - 2 * LEEWAY_MS
}

fn millis(time: Duration) -> i64 {
    time.as_millis() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{ADMIN, Role, tests::accounts};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + ms).expect("a time")
    }

    async fn is_revoked(accounts: &Accounts, name: &str, issued: i64, now: i64) -> bool {
        let issued = at(issued).as_millisecond();
        accounts.is_revoked(name, "s", issued, at(now)).await
    }

    #[tokio::test]
    async fn what_is_ended_counts_for_tokens_from_before_and_for_nobody_else() {
        let accounts = accounts().await;
        accounts
            .revoke(Ended::User("ada"), at(1000))
            .await
            .expect("writable");
        assert!(is_revoked(&accounts, "ada", 900, 1001).await);
        assert!(!is_revoked(&accounts, "eve", 900, 1001).await);
        assert!(
            !is_revoked(&accounts, "ada", 1001 + LEEWAY_MS, 9000).await,
            "a newer token"
        );
        accounts
            .revoke(Ended::SignIn("s"), at(20_000))
            .await
            .expect("writable");
        assert!(is_revoked(&accounts, "eve", 19_000, 20_001).await);
        accounts
            .revoke(Ended::All, at(40_000))
            .await
            .expect("writable");
        let issued = at(39_000).as_millisecond();
        assert!(accounts.is_revoked("bob", "t", issued, at(40_001)).await);
    }

    #[tokio::test]
    async fn another_server_learns_of_it_within_seconds() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("accounts.db");
        let one = Accounts::open(&path).await.expect("a file");
        let other = Accounts::open(&path).await.expect("the same file");
        one.add_user("ada", Role::Admin).await.expect("a user");
        assert!(!is_revoked(&other, "ada", 0, 500).await);
        one.revoke(Ended::User("ada"), at(1000))
            .await
            .expect("writable");
        assert!(
            is_revoked(&one, "ada", 0, 1000).await,
            "at once where it was done"
        );
        assert!(
            is_revoked(&other, "ada", 0, 2500).await,
            "and soon elsewhere"
        );
        assert!(!is_revoked(&other, ADMIN, 0, 2500).await);
    }

    #[tokio::test]
    async fn the_list_stays_short() {
        let accounts = accounts().await;
        for s in 0..50 {
            let name = format!("user-{s}");
            let ended = accounts.revoke(Ended::User(&name), at(s * 60_000)).await;
            ended.expect("writable");
        }
        is_revoked(&accounts, "x", 0, 50 * 60_000).await;
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM revocations")
            .fetch_one(&accounts.pool)
            .await
            .expect("readable");
        assert!(rows < 10, "{rows}");
        assert!(accounts.revocations.known().until_ms.len() < 10);
    }
}
