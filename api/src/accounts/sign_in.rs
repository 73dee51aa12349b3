//! One-time tokens, and the sign-ins of browsers that they open.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::{Sqlite, Transaction};
use streamspace_protocol::Secret;

use super::{Accounts, AccountsError, SignInError, User, token, user};

/// How long a one-time token waits to be used.
const TOKEN_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long a browser stays signed in.
pub(crate) const SIGN_IN_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// Tokens are kept this long past their end, so that "expired" can be told from "forged".
const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);
/// The most of each kind that are kept; the ones closest to their end give way.
const MAX_KEPT: i64 = 1000;

fn after(now: Timestamp, time: Duration) -> i64 {
    let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    now.as_millisecond().saturating_add(ms)
}

impl Accounts {
    /// A new one-time token that signs `name` in.
    ///
    /// # Errors
    /// No such user; a full or broken disk.
    pub async fn create_sign_in_token(
        &self,
        name: &str,
        now: Timestamp,
    ) -> Result<Secret, AccountsError> {
        self.require_user(name).await?;
        let (token, hash) = token::new()?;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM sign_in_tokens WHERE expires_ms <= ?")
            .bind(now.as_millisecond() - after(Timestamp::UNIX_EPOCH, MEMORY))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO sign_in_tokens (hash, user, expires_ms) VALUES (?, ?, ?)")
            .bind(hash)
            .bind(name)
            .bind(after(now, TOKEN_LIFETIME))
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "DELETE FROM sign_in_tokens WHERE hash IN
             (SELECT hash FROM sign_in_tokens ORDER BY expires_ms DESC LIMIT -1 OFFSET ?)",
        )
        .bind(MAX_KEPT)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// Uses a one-time token up and signs a browser in: the value of its cookie.
    ///
    /// Both happen or neither, so a full disk leaves the token good.
    ///
    /// # Errors
    /// A token that is forged, expired or used before; a full or broken disk.
    pub async fn sign_in(&self, token: &Secret, now: Timestamp) -> Result<Secret, SignInError> {
        let token = token::hash(token.expose());
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let user: Option<String> = sqlx::query_scalar(
            "UPDATE sign_in_tokens SET used_ms = ?1
             WHERE hash = ?2 AND used_ms IS NULL AND expires_ms > ?1 RETURNING user",
        )
        .bind(now.as_millisecond())
        .bind(&token)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(user) = user else {
            return Err(explain(&mut transaction, &token).await?);
        };
        let cookie = insert_sign_in(&mut transaction, &user, now).await?;
        transaction.commit().await?;
        Ok(cookie)
    }

    /// Who a browser's cookie belongs to.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn signed_in(
        &self,
        cookie: &Secret,
        now: Timestamp,
    ) -> Result<Option<User>, AccountsError> {
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT name, role FROM sign_ins JOIN users ON name = user
             WHERE hash = ? AND expires_ms > ?",
        )
        .bind(token::hash(cookie.expose()))
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await?;
        row.map(user).transpose()
    }

    /// Ends a browser's sign-in; one that is unknown is over already.
    ///
    /// # Errors
    /// A full or broken disk.
    pub async fn sign_out(&self, cookie: &Secret) -> Result<(), AccountsError> {
        sqlx::query("DELETE FROM sign_ins WHERE hash = ?")
            .bind(token::hash(cookie.expose()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub(super) async fn require_user(&self, name: &str) -> Result<(), AccountsError> {
        let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM users WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        known
            .map(|_one| ())
            .ok_or_else(|| AccountsError::UnknownUser(name.to_owned()))
    }
}

/// Why a token was not accepted.
async fn explain(
    transaction: &mut Transaction<'_, Sqlite>,
    hash: &[u8],
) -> Result<SignInError, sqlx::Error> {
    let used: Option<Option<i64>> =
        sqlx::query_scalar("SELECT used_ms FROM sign_in_tokens WHERE hash = ?")
            .bind(hash)
            .fetch_optional(&mut **transaction)
            .await?;
    Ok(match used {
        None => SignInError::Invalid,
        Some(Some(_)) => SignInError::Used,
        Some(None) => SignInError::Expired,
    })
}

async fn insert_sign_in(
    transaction: &mut Transaction<'_, Sqlite>,
    user: &str,
    now: Timestamp,
) -> Result<Secret, SignInError> {
    let (cookie, hash) = token::new()?;
    sqlx::query("DELETE FROM sign_ins WHERE expires_ms <= ?")
        .bind(now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    sqlx::query("INSERT INTO sign_ins (hash, user, expires_ms) VALUES (?, ?, ?)")
        .bind(hash)
        .bind(user)
        .bind(after(now, SIGN_IN_LIFETIME))
        .execute(&mut **transaction)
        .await?;
    sqlx::query(
        "DELETE FROM sign_ins WHERE hash IN
         (SELECT hash FROM sign_ins ORDER BY expires_ms DESC LIMIT -1 OFFSET ?)",
    )
    .bind(MAX_KEPT)
    .execute(&mut **transaction)
    .await?;
    Ok(cookie)
}
