//! The tables, and how older files get them.

use sqlx::SqlitePool;

use super::AccountsError;

/// Each entry takes a file from the format of its index to the next; entries are never changed.
const MIGRATIONS: [&str; 3] = [
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
    -- Requests that may come again: what they made, once it is made.
    CREATE TABLE requests (
        user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        key TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        session TEXT,
        created_ms INTEGER NOT NULL,
        PRIMARY KEY (user, key)
    ) STRICT, WITHOUT ROWID;

    PRAGMA user_version = 3;
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
