//! Who may use the server: users with their passwords and second factors, one-time sign-in tokens,
//! browser sign-ins, API keys and share links.
//!
//! One SQLite file, and a key beside it. Of every token and recovery code only the SHA-256 is kept, of
//! passwords an argon2id hash, and the secrets of authenticator apps are sealed with the key: a copy
//! of the file opens nothing.
//! Times are Unix milliseconds and come from the caller.

mod api_keys;
mod browsers;
mod error;
pub(crate) mod idempotency;
mod password_hash;
mod passwords;
mod schema;
mod scope;
mod sealed;
mod second_factor;
mod shares;
mod sign_in;
mod token;
mod totp;
mod users;

pub use api_keys::{ApiKey, ApiKeyError, NewApiKey};
pub use browsers::SignedIn;
pub use error::{AccountsError, CredentialError, SignInError};
pub use passwords::{NewPassword, PasswordSignIn};
pub use scope::Scope;
pub use second_factor::{Enrolment, RemovalProof};
pub use shares::ShareError;
pub(crate) use shares::ShareOrder;
pub(crate) use sign_in::SIGN_IN_LIFETIME;
pub use users::UserError;

use std::{
    fs::{OpenOptions, Permissions},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

use self::{password_hash::Hasher, sealed::Sealer};

/// The name of the one user there is from the start, who stays: `streamspace link` signs this one in.
pub const ADMIN: &str = "admin";

/// What a user may do; each may all that those before may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look at the catalog, and come into the sessions that others share.
    Viewer,
    /// Start sessions, and do everything with them.
    User,
    /// See, watch and end the sessions of all.
    Operator,
    /// Everything, also in the sessions of all.
    Admin,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::User, Self::Operator, Self::Admin];

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::User => "user",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    pub name: String,
    pub role: Role,
}

/// The accounts file. Clones share it.
#[derive(Debug, Clone)]
pub struct Accounts {
    pool: SqlitePool,
    hasher: Hasher,
    sealer: Arc<Sealer>,
}

impl Accounts {
    /// Opens the file, or makes one that only its owner can read. The same goes for the key beside it,
    /// which has the ending `key`.
    ///
    /// # Errors
    /// A file that cannot be made or read, is no database, or was written by a newer version; a full
    /// disk.
    pub async fn open(path: &Path) -> Result<Self, AccountsError> {
        let opened = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        opened.set_permissions(Permissions::from_mode(0o600))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(5));
        Self::connect(options, Sealer::open(&path.with_extension("key"))?).await
    }

    /// Accounts that are gone when the value is.
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub async fn in_memory() -> Result<Self, AccountsError> {
        Self::connect(SqliteConnectOptions::new().in_memory(true), Sealer::new()?).await
    }

    /// One connection serves all: each query takes well under a millisecond, and a database in
    /// memory belongs to its connection.
    async fn connect(options: SqliteConnectOptions, sealer: Sealer) -> Result<Self, AccountsError> {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options.foreign_keys(true))
            .await?;
        schema::migrate(&pool).await?;
        Ok(Self {
            pool,
            hasher: Hasher::new(),
            sealer: Arc::new(sealer),
        })
    }

    /// Whether the file can be read.
    ///
    /// # Errors
    /// It cannot.
    pub async fn check(&self) -> Result<(), AccountsError> {
        sqlx::query("SELECT 1 FROM users LIMIT 1")
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or("a role is viewer, user, operator or admin")
    }
}

/// Reads a user as the `users` table has it.
fn user((name, role): (String, String)) -> Result<User, AccountsError> {
    match role.parse() {
        Ok(role) => Ok(User { name, role }),
        Err(_) => Err(AccountsError::UnknownRole(role)),
    }
}

#[cfg(test)]
mod tests;
