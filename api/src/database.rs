//! The SQL database beneath accounts and audit log: SQLite in a file for one server, PostgreSQL for several.
//!
//! Both are spoken to with the same statements. What differs, the types of columns and how versions are
//! kept, is all in here.

use std::{
    fs::{OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use sqlx::{
    Any, AnyPool, Transaction,
    any::{AnyPoolOptions, install_default_drivers},
};
use std::os::unix::ffi::OsStrExt;
use streamspace_protocol::Secret;

/// How long a statement waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that one server holds to PostgreSQL.
const CONNECTIONS: u32 = 8;
/// Servers that start at once bring the tables up to date one after another. Any number that no other
/// program uses in this database.
const MIGRATION_LOCK: i64 = 0x5354_5245_414d;

/// A database, open. Clones share it.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) pool: AnyPool,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error(transparent)]
    Open(#[from] io::Error),
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    #[error(
        "it was written by a newer version: its format is {found}, {known} is the newest known"
    )]
    Newer { found: i64, known: i64 },
}

/// One step from a version of some tables to the next.
pub(crate) struct Migration {
    pub(crate) sqlite: &'static str,
    /// Empty where the tables came to PostgreSQL only later.
    pub(crate) postgres: &'static str,
}

impl Database {
    /// Opens the file, or makes one that only its owner can read.
    ///
    /// # Errors
    /// A file that cannot be made or read, or is no database; a full disk.
    pub async fn file(path: &Path) -> Result<Self, DatabaseError> {
        let opened = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        opened.set_permissions(Permissions::from_mode(0o600))?;
        let path = percent_encode(path.as_os_str().as_bytes(), NON_ALPHANUMERIC);
        Self::sqlite(&format!("sqlite:{path}")).await
    }

    /// One that is gone when the value is.
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub async fn in_memory() -> Result<Self, DatabaseError> {
        Self::sqlite("sqlite::memory:").await
    }

    /// One connection serves all: each statement takes well under a millisecond, and a database in
    /// memory belongs to its connection.
    async fn sqlite(url: &str) -> Result<Self, DatabaseError> {
        install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
            .connect(url)
            .await?;
        // What was answered was written, also if the machine loses its power.
        sqlx::raw_sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            .execute(&pool)
            .await?;
        Ok(Self {
            pool,
            kind: Kind::Sqlite,
        })
    }

    /// One that several servers share: `postgres://name:password@host/database?sslmode=verify-full`.
    ///
    /// # Errors
    /// A server that cannot be reached, or that does not let this one in.
    pub async fn postgres(url: &Secret) -> Result<Self, DatabaseError> {
        install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect(url.expose())
            .await?;
        Ok(Self {
            pool,
            kind: Kind::Postgres,
        })
    }

    /// Whether other servers may use it at this time.
    pub(crate) fn is_shared(&self) -> bool {
        self.kind == Kind::Postgres
    }

    /// Brings the tables of `part` to their newest version; if that is interrupted, they stay what they
    /// were.
    pub(crate) async fn migrate(
        &self,
        part: &str,
        migrations: &[Migration],
    ) -> Result<(), DatabaseError> {
        let known = migrations.len() as i64;
        let mut transaction = self.begin_migration().await?;
        let found = self.version(part, &mut transaction).await?;
        let pending = usize::try_from(found)
            .ok()
            .and_then(|found| migrations.get(found..))
            .ok_or(DatabaseError::Newer { found, known })?;
        for migration in pending {
            let statements = match self.kind {
                Kind::Sqlite => migration.sqlite,
                Kind::Postgres => migration.postgres,
            };
            sqlx::raw_sql(statements).execute(&mut *transaction).await?;
        }
        self.set_version(part, known, &mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn begin_migration(&self) -> Result<Transaction<'_, Any>, DatabaseError> {
        if self.kind == Kind::Sqlite {
            return Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?);
        }
        let mut transaction = self.pool.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(MIGRATION_LOCK)
            .execute(&mut *transaction)
            .await?;
        sqlx::raw_sql(
            "CREATE TABLE IF NOT EXISTS versions (part TEXT PRIMARY KEY, version BIGINT NOT NULL)",
        )
        .execute(&mut *transaction)
        .await?;
        Ok(transaction)
    }

    async fn version(
        &self,
        part: &str,
        transaction: &mut Transaction<'_, Any>,
    ) -> Result<i64, DatabaseError> {
        let found: Option<i64> = match self.kind {
            Kind::Sqlite => sqlx::query_scalar("PRAGMA user_version"),
            Kind::Postgres => {
                sqlx::query_scalar("SELECT version FROM versions WHERE part = $1").bind(part)
            }
        }
        .fetch_optional(&mut **transaction)
        .await?;
        Ok(found.unwrap_or(0))
    }

    /// A file of SQLite has one part only.
    async fn set_version(
        &self,
        part: &str,
        version: i64,
        transaction: &mut Transaction<'_, Any>,
    ) -> Result<(), DatabaseError> {
        let pragma = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        match self.kind {
            Kind::Sqlite => sqlx::query(pragma),
            Kind::Postgres => sqlx::query(
                "INSERT INTO versions (part, version) VALUES ($1, $2)
                 ON CONFLICT (part) DO UPDATE SET version = excluded.version",
            )
            .bind(part)
            .bind(version),
        }
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }
}

/// Whether there was no room on the database's disk.
pub(crate) fn is_full(error: &sqlx::Error) -> bool {
    /// `SQLITE_FULL`: the disk, or the limit on the database's size.
    const SQLITE_FULL: &str = "13";
    /// `disk_full` of PostgreSQL.
    const DISK_FULL: &str = "53100";
    match error {
        sqlx::Error::Database(cause) => {
            matches!(cause.code().as_deref(), Some(SQLITE_FULL | DISK_FULL))
        }
        sqlx::Error::Io(cause) => cause.kind() == io::ErrorKind::StorageFull,
        _ => false,
    }
}
