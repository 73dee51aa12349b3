use crate::database::Migration;

/// Cookies that change with each use, identity providers, passkeys.
pub(super) const MIGRATION: Migration = Migration {
    sqlite: "
    -- The cookie before cookie_hash, and when that took its place.
    ALTER TABLE sign_ins ADD COLUMN previous_hash BLOB;
    ALTER TABLE sign_ins ADD COLUMN rotated_ms INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX sign_ins_by_id ON sign_ins (substr(token_hash, 1, 8));

    -- Whose access tokens from before are good no more.
    CREATE TABLE revocations (
        subject TEXT PRIMARY KEY,
        revoked_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Who somebody at an identity provider is here.
    CREATE TABLE identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        PRIMARY KEY (issuer, subject)
    ) STRICT, WITHOUT ROWID;

    -- What the provider has given for a sign-in. Its tokens are sealed with the key beside this file.
    CREATE TABLE provider_sign_ins (
        token_hash BLOB PRIMARY KEY REFERENCES sign_ins (token_hash) ON DELETE CASCADE,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        session TEXT,
        sealed_id_token BLOB NOT NULL,
        sealed_refresh_token BLOB,
        asked_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX provider_sign_ins_by_id ON provider_sign_ins (substr(token_hash, 1, 8));
    CREATE INDEX provider_sign_ins_of_subject ON provider_sign_ins (issuer, subject);

    CREATE TABLE passkeys (
        credential BLOB PRIMARY KEY,
        user_name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        label TEXT NOT NULL,
        -- The host that it is for.
        site TEXT NOT NULL,
        -- As X.509 has it.
        public_key BLOB NOT NULL,
        -- How often it has signed, as far as it counts.
        signatures INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        used_ms INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX passkeys_of_user ON passkeys (user_name);

    -- None is answered twice.
    CREATE TABLE answered_challenges (
        hash BLOB PRIMARY KEY,
        expires_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    postgres: r#"
    ALTER TABLE sign_ins ADD COLUMN previous_hash BYTEA;
    ALTER TABLE sign_ins ADD COLUMN rotated_ms BIGINT NOT NULL DEFAULT 0;
    CREATE INDEX sign_ins_by_id ON sign_ins (substr(token_hash, 1, 8));

    CREATE TABLE revocations (
        subject TEXT COLLATE "C" PRIMARY KEY,
        revoked_ms BIGINT NOT NULL
    );

    CREATE TABLE identities (
        issuer TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        user_name TEXT COLLATE "C" NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        PRIMARY KEY (issuer, subject)
    );

    CREATE TABLE provider_sign_ins (
        token_hash BYTEA PRIMARY KEY REFERENCES sign_ins (token_hash) ON DELETE CASCADE,
        issuer TEXT COLLATE "C" NOT NULL,
        subject TEXT COLLATE "C" NOT NULL,
        session TEXT COLLATE "C",
        sealed_id_token BYTEA NOT NULL,
        sealed_refresh_token BYTEA,
        asked_ms BIGINT NOT NULL
    );
    CREATE INDEX provider_sign_ins_by_id ON provider_sign_ins (substr(token_hash, 1, 8));
    CREATE INDEX provider_sign_ins_of_subject ON provider_sign_ins (issuer, subject);

    CREATE TABLE passkeys (
        credential BYTEA PRIMARY KEY,
        user_name TEXT COLLATE "C" NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        label TEXT NOT NULL,
        site TEXT NOT NULL,
        public_key BYTEA NOT NULL,
        signatures BIGINT NOT NULL,
        created_ms BIGINT NOT NULL,
        used_ms BIGINT
    );
    CREATE INDEX passkeys_of_user ON passkeys (user_name);

    CREATE TABLE answered_challenges (
        hash BYTEA PRIMARY KEY,
        expires_ms BIGINT NOT NULL
    );
"#,
};
