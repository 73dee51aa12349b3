//! Where the events are kept.

use std::{net::IpAddr, path::Path};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::AnyPool;
use streamspace_protocol::Code;
use tokio::sync::Mutex;

use super::chain::{AuditEvent, AuditFault, Head, Verifier};
use crate::database::{Database, DatabaseError, Kind, Migration};

/// `line` is the event as JSON, exactly as it was hashed. The one row of the other table tells where the
/// events begin, once the oldest are no longer kept.
const MIGRATIONS: [Migration; 2] = [
    Migration {
        sqlite: "
    CREATE TABLE IF NOT EXISTS events (
        number INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        line TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS start (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        number INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
",
        postgres: "",
    },
    Migration {
        sqlite: "
    ALTER TABLE events RENAME TO audit_events;
    ALTER TABLE start RENAME TO audit_start;
",
        postgres: "
    CREATE TABLE audit_events (
        number BIGINT PRIMARY KEY,
        at_ms BIGINT NOT NULL,
        line TEXT NOT NULL,
        hash BYTEA NOT NULL
    );
    CREATE TABLE audit_start (
        one BIGINT PRIMARY KEY CHECK (one = 1),
        number BIGINT NOT NULL,
        hash BYTEA NOT NULL
    );
",
    },
];

/// How often an event is numbered anew because another server's came first.
const MOST_TRIES: u32 = 64;
/// Read at once while verifying.
const PAGE: i64 = 1000;

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("the audit log cannot be read or written: {0}")]
    Storage(#[from] sqlx::Error),
    #[error("the audit log cannot be opened: {0}")]
    Open(#[from] DatabaseError),
    #[error("too many servers write to the audit log at once")]
    Crowded,
    #[error("the audit log is not whole: {0}")]
    Fault(#[from] AuditFault),
    #[error("the audit log holds something else than events")]
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

impl News {
    /// The event's line after what came before it, and where the events end then.
    fn follow(&self, before: Head, at: Timestamp) -> Result<(String, Head), AuditError> {
        let event = AuditEvent {
            number: before.number + 1,
            at,
            who: self.who.clone(),
            from: self.from,
            method: self.method.clone(),
            path: self.path.clone(),
            status: self.status,
            code: self.code,
        };
        let line = serde_json::to_string(&event).map_err(|_| AuditError::Unreadable)?;
        let after = before.after(&line);
        Ok((line, after))
    }
}

/// The audit log. In a file it has one writer, and readers beside it; in PostgreSQL it may have several.
#[derive(Debug)]
pub struct AuditLog {
    database: Database,
    /// Where the events end, as far as this server knows; nothing while that has to be read.
    head: Mutex<Option<Head>>,
}

impl AuditLog {
    /// Opens the file, or makes one that only its owner can read.
    ///
    /// # Errors
    /// A file that cannot be made or read, or is no database; a full disk.
    pub async fn open(path: &Path) -> Result<Self, AuditError> {
        Self::in_database(Database::file(path).await?).await
    }

    /// The log in this database.
    ///
    /// # Errors
    /// Tables that a newer version wrote; a full or broken disk.
    pub async fn in_database(database: Database) -> Result<Self, AuditError> {
        database.migrate("audit", &MIGRATIONS).await?;
        Ok(Self {
            database,
            head: Mutex::default(),
        })
    }

    /// Adds an event, which is on the disk when this returns.
    ///
    /// Several servers add to one chain without a lock: a number can be taken once, and whoever comes
    /// second follows after it.
    pub(super) async fn add(&self, news: News, at: Timestamp) -> Result<(), AuditError> {
        let mut head = self.head.lock().await;
        for _ in 0..MOST_TRIES {
            let before = match *head {
                Some(before) => before,
                None => self.last().await?,
            };
            // Until it is clear whether it is written, nothing is known.
            *head = None;
            let (line, after) = news.follow(before, at)?;
            let added = sqlx::query(
                "INSERT INTO audit_events (number, at_ms, line, hash) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (number) DO NOTHING",
            )
            .bind(after.number)
            .bind(at.as_millisecond())
            .bind(line)
            .bind(after.hash.as_slice())
            .execute(self.pool())
            .await?;
            if added.rows_affected() > 0 {
                *head = Some(after);
                return Ok(());
            }
        }
        Err(AuditError::Crowded)
    }

    fn pool(&self) -> &AnyPool {
        &self.database.pool
    }

    /// Where the events end.
    pub(super) async fn last(&self) -> Result<Head, AuditError> {
        let row: Option<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT number, hash FROM audit_events ORDER BY number DESC LIMIT 1")
                .fetch_optional(self.pool())
                .await?;
        match row {
            Some(row) => head(row),
            None => self.start().await,
        }
    }

    async fn start(&self) -> Result<Head, AuditError> {
        let row: Option<(i64, Vec<u8>)> = sqlx::query_as("SELECT number, hash FROM audit_start")
            .fetch_optional(self.pool())
            .await?;
        row.map_or(Ok(Head::START), head)
    }

    /// Events in their order.
    ///
    /// # Errors
    /// A broken disk, or a file that holds something else.
    pub(crate) async fn events(&self, filter: &AuditFilter) -> Result<Vec<AuditEvent>, AuditError> {
        let query = match self.database.kind {
            Kind::Sqlite => {
                "SELECT line FROM audit_events
                 WHERE number > $1 AND ($2 IS NULL OR json_extract(line, '$.who') = $2)
                 ORDER BY number LIMIT $3"
            }
            Kind::Postgres => {
                "SELECT line FROM audit_events
                 WHERE number > $1 AND ($2 IS NULL OR line::json ->> 'who' = $2)
                 ORDER BY number LIMIT $3"
            }
        };
        let lines: Vec<String> = sqlx::query_scalar(query)
            .bind(filter.after)
            .bind(&filter.who)
            .bind(i64::from(filter.limit.unwrap_or(100)))
            .fetch_all(self.pool())
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
                "SELECT number, line, hash FROM audit_events WHERE number > $1 ORDER BY number LIMIT $2",
            )
            .bind(at)
            .bind(PAGE)
            .fetch_all(self.pool())
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
                "SELECT number, line FROM audit_events WHERE number > $1 ORDER BY number LIMIT $2",
            )
            .bind(at)
            .bind(PAGE)
            .fetch_all(self.pool())
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
        let mut transaction = self.pool().begin().await?;
        let last: Option<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT number, hash FROM audit_events WHERE number <
             (SELECT coalesce(min(number), 9223372036854775807) FROM audit_events WHERE at_ms >= $1)
             ORDER BY number DESC LIMIT 1",
        )
        .bind(before.as_millisecond())
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some((number, hash)) = last {
            sqlx::query(
                "INSERT INTO audit_start (one, number, hash) VALUES (1, $1, $2)
                 ON CONFLICT (one) DO UPDATE SET number = excluded.number, hash = excluded.hash",
            )
            .bind(number)
            .bind(hash)
            .execute(&mut *transaction)
            .await?;
            sqlx::query("DELETE FROM audit_events WHERE number <= $1")
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
    use crate::test_database::scratch_database;

    async fn log(count: i64) -> AuditLog {
        let log = AuditLog::in_database(scratch_database().await)
            .await
            .expect("a database");
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
                "UPDATE audit_events SET line = replace(line, 'ann', 'eve') WHERE number = 3",
                AuditFault::Changed(3),
            ),
            (
                "DELETE FROM audit_events WHERE number = 2",
                AuditFault::Missing(2),
            ),
            (
                "DELETE FROM audit_events WHERE number = 1",
                AuditFault::Missing(1),
            ),
        ] {
            let log = log(5).await;
            sqlx::query(statement)
                .execute(log.pool())
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
    async fn two_servers_add_to_one_chain() {
        let database = scratch_database().await;
        let open = async || {
            AuditLog::in_database(database.clone())
                .await
                .expect("a database")
        };
        let [one, other] = [open().await, open().await];
        let news = || News {
            who: None,
            from: None,
            method: "POST".into(),
            path: "/api/v1/sessions".into(),
            status: 201,
            code: None,
        };
        for second in 0..20 {
            let (added, beside) =
                tokio::join!(one.add(news(), at(second)), other.add(news(), at(second)));
            added.and(beside).expect("added");
        }
        assert_eq!(other.verify(None).await.expect("whole").number, 40);
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
