//! The events' file (SQLite).

use std::{fs::OpenOptions, net::IpAddr, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use streamspace_protocol::Code;
use tokio::sync::Mutex;

use super::chain::{AuditEvent, AuditFault, Head, Verifier};

const SCHEMA: &str = "
    -- `line` is the event as JSON, exactly as it was hashed.
    CREATE TABLE IF NOT EXISTS events (
        number INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        line TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    -- Where the events begin, once the oldest are no longer kept.
    CREATE TABLE IF NOT EXISTS start (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        number INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
";

/// Read at once while verifying.
const PAGE: i64 = 1000;

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("the audit file cannot be read or written: {0}")]
    Storage(#[from] sqlx::Error),
    #[error("the audit file cannot be opened: {0}")]
    Open(#[from] std::io::Error),
    #[error("the audit log is not whole: {0}")]
    Fault(#[from] AuditFault),
    #[error("the audit file holds something else than events")]
    Unreadable,
}

/// Which events are listed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditFilter {
    /// Those after the event of this number.
    #[serde(default)]
    pub(crate) after: i64,
    /// At most so many, 1 to 1000; 100 if absent.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) limit: Option<u16>,
    /// Of this user.
    pub(crate) who: Option<String>,
}

/// What is known of an event before it has a number.
#[derive(Debug)]
pub(super) struct News {
    pub(super) who: Option<String>,
    pub(super) from: Option<IpAddr>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) code: Option<Code>,
}

/// The audit file, for one writer. Readers may open it beside.
#[derive(Debug)]
pub struct AuditLog {
    pool: SqlitePool,
    /// Where the events end; nothing while that has to be read.
    head: Mutex<Option<Head>>,
}

impl AuditLog {
    /// Opens the file, or makes one that only its owner can read.
    ///
    /// # Errors
    /// A file that cannot be made or read, or is no database; a full disk.
    pub async fn open(path: &Path) -> Result<Self, AuditError> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // What was answered was written, also if the machine loses its power.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        Self::connect(options).await
    }

    /// A log that is gone when the value is.
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub async fn in_memory() -> Result<Self, AuditError> {
        Self::connect(SqliteConnectOptions::new().in_memory(true)).await
    }

    async fn connect(options: SqliteConnectOptions) -> Result<Self, AuditError> {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        Ok(Self {
            pool,
            head: Mutex::default(),
        })
    }

    /// Adds an event, which is on the disk when this returns.
    pub(super) async fn add(&self, news: News, at: Timestamp) -> Result<(), AuditError> {
        let mut head = self.head.lock().await;
        let before = match *head {
            Some(before) => before,
            None => self.last().await?,
        };
        // Until it is clear whether it is written, nothing is known.
        *head = None;
        let event = AuditEvent {
            number: before.number + 1,
            at,
            who: news.who,
            from: news.from,
            method: news.method,
            path: news.path,
            status: news.status,
            code: news.code,
        };
        let line = serde_json::to_string(&event).map_err(|_| AuditError::Unreadable)?;
        let after = before.after(&line);
        sqlx::query("INSERT INTO events (number, at_ms, line, hash) VALUES (?, ?, ?, ?)")
            .bind(after.number)
            .bind(at.as_millisecond())
            .bind(line)
            .bind(after.hash.as_slice())
            .execute(&self.pool)
            .await?;
        *head = Some(after);
        Ok(())
    }

    async fn last(&self) -> Result<Head, AuditError> {
        let row: Option<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT number, hash FROM events ORDER BY number DESC LIMIT 1")
                .fetch_optional(&self.pool)
                .await?;
        match row {
            Some(row) => head(row),
            None => self.start().await,
        }
    }

    async fn start(&self) -> Result<Head, AuditError> {
        let row: Option<(i64, Vec<u8>)> = sqlx::query_as("SELECT number, hash FROM start")
            .fetch_optional(&self.pool)
            .await?;
        row.map_or(Ok(Head::START), head)
    }

    /// Events in their order.
    ///
    /// # Errors
    /// A broken disk, or a file that holds something else.
    pub(crate) async fn events(&self, filter: &AuditFilter) -> Result<Vec<AuditEvent>, AuditError> {
        let lines: Vec<String> = sqlx::query_scalar(
            "SELECT line FROM events
             WHERE number > ?1 AND (?2 IS NULL OR json_extract(line, '$.who') = ?2)
             ORDER BY number LIMIT ?3",
        )
        .bind(filter.after)
        .bind(&filter.who)
        .bind(filter.limit.unwrap_or(100))
        .fetch_all(&self.pool)
        .await?;
        let event = |line: String| serde_json::from_str(&line).map_err(|_| AuditError::Unreadable);
        lines.into_iter().map(event).collect()
    }

    /// Goes through all events; gives where they end. `expected` is a head that was noted before.
    ///
    /// # Errors
    /// The first event that was changed or is missing; a broken disk.
    pub async fn verify(&self, expected: Option<String>) -> Result<Head, AuditError> {
        let start = self.start().await?;
        let mut at = start.number;
        let mut verifier = Verifier::new(start, expected);
        loop {
            let rows: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(
                "SELECT number, line, hash FROM events WHERE number > ? ORDER BY number LIMIT ?",
            )
            .bind(at)
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            let Some((last, ..)) = rows.last() else {
                return Ok(verifier.end()?);
            };
            at = *last;
            for (number, line, hash) in &rows {
                verifier.take(*number, line, hash)?;
            }
        }
    }

    /// Calls `each` with every event's line, from the oldest on.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn export(&self, mut each: impl FnMut(&str)) -> Result<(), AuditError> {
        let mut at = 0;
        loop {
            let rows: Vec<(i64, String)> = sqlx::query_as(
                "SELECT number, line FROM events WHERE number > ? ORDER BY number LIMIT ?",
            )
            .bind(at)
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            at = *last;
            rows.iter().for_each(|(_, line)| each(line));
        }
    }

    /// Forgets events that are older than `before`. The rest can still be verified.
    ///
    /// # Errors
    /// A full or broken disk.
    pub async fn forget(&self, before: Timestamp) -> Result<(), AuditError> {
        // Nothing is added meanwhile.
        let _head = self.head.lock().await;
        let mut transaction = self.pool.begin().await?;
        let last: Option<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT number, hash FROM events WHERE number <
             (SELECT coalesce(min(number), 9223372036854775807) FROM events WHERE at_ms >= ?)
             ORDER BY number DESC LIMIT 1",
        )
        .bind(before.as_millisecond())
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some((number, hash)) = last {
            sqlx::query("INSERT OR REPLACE INTO start (one, number, hash) VALUES (1, ?, ?)")
                .bind(number)
                .bind(hash)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("DELETE FROM events WHERE number <= ?")
                .bind(number)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

fn head((number, hash): (i64, Vec<u8>)) -> Result<Head, AuditError> {
    let hash = hash.try_into().map_err(|_| AuditError::Unreadable)?;
    Ok(Head { number, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn log(count: i64) -> AuditLog {
        let log = AuditLog::in_memory().await.expect("memory");
        for number in 0..count {
            let news = News {
                who: Some(["ann", "bob"][number as usize % 2].into()),
                from: None,
                method: "POST".into(),
                path: "/api/v1/sessions".into(),
                status: 201,
                code: None,
            };
            log.add(news, at(number)).await.expect("added");
        }
        log
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[tokio::test]
    async fn events_are_found_and_whole() {
        let log = log(5).await;
        let of_bob = AuditFilter {
            who: Some("bob".into()),
            ..AuditFilter::default()
        };
        let numbers =
            |events: Vec<AuditEvent>| events.iter().map(|event| event.number).collect::<Vec<_>>();
        assert_eq!(numbers(log.events(&of_bob).await.expect("events")), [2, 4]);
        let page = AuditFilter {
            after: 2,
            limit: Some(2),
            who: None,
        };
        assert_eq!(numbers(log.events(&page).await.expect("events")), [3, 4]);
        assert_eq!(log.verify(None).await.expect("whole").number, 5);
    }

    #[tokio::test]
    async fn a_changed_and_a_missing_row_are_named() {
        for (statement, fault) in [
            (
                "UPDATE events SET line = replace(line, 'ann', 'eve') WHERE number = 3",
                AuditFault::Changed(3),
            ),
            (
                "DELETE FROM events WHERE number = 2",
                AuditFault::Missing(2),
            ),
            (
                "DELETE FROM events WHERE number = 1",
                AuditFault::Missing(1),
            ),
        ] {
            let log = log(5).await;
            sqlx::query(statement)
                .execute(&log.pool)
                .await
                .expect("done");
            let found = log.verify(None).await;
            assert!(
                matches!(&found, Err(AuditError::Fault(found)) if *found == fault),
                "{found:?}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_forgotten_leaves_the_rest_whole() {
        let log = log(5).await;
        log.forget(at(3)).await.expect("forgotten");
        let left = log.events(&AuditFilter::default()).await.expect("events");
        assert_eq!(left.first().map(|event| event.number), Some(4));
        assert_eq!(log.verify(None).await.expect("whole").number, 5);
        log.forget(at(100)).await.expect("forgotten");
        assert_eq!(log.verify(None).await.expect("whole").number, 5);
    }
}
