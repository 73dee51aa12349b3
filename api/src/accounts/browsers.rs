//! The browsers in which a user is signed in, for the user to see and to end.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::{Accounts, AccountsError, renewal::sign_in_of, revocations::Ended, token};

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

type Row = (Vec<u8>, String, i64, i64);

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
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT token_hash, browser, begun_ms, expires_ms FROM sign_ins
             WHERE user_name = $1 AND cookie_hash IS NOT NULL AND expires_ms > $2
             ORDER BY begun_ms DESC",
        )
        .bind(name)
        .bind(now.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        let this = this.and_then(sign_in_of);
        let browser = |(token, browser, begun_unix_ms, expires_unix_ms): Row| {
            let id = token::id_of(&token);
            SignedIn {
                is_this: Some(id.as_str()) == this,
                id,
                browser,
                begun_unix_ms,
                expires_unix_ms,
            }
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
        let ended = sqlx::query(
            "UPDATE sign_ins SET expires_ms = $1 WHERE user_name = $2
             AND substr(token_hash, 1, 8) = $3 AND cookie_hash IS NOT NULL AND expires_ms > $1",
        )
        .bind(now.as_millisecond())
        .bind(name)
        .bind(token::start_of(id))
        .execute(&self.pool)
        .await?;
        let was_there = ended.rows_affected() > 0;
        if was_there {
            self.revoke(Ended::SignIn(id), now).await?;
        }
        Ok(was_there)
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
            "UPDATE sign_ins SET expires_ms = $1
             WHERE user_name = $2 AND expires_ms > $1
             AND (cookie_hash IS NULL OR substr(token_hash, 1, 8) <> $3)",
        )
        .bind(now.as_millisecond())
        .bind(name)
        .bind(token::start_of(
            keep.and_then(sign_in_of).unwrap_or_default(),
        ))
        .execute(&self.pool)
        .await?;
        // The one that stays gets access anew.
        self.revoke(Ended::User(name), now).await
    }
}
