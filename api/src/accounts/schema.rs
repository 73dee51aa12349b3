//! The tables, and how older files get them.

mod sign_in;

use crate::database::{Database, DatabaseError, Migration};

/// Each entry takes the tables from the format of its index to the next; entries are never changed.
const MIGRATIONS: [Migration; 9] = [
    for_sqlite(
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
",
    ),
    for_sqlite(
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
",
    ),
    for_sqlite(
        "
    -- argon2id, as a PHC string.
    ALTER TABLE users ADD COLUMN password TEXT;
    -- By which people tell their browsers apart.
    ALTER TABLE sign_ins ADD COLUMN begun_ms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sign_ins ADD COLUMN browser TEXT NOT NULL DEFAULT '';
    CREATE INDEX sign_ins_of_user ON sign_ins (user);
",
    ),
    for_sqlite(
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
",
    ),
    for_sqlite(
        "
    -- Keys from before there were scopes may what they could.
    ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'admin';
    ALTER TABLE api_keys ADD COLUMN expires_ms INTEGER;
    -- To the hour.
    ALTER TABLE api_keys ADD COLUMN used_ms INTEGER;
",
    ),
    for_sqlite(
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
",
    ),
    Migration {
        // PostgreSQL keeps the name `user` for itself.
        sqlite: "
    ALTER TABLE sign_ins RENAME COLUMN user TO user_name;
    ALTER TABLE api_keys RENAME COLUMN user TO user_name;
    ALTER TABLE second_factors RENAME COLUMN user TO user_name;
    ALTER TABLE recovery_codes RENAME COLUMN user TO user_name;
    ALTER TABLE requests RENAME COLUMN user TO user_name;
",
        postgres: POSTGRES_AT_7,
    },
    Migration {
        // Quotas, settings and preferences are JSON.
        sqlite: "
    ALTER TABLE users ADD COLUMN quota TEXT NOT NULL DEFAULT '{}';
    CREATE TABLE user_groups (
        name TEXT PRIMARY KEY,
        quota TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE group_members (
        group_name TEXT NOT NULL REFERENCES user_groups (name) ON DELETE CASCADE,
        user_name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        PRIMARY KEY (group_name, user_name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX groups_of_user ON group_members (user_name);

    CREATE TABLE settings (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        body TEXT NOT NULL,
        version INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE preferences (
        user_name TEXT PRIMARY KEY REFERENCES users (name) ON DELETE CASCADE,
        body TEXT NOT NULL,
        version INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- When sessions ran. They outlast the session and its user.
    CREATE TABLE runs (
        session TEXT NOT NULL,
        user_name TEXT NOT NULL,
        began_ms INTEGER NOT NULL,
        seen_ms INTEGER NOT NULL,
        PRIMARY KEY (session, user_name, began_ms)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX runs_of_user ON runs (user_name, seen_ms);
",
        postgres: r#"
    ALTER TABLE users ADD COLUMN quota TEXT NOT NULL DEFAULT '{}';
    CREATE TABLE user_groups (
        name TEXT COLLATE "C" PRIMARY KEY,
        quota TEXT NOT NULL
    );
    CREATE TABLE group_members (
        group_name TEXT COLLATE "C" NOT NULL REFERENCES user_groups (name) ON DELETE CASCADE,
        user_name TEXT COLLATE "C" NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        PRIMARY KEY (group_name, user_name)
    );
    CREATE INDEX groups_of_user ON group_members (user_name);

    CREATE TABLE settings (
        one BIGINT PRIMARY KEY CHECK (one = 1),
        body TEXT NOT NULL,
        version BIGINT NOT NULL
    );
    CREATE TABLE preferences (
        user_name TEXT COLLATE "C" PRIMARY KEY REFERENCES users (name) ON DELETE CASCADE,
        body TEXT NOT NULL,
        version BIGINT NOT NULL
    );

    CREATE TABLE runs (
        session TEXT NOT NULL,
        user_name TEXT NOT NULL,
        began_ms BIGINT NOT NULL,
        seen_ms BIGINT NOT NULL,
        PRIMARY KEY (session, user_name, began_ms)
    );
    CREATE INDEX runs_of_user ON runs (user_name, seen_ms);
"#,
    },
    sign_in::MIGRATION,
];

const fn for_sqlite(sqlite: &'static str) -> Migration {
    Migration {
        sqlite,
        postgres: "",
    }
}

/// The tables as PostgreSQL gets them at first. Names are in the order of their bytes, as in SQLite.
const POSTGRES_AT_7: &str = r#"
    CREATE TABLE users (
        name TEXT COLLATE "C" PRIMARY KEY,
        role TEXT NOT NULL,
        password TEXT
    );
    INSERT INTO users (name, role) VALUES ('admin', 'admin');

    CREATE TABLE sign_ins (
        token_hash BYTEA PRIMARY KEY,
        cookie_hash BYTEA UNIQUE,
        user_name TEXT COLLATE "C" NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        expires_ms BIGINT NOT NULL,
        begun_ms BIGINT NOT NULL DEFAULT 0,
        browser TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX sign_ins_of_user ON sign_ins (user_name);

    CREATE TABLE api_keys (
        hash BYTEA PRIMARY KEY,
        user_name TEXT COLLATE "C" NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        label TEXT COLLATE "C" NOT NULL,
        created_ms BIGINT NOT NULL,
        scope TEXT NOT NULL,
        expires_ms BIGINT,
        used_ms BIGINT,
        UNIQUE (user_name, label)
    );

    CREATE TABLE shares (
        id TEXT COLLATE "C" PRIMARY KEY,
        session TEXT NOT NULL,
        hash BYTEA NOT NULL,
        role TEXT NOT NULL,
        label TEXT NOT NULL,
        created_ms BIGINT NOT NULL,
        expires_ms BIGINT
    );
    CREATE INDEX shares_of_session ON shares (session);

    CREATE TABLE second_factors (
        user_name TEXT COLLATE "C" PRIMARY KEY REFERENCES users (name) ON DELETE CASCADE,
        sealed_secret BYTEA NOT NULL,
        is_confirmed BIGINT NOT NULL,
        last_step BIGINT NOT NULL
    );

    CREATE TABLE recovery_codes (
        user_name TEXT COLLATE "C" NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        hash BYTEA NOT NULL,
        PRIMARY KEY (user_name, hash)
    );

    CREATE TABLE requests (
        user_name TEXT COLLATE "C" NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        key TEXT NOT NULL,
        fingerprint BYTEA NOT NULL,
        session TEXT,
        created_ms BIGINT NOT NULL,
        PRIMARY KEY (user_name, key)
    );
"#;

/// Brings the tables to the newest format.
pub(super) async fn migrate(database: &Database) -> Result<(), DatabaseError> {
    database.migrate("accounts", &MIGRATIONS).await
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
        let database = Database::file(&path).await.expect("a file");
        let old = database.migrate("accounts", &MIGRATIONS[..2]).await;
        old.expect("valid");
        let old = database.pool;
        let insert =
            "INSERT INTO api_keys (hash, user, label, created_ms) VALUES ($1, 'admin', 'cli', 1)";
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
