//! Keys of programs that act for a user.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::{Code, Secret};

use super::{Accounts, AccountsError, Scope, User, token, user};

/// The most keys of a user.
const MOST_EACH: i64 = 50;
const LABEL_CHARS: usize = 80;
/// The last use is kept to the hour: enough to see that a key is idle, and seldom written.
const HOUR_MS: i64 = 3_600_000;

/// What a new key is to be.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiKey {
    /// What its user calls it; each key has a label of its own.
    #[schemars(length(min = 1, max = 80))]
    pub label: String,
    pub scope: Scope,
    /// After how many seconds it ends; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub expires_in_s: Option<u32>,
}

/// A key, without the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    pub id: String,
    pub label: String,
    pub scope: Scope,
    pub created_unix_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_unix_ms: Option<i64>,
    /// To the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_unix_ms: Option<i64>,
}

/// A key cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    #[error("a key's label is a line of 1 to {LABEL_CHARS} characters")]
    Label,
    #[error("a key ends after a second at the earliest")]
    Lifetime,
    #[error("there is a key of this label already; withdraw it first, or choose another label")]
    Taken,
    #[error("there are {MOST_EACH} keys, which is the limit; withdraw one first")]
    TooMany,
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}

impl ApiKeyError {
    pub fn code(&self) -> Code {
        match self {
            Self::Label | Self::Lifetime => Code::RequestInvalid,
            Self::Taken => Code::KeyExists,
            Self::TooMany => Code::LimitReached,
            Self::Accounts(error) => error.code(),
        }
    }
}

/// So that `?` takes it all the way.
impl From<sqlx::Error> for ApiKeyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Accounts(error.into())
    }
}

type Row = (Vec<u8>, String, String, i64, Option<i64>, Option<i64>);

impl Accounts {
    /// A new key for a user: what is told of it, and the key, which is shown this once.
    ///
    /// # Errors
    /// A label that cannot be one or is taken; too many keys; no such user; a full or broken disk.
    pub async fn add_api_key(
        &self,
        name: &str,
        new: &NewApiKey,
        now: Timestamp,
    ) -> Result<(ApiKey, Secret), ApiKeyError> {
        let label = cleaned(&new.label).ok_or(ApiKeyError::Label)?;
        if new.expires_in_s == Some(0) {
            return Err(ApiKeyError::Lifetime);
        }
        self.require_user(name).await?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM api_keys WHERE user_name = $1")
            .bind(name)
            .fetch_one(&self.pool)
            .await?;
        if count >= MOST_EACH {
            return Err(ApiKeyError::TooMany);
        }
        let (key, hash) = token::new()?;
        let created_unix_ms = now.as_millisecond();
        let expires_unix_ms = new
            .expires_in_s
            .map(|seconds| created_unix_ms.saturating_add(i64::from(seconds) * 1000));
        let added = sqlx::query(
            "INSERT INTO api_keys (hash, user_name, label, scope, created_ms, expires_ms)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_name, label) DO NOTHING",
        )
        .bind(&hash)
        .bind(name)
        .bind(&label)
        .bind(new.scope.name())
        .bind(created_unix_ms)
        .bind(expires_unix_ms)
        .execute(&self.pool)
        .await?;
        if added.rows_affected() == 0 {
            return Err(ApiKeyError::Taken);
        }
        let made = ApiKey {
            id: token::id_of(&hash),
            label,
            scope: new.scope,
            created_unix_ms,
            expires_unix_ms,
            used_unix_ms: None,
        };
        Ok((made, key))
    }

    /// A new key for `name` that may all and does not end. The user's former key of the same label is
    /// good no longer.
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
            "INSERT INTO api_keys (hash, user_name, label, scope, created_ms)
             VALUES ($1, $2, $3, 'admin', $4) ON CONFLICT (user_name, label) DO UPDATE
             SET hash = excluded.hash, scope = excluded.scope, created_ms = excluded.created_ms,
                 expires_ms = NULL, used_ms = NULL",
        )
        .bind(hash)
        .bind(name)
        .bind(label)
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(key)
    }

    /// The user's keys by label, also those that have ended.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn api_keys(&self, name: &str) -> Result<Vec<ApiKey>, AccountsError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT hash, label, scope, created_ms, expires_ms, used_ms FROM api_keys
             WHERE user_name = $1 ORDER BY label",
        )
        .bind(name)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(api_key).collect()
    }

    /// Withdraws one; says whether there was one.
    ///
    /// # Errors
    /// A full or broken disk.
    pub async fn remove_api_key(&self, name: &str, id: &str) -> Result<bool, AccountsError> {
        let removed =
            sqlx::query("DELETE FROM api_keys WHERE user_name = $1 AND substr(hash, 1, 8) = $2")
                .bind(name)
                .bind(token::start_of(id))
                .execute(&self.pool)
                .await?;
        Ok(removed.rows_affected() > 0)
    }

    /// Who an API key belongs to, and what it is for. Takes down that it was used.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn key_owner(
        &self,
        key: &Secret,
        now: Timestamp,
    ) -> Result<Option<(User, Scope)>, AccountsError> {
        let hash = token::hash(key.expose());
        let row: Option<(String, String, String, Option<i64>)> = sqlx::query_as(
            "SELECT name, role, scope, used_ms FROM api_keys JOIN users ON name = user_name
             WHERE hash = $1 AND (expires_ms IS NULL OR expires_ms > $2)",
        )
        .bind(&hash)
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await?;
        let Some((name, role, scope, used_ms)) = row else {
            return Ok(None);
        };
        let found = (user((name, role))?, read_scope(scope)?);
        let this_hour = now.as_millisecond() / HOUR_MS * HOUR_MS;
        if used_ms != Some(this_hour) {
            self.note_use(&hash, this_hour).await;
        }
        Ok(Some(found))
    }

    /// A full disk keeps no key out.
    async fn note_use(&self, hash: &[u8], hour_ms: i64) {
        let noted = sqlx::query("UPDATE api_keys SET used_ms = $1 WHERE hash = $2")
            .bind(hour_ms)
            .bind(hash)
            .execute(&self.pool)
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of an API key cannot be taken down");
        }
    }
}

fn api_key(
    (hash, label, scope, created_unix_ms, expires_unix_ms, used_unix_ms): Row,
) -> Result<ApiKey, AccountsError> {
    Ok(ApiKey {
        id: token::id_of(&hash),
        label,
        scope: read_scope(scope)?,
        created_unix_ms,
        expires_unix_ms,
        used_unix_ms,
    })
}

fn read_scope(text: String) -> Result<Scope, AccountsError> {
    text.parse().map_err(|_| AccountsError::UnknownScope(text))
}

/// One line, without what cannot be seen.
fn cleaned(label: &str) -> Option<String> {
    let words: Vec<&str> = label.split_whitespace().collect();
    let line = words.join(" ");
    let fits = (1..=LABEL_CHARS).contains(&line.chars().count());
    (fits && !line.chars().any(char::is_control)).then_some(line)
}
