//! The tables, and how older files get them.

use sqlx::SqlitePool;

use super::AccountsError;

/// Each entry takes a file from the format of its index to the next; entries are never changed.
const MIGRATIONS: [&str; 6] = [
    "
    CREATE TABLE users (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO users (name, role) VALUES ('admin', 'admin');

    -- A one-time token until cookie_hash is set, a signed-in browser from then on.
    CREATE TABLE sign_ins (
        token_hash BLOB PRIMARY KEY,
        cookie_hash BLOB UNIQUE,
        user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        expires_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE api_keys (
        hash BLOB PRIMARY KEY,
        user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        label TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        UNIQUE (user, label)
    ) STRICT, WITHOUT ROWID;

    PRAGMA user_version = 1;
",
    "
    -- Links by which people without an account come into one session.
    CREATE TABLE shares (
        id TEXT PRIMARY KEY,
        session TEXT NOT NULL,
        hash BLOB NOT NULL,
        role TEXT NOT NULL,
        label TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        expires_ms INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX shares_of_session ON shares (session);

    PRAGMA user_version = 2;
",
    "
    -- argon2id, as a PHC string.
    ALTER TABLE users ADD COLUMN password TEXT;
    -- By which people tell their browsers apart.
    ALTER TABLE sign_ins ADD COLUMN begun_ms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sign_ins ADD COLUMN browser TEXT NOT NULL DEFAULT '';
    CREATE INDEX sign_ins_of_user ON sign_ins (user);

    PRAGMA user_version = 3;
",
    "
    -- TOTP (RFC 6238). The secret is sealed with the key beside this file.
    CREATE TABLE second_factors (
        user TEXT PRIMARY KEY REFERENCES users (name) ON DELETE CASCADE,
        sealed_secret BLOB NOT NULL,
        is_confirmed INTEGER NOT NULL,
        -- The newest time step of which a code was taken; none is taken twice.
        last_step INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE recovery_codes (
        user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        hash BLOB NOT NULL,
        PRIMARY KEY (user, hash)
    ) STRICT, WITHOUT ROWID;

    PRAGMA user_version = 4;
",
    "
    -- Keys from before there were scopes may what they could.
    ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'admin';
    ALTER TABLE api_keys ADD COLUMN expires_ms INTEGER;
    -- To the hour.
    ALTER TABLE api_keys ADD COLUMN used_ms INTEGER;

    PRAGMA user_version = 5;
",
    "
    -- Requests that may come again: what they made, once it is made.
    CREATE TABLE requests (
        user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        key TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        session TEXT,
        created_ms INTEGER NOT NULL,
        PRIMARY KEY (user, key)
    ) STRICT, WITHOUT ROWID;

    PRAGMA user_version = 6;
",
];

/// Brings the file to the newest format; one that is interrupted stays as it was.
pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), AccountsError> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *transaction)
        .await?;
    let known = MIGRATIONS.len() as i64;
    let pending = usize::try_from(found)
        .ok()
        .and_then(|found| MIGRATIONS.get(found..))
        .ok_or(AccountsError::Newer { found, known })?;
    for migration in pending {
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use streamspace_protocol::Secret;

    use super::*;
    use crate::{Accounts, Scope, accounts::token};

    #[tokio::test]
    async fn keys_and_users_of_an_older_file_stay_what_they_were() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("accounts.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.expect("a file");
        for migration in &MIGRATIONS[..2] {
            sqlx::raw_sql(*migration)
                .execute(&old)
                .await
                .expect("valid");
        }
        let insert =
            "INSERT INTO api_keys (hash, user, label, created_ms) VALUES (?, 'admin', 'cli', 1)";
        sqlx::query(insert)
            .bind(token::hash("key"))
            .execute(&old)
            .await
            .expect("writable");
        old.close().await;

        let accounts = Accounts::open(&path).await.expect("brought up to date");
        let now = jiff::Timestamp::UNIX_EPOCH;
        let owner = accounts.key_owner(&Secret::new("key"), now).await;
        let (user, scope) = owner.expect("readable").expect("it is still good");
        assert_eq!((user.name.as_str(), scope), ("admin", Scope::Admin));
        assert!(!accounts.has_password("admin").await.expect("readable"));
    }
}
