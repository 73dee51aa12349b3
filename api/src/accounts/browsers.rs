//! The browsers in which a user is signed in, for the user to see and to end.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::{Accounts, AccountsError, token};

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    pub id: String,
    /// What it calls itself: its `User-Agent`, cut off.
    pub browser: String,
    pub begun_unix_ms: i64,
    pub expires_unix_ms: i64,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// The name of a row in the open: a part of a hash of 256 random bits leads nowhere.
const ID: &str = "lower(hex(substr(token_hash, 1, 8)))";

impl Accounts {
    /// The user's browsers, the newest first. `this` is the cookie of the one that asks.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn signed_in_browsers(
        &self,
        name: &str,
        this: Option<&Secret>,
        now: Timestamp,
    ) -> Result<Vec<SignedIn>, AccountsError> {
        let query = format!(
            "SELECT {ID}, browser, begun_ms, expires_ms, cookie_hash IS ? FROM sign_ins
             WHERE user = ? AND cookie_hash IS NOT NULL AND expires_ms > ?
             ORDER BY begun_ms DESC"
        );
        let rows: Vec<(String, String, i64, i64, bool)> =
            sqlx::query_as(sqlx::AssertSqlSafe(query))
                .bind(cookie_hash(this))
                .bind(name)
                .bind(now.as_millisecond())
                .fetch_all(&self.pool)
                .await?;
        let browser = |(id, browser, begun_unix_ms, expires_unix_ms, is_this)| SignedIn {
            id,
            browser,
            begun_unix_ms,
            expires_unix_ms,
            is_this,
        };
        Ok(rows.into_iter().map(browser).collect())
    }

    /// Ends one; says whether there was one.
    ///
    /// # Errors
    /// A full or broken disk.
    pub async fn end_sign_in(
        &self,
        name: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<bool, AccountsError> {
        let query = format!(
            "UPDATE sign_ins SET expires_ms = ?1 WHERE user = ?2 AND {ID} = ?3
             AND cookie_hash IS NOT NULL AND expires_ms > ?1"
        );
        let ended = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(now.as_millisecond())
            .bind(name)
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Ends all of the user's but the one with the cookie `keep`, and the links that wait to be used.
    ///
    /// # Errors
    /// A full or broken disk.
    pub async fn end_sign_ins_of(
        &self,
        name: &str,
        keep: Option<&Secret>,
        now: Timestamp,
    ) -> Result<(), AccountsError> {
        sqlx::query(
            "UPDATE sign_ins SET expires_ms = ?1
             WHERE user = ?2 AND expires_ms > ?1 AND (cookie_hash IS NULL OR cookie_hash IS NOT ?3)",
        )
        .bind(now.as_millisecond())
        .bind(name)
        .bind(cookie_hash(keep))
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

fn cookie_hash(cookie: Option<&Secret>) -> Option<Vec<u8>> {
    cookie.map(|cookie| token::hash(cookie.expose()))
}
