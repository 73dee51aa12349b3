//! The session store: one SQLite file that holds each session's object as JSON.

use std::{collections::BTreeSet, fs::OpenOptions, io, os::unix::fs::OpenOptionsExt, path::Path};

use sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};
use streamspace_protocol::SessionId;
use streamspace_resources::{Phase, Session};

use crate::{
    error::StoreError,
    status::phase,
    templates::{self, SavedTemplates},
};

/// How many ended and failed sessions are remembered, so that whoever watched one can still learn
/// its end.
const ENDED_KEPT: i64 = 100;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS sessions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    ended INTEGER NOT NULL,
    object TEXT NOT NULL
)";

#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
}

impl Store {
    pub(crate) async fn open(file: &Path) -> Result<Self, StoreError> {
        create_private(file).map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal);
        // One connection: SQLite has one writer anyway, and none ever waits for another.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await?;
        sqlx::query(SCHEMA).execute(&pool).await?;
        sqlx::query(templates::SCHEMA).execute(&pool).await?;
        Ok(Self { pool })
    }

    pub(crate) fn templates(&self) -> SavedTemplates {
        SavedTemplates::new(self.pool.clone())
    }

    /// Adds a session, and forgets the oldest of the many that have ended, whose names it returns.
    pub(crate) async fn insert(&self, session: &Session) -> Result<Vec<String>, StoreError> {
        sqlx::query("INSERT INTO sessions (id, ended, object) VALUES (?, ?, ?)")
            .bind(&session.metadata.name)
            .bind(ended(session))
            .bind(serde_json::to_string(session)?)
            .execute(&self.pool)
            .await?;
        // The session is in, whatever becomes of older ones: the next insertion tries again.
        Ok(self.forget_oldest().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "old sessions could not be removed from the store");
            Vec::new()
        }))
    }

    async fn forget_oldest(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "DELETE FROM sessions WHERE ended AND number NOT IN
             (SELECT number FROM sessions WHERE ended ORDER BY number DESC LIMIT ?)
             RETURNING id",
        )
        .bind(ENDED_KEPT)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(|row| row.get("id")).collect())
    }

    pub(crate) async fn update(&self, session: &Session) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET ended = ?, object = ? WHERE id = ?")
            .bind(ended(session))
            .bind(serde_json::to_string(session)?)
            .bind(&session.metadata.name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub(crate) async fn get(&self, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query("SELECT object FROM sessions WHERE id = ?")
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.and_then(|row| decode(row.get(0))))
    }

    /// The sessions that have not ended, and those that failed, oldest first.
    pub(crate) async fn current(&self) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query("SELECT object FROM sessions WHERE ended <> ? ORDER BY number")
            .bind(TERMINATED)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().filter_map(|row| decode(row.get(0))).collect())
    }

    /// The names of all sessions that are remembered.
    pub(crate) async fn names(&self) -> Result<BTreeSet<String>, StoreError> {
        let rows = sqlx::query("SELECT id FROM sessions")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.iter().map(|row| row.get("id")).collect())
    }

    /// Whether there was such a session.
    pub(crate) async fn delete(&self, id: &SessionId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE id = ?")
            .bind(id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// The column `ended`.
const LIVING: i64 = 0;
const TERMINATED: i64 = 1;
const FAILED: i64 = 2;

fn ended(session: &Session) -> i64 {
    match phase(session) {
        Phase::Pending | Phase::Running | Phase::Hibernated => LIVING,
        Phase::Terminated => TERMINATED,
        Phase::Failed => FAILED,
    }
}

/// An object that another version wrote and this one cannot read is passed over, not fatal.
fn decode(object: &str) -> Option<Session> {
    serde_json::from_str(object)
        .inspect_err(|error| tracing::warn!(%error, "a stored session cannot be read"))
        .ok()
}

/// Creates the file if it is missing, for its owner only; SQLite gives its side files the same mode.
fn create_private(file: &Path) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(file)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use streamspace_api::BackendError;
    use streamspace_protocol::Code;
    use streamspace_resources::{SessionSpec, SessionStatus};

    use super::*;

    fn session(name: &str, phase: Phase) -> Session {
        let mut session = Session::new(
            name.into(),
            SessionSpec::default(),
            jiff::Timestamp::UNIX_EPOCH,
        );
        session.status = Some(SessionStatus {
            phase,
            ..SessionStatus::default()
        });
        session
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("sessions.db"))
            .await
            .expect("a store");
        (folder, store)
    }

    fn names(sessions: &[Session]) -> Vec<&str> {
        sessions
            .iter()
            .map(|session| session.metadata.name.as_str())
            .collect()
    }

    #[tokio::test]
    async fn sessions_are_kept_over_a_restart_in_a_file_for_the_owner_only() {
        let (folder, store) = store().await;
        for (name, phase) in [
            ("b", Phase::Running),
            ("a", Phase::Failed),
            ("c", Phase::Terminated),
        ] {
            store.insert(&session(name, phase)).await.expect("inserted");
        }
        store.close().await;
        let file = folder.path().join("sessions.db");
        let mode = file.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let store = Store::open(&file).await.expect("opened again");
        assert_eq!(names(&store.current().await.expect("a list")), ["b", "a"]);
        let ended = store
            .get(&"c".parse().expect("a name"))
            .await
            .expect("read");
        assert_eq!(ended, Some(session("c", Phase::Terminated)));
    }

    #[tokio::test]
    async fn only_the_latest_ended_and_failed_sessions_are_remembered() {
        let (_folder, store) = store().await;
        let mut forgotten = Vec::new();
        for number in 0..=ENDED_KEPT {
            let phase = [Phase::Terminated, Phase::Failed][usize::from(number % 2 == 0)];
            let session = session(&format!("s{number}"), phase);
            forgotten.extend(store.insert(&session).await.expect("inserted"));
        }
        assert_eq!(forgotten, ["s0"]);
        let names = store.names().await.expect("names");
        assert!(!names.contains("s0"));
        assert!(names.contains("s1"));
    }

    #[tokio::test]
    async fn a_session_is_in_even_if_older_ones_cannot_be_removed() {
        let (_folder, store) = store().await;
        sqlx::query(
            "CREATE TRIGGER kept BEFORE DELETE ON sessions
             BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
        )
        .execute(&store.pool)
        .await
        .expect("a trigger");
        for number in 0..=ENDED_KEPT {
            let session = session(&format!("s{number}"), Phase::Terminated);
            let forgotten = store.insert(&session).await.expect("inserted");
            assert_eq!(forgotten, [""; 0]);
        }
    }

    #[tokio::test]
    async fn a_full_disk_has_its_own_error() {
        let (_folder, store) = store().await;
        sqlx::query("PRAGMA max_page_count = 2")
            .execute(&store.pool)
            .await
            .expect("limited");
        let mut large = session("large", Phase::Running);
        large.spec.tags = vec!["x".repeat(100_000)];
        let error = BackendError::from(store.insert(&large).await.expect_err("no room"));
        assert_eq!(error.code(), Code::StorageFull);
    }
}
