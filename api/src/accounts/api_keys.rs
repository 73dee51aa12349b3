//! Keys of programs that act for a user.

use jiff::Timestamp;
use streamspace_protocol::Secret;

use super::{Accounts, AccountsError, User, token, user};

impl Accounts {
    /// A new key for `name`. The user's former key of the same label is good no longer.
    ///
    /// # Errors
    /// No such user; a full or broken disk.
    pub async fn create_api_key(
        &self,
        name: &str,
        label: &str,
        now: Timestamp,
    ) -> Result<Secret, AccountsError> {
        self.require_user(name).await?;
        let (key, hash) = token::new()?;
        sqlx::query(
            "INSERT INTO api_keys (hash, user, label, created_ms) VALUES (?, ?, ?, ?)
             ON CONFLICT (user, label) DO UPDATE
             SET hash = excluded.hash, created_ms = excluded.created_ms",
        )
        .bind(hash)
        .bind(name)
        .bind(label)
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(key)
    }

    /// Who an API key belongs to.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn key_owner(&self, key: &Secret) -> Result<Option<User>, AccountsError> {
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT name, role FROM api_keys JOIN users ON name = user WHERE hash = ?",
        )
        .bind(token::hash(key.expose()))
        .fetch_optional(&self.pool)
        .await?;
        row.map(user).transpose()
    }
}
