//! Who may use the server: users with their passwords and second factors, one-time sign-in tokens,
//! browser sign-ins, API keys and share links.
//!
//! A database (a file of SQLite, or PostgreSQL), and a key beside it. Of every token and recovery code only the SHA-256 is kept, of
//! passwords an argon2id hash, and the secrets of authenticator apps are sealed with the key: a copy
//! of the file opens nothing.
//! Times are Unix milliseconds and come from the caller.

mod api_keys;
mod browsers;
mod challenges;
mod error;
mod groups;
pub(crate) mod idempotency;
mod identities;
mod passkeys;
mod password_hash;
mod passwords;
mod renewal;
mod revocations;
mod schema;
mod scope;
mod sealed;
mod second_factor;
mod settings;
mod shares;
mod sign_in;
mod token;
mod totp;
pub(crate) mod usage;
mod users;

pub use api_keys::{ApiKey, ApiKeyError, NewApiKey};
pub use browsers::SignedIn;
pub(crate) use challenges::Purpose;
pub use error::{AccountsError, CredentialError, SignInError};
pub use groups::{Group, GroupError};
pub(crate) use identities::{AtProvider, Due, Identity};
pub use passkeys::Passkey;
pub use passwords::{NewPassword, PasswordSignIn};
pub(crate) use renewal::{Renewed, Shown};
pub(crate) use revocations::ACCESS_LIFETIME;
pub use scope::Scope;
pub use second_factor::{Enrolment, RemovalProof};
pub use settings::Settings;
pub use shares::ShareError;
pub(crate) use shares::ShareOrder;
pub(crate) use sign_in::SIGN_IN_LIFETIME;
pub(crate) use token::secret as random_secret;
pub use users::UserError;

use std::{path::Path, str::FromStr, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::AnyPool;
use streamspace_protocol::Secret;

use self::{password_hash::Hasher, revocations::Revocations, sealed::Sealer};
use crate::{database::Database, jose::SigningKey};

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

/// The accounts. Clones share them.
#[derive(Debug, Clone)]
pub struct Accounts {
    pool: AnyPool,
    is_shared: bool,
    hasher: Hasher,
    sealer: Arc<Sealer>,
    revocations: Arc<Revocations>,
}

impl Accounts {
    /// Opens the file, or makes one that only its owner can read. The same goes for the key beside it,
    /// which has the ending `key`.
    ///
    /// # Errors
    /// A file that cannot be made or read, is no database, or was written by a newer version; a full
    /// disk.
    pub async fn open(path: &Path) -> Result<Self, AccountsError> {
        let key = path.with_extension("key");
        Self::in_database(Database::file(path).await?, &key).await
    }

    /// The accounts in this database, with the key in the file `key`, which is made if it is not there.
    /// Servers that share a database need the same key.
    ///
    /// # Errors
    /// A key that cannot be made or read; tables that a newer version wrote; a full or broken disk.
    pub async fn in_database(database: Database, key: &Path) -> Result<Self, AccountsError> {
        schema::migrate(&database).await?;
        Ok(Self {
            is_shared: database.is_shared(),
            pool: database.pool,
            hasher: Hasher::new(),
            sealer: Arc::new(Sealer::open(key)?),
            revocations: Arc::default(),
        })
    }

    /// Whether other servers may have the same accounts.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// The key for access tokens, which all servers have in common that share the accounts.
    pub(crate) fn access_key(&self) -> SigningKey {
        SigningKey::from_seed(&self.sealer.derived("access tokens"))
    }

    /// Of the key for join tokens.
    pub(crate) fn ticket_seed(&self) -> [u8; 32] {
        self.sealer.derived("join tokens")
    }

    /// What only these accounts open, for somebody to keep until they come again; the purpose is no user's name.
    pub(crate) fn seal(&self, purpose: &str, content: &[u8]) -> Result<Secret, AccountsError> {
        let sealed = self.sealer.seal(purpose, content)?;
        Ok(Secret::new(BASE64.encode(sealed)))
    }

    /// What was sealed for this purpose.
    pub(crate) fn unseal(&self, purpose: &str, sealed: &Secret) -> Option<Vec<u8>> {
        let sealed = BASE64.decode(sealed.expose()).ok()?;
        self.sealer.unseal(purpose, &sealed).ok()
    }

    /// Whether they can be read.
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
