//! Sign-ins of browsers: each begins as a one-time token and goes on as a cookie.
//!
//! With a password it begins as a cookie.
//!
//! Token and cookie are one row, so using a token up is one statement that happens or does not. Transactions
//! would do as well, if SQLite did not end them by itself when the disk is full, of which sqlx does
//! not learn.

use std::time::Duration;

use jiff::Timestamp;
use streamspace_protocol::Secret;

use super::{
    Accounts, AccountsError, SignInError, User, renewal::sign_in_of, revocations::Ended, token,
    user,
};

/// How long a one-time token waits to be used.
const TOKEN_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long a browser stays signed in.
pub(crate) const SIGN_IN_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// Rows are kept this long past their end, so that "expired" and "used" can be told from "forged".
const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);
/// The most rows of a user that are kept; the ones that end soonest give way.
const MAX_KEPT: i64 = 100;

/// What somebody has shown who signs in.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    Password {
        hash: &'a str,
    },
    /// Something that counts without a password.
    Nothing,
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
        self.make_room(name, now).await?;
        let (token, hash) = token::new()?;
        sqlx::query("INSERT INTO sign_ins (token_hash, user_name, expires_ms) VALUES ($1, $2, $3)")
            .bind(hash)
            .bind(name)
            .bind(after(now, TOKEN_LIFETIME))
            .execute(&self.pool)
            .await?;
        Ok(token)
    }

    async fn make_room(&self, name: &str, now: Timestamp) -> Result<(), AccountsError> {
        sqlx::query(
            "DELETE FROM sign_ins WHERE expires_ms <= $1 OR (user_name = $2 AND token_hash NOT IN
             (SELECT token_hash FROM sign_ins WHERE user_name = $2
              ORDER BY expires_ms DESC LIMIT $3))",
        )
        .bind(now.as_millisecond().saturating_sub(millis(MEMORY)))
        .bind(name)
        .bind(MAX_KEPT - 1)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Uses a one-time token up and signs a browser in: the value of its cookie. `browser` is what
    /// people tell theirs apart by.
    ///
    /// # Errors
    /// A token that is forged, expired or used before; a full or broken disk, which leaves the token
    /// good.
    pub async fn sign_in(
        &self,
        token: &Secret,
        browser: &str,
        now: Timestamp,
    ) -> Result<Secret, SignInError> {
        let token_hash = token::hash(token.expose());
        let (cookie, cookie_hash) = self.first_cookie(&token_hash)?;
        let outcome = sqlx::query(
            "UPDATE sign_ins SET cookie_hash = $1, expires_ms = $2, begun_ms = $3, browser = $4
             WHERE token_hash = $5 AND cookie_hash IS NULL AND expires_ms > $6",
        )
        .bind(cookie_hash)
        .bind(after(now, SIGN_IN_LIFETIME))
        .bind(now.as_millisecond())
        .bind(browser)
        .bind(&token_hash)
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        match outcome.rows_affected() {
            0 => Err(self.explain(&token_hash).await?),
            _ => Ok(cookie),
        }
    }

    /// Signs a browser of the user in, who has to have this password: none, or the one with the hash. `None`
    /// where there is no such user.
    pub(super) async fn begin_sign_in(
        &self,
        name: &str,
        password: Asked<'_>,
        browser: &str,
        now: Timestamp,
    ) -> Result<Option<Secret>, AccountsError> {
        self.make_room(name, now).await?;
        let (_never_shown, token_hash) = token::new()?;
        let (cookie, cookie_hash) = self.first_cookie(&token_hash)?;
        let (needed, password) = match password {
            Asked::Password { hash } => (1, hash),
            Asked::Nothing => (0, ""),
        };
        let made = sqlx::query(
            "INSERT INTO sign_ins (token_hash, cookie_hash, user_name, expires_ms, begun_ms, browser)
             SELECT $1, $2, name, $3, $4, $5 FROM users WHERE name = $6 AND (password = $7 OR 0 = $8)",
        )
        .bind(token_hash)
        .bind(cookie_hash)
        .bind(after(now, SIGN_IN_LIFETIME))
        .bind(now.as_millisecond())
        .bind(browser)
        .bind(name)
        .bind(password)
        .bind(needed)
        .execute(&self.pool)
        .await?;
        Ok((made.rows_affected() > 0).then_some(cookie))
    }

    /// Why a token was not accepted.
    async fn explain(&self, token_hash: &[u8]) -> Result<SignInError, AccountsError> {
        let cookie_hash: Option<Option<Vec<u8>>> =
            sqlx::query_scalar("SELECT cookie_hash FROM sign_ins WHERE token_hash = $1")
                .bind(token_hash)
                .fetch_optional(&self.pool)
                .await?;
        Ok(match cookie_hash {
            None => SignInError::Invalid,
            Some(Some(_)) => SignInError::Used,
            Some(None) => SignInError::Expired,
        })
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
            "SELECT name, role FROM sign_ins JOIN users ON name = user_name
             WHERE cookie_hash = $1 AND expires_ms > $2",
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
    pub async fn sign_out(&self, cookie: &Secret, now: Timestamp) -> Result<(), AccountsError> {
        let Some(id) = sign_in_of(cookie) else {
            return Ok(());
        };
        sqlx::query(
            "UPDATE sign_ins SET expires_ms = $1
             WHERE substr(token_hash, 1, 8) = $2 AND cookie_hash IS NOT NULL AND expires_ms > $1",
        )
        .bind(now.as_millisecond())
        .bind(token::start_of(id))
        .execute(&self.pool)
        .await?;
        self.revoke(Ended::SignIn(id), now).await
    }

    /// Ends every browser's sign-in; one-time tokens that wait to be used stay good.
    ///
    /// For a server that starts. Browsers send their cookie to whoever listens on its host, whatever
    /// the port. While no server runs, any program of this machine can bind the port and collect it,
    /// so a cookie that has outlived its server may be in other hands.
    ///
    /// # Errors
    /// A full or broken disk.
    pub async fn end_sign_ins(&self, now: Timestamp) -> Result<(), AccountsError> {
        sqlx::query(
            "UPDATE sign_ins SET expires_ms = $1 WHERE cookie_hash IS NOT NULL AND expires_ms > $1",
        )
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        self.revoke(Ended::All, now).await
    }

    pub(super) async fn require_user(&self, name: &str) -> Result<(), AccountsError> {
        let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM users WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        known
            .map(|_one| ())
            .ok_or_else(|| AccountsError::UnknownUser(name.to_owned()))
    }
}

fn after(now: Timestamp, time: Duration) -> i64 {
    now.as_millisecond().saturating_add(millis(time))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
