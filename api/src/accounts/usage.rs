//! How long sessions ran, and whose.
//!
//! Whoever serves looks now and then which sessions run. A run is a row that each look makes longer, so several
//! servers may look at the same sessions and count them once.

use std::time::Duration;

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::{Accounts, AccountsError};

/// How often is looked, at least. What a session runs after the last look is not counted.
pub(crate) const LOOK: Duration = Duration::from_secs(30);
/// Runs that were not seen for so long have ended; what is seen again is another one.
const GAP_MS: i64 = 90_000;
/// How long runs are kept.
const MEMORY_DAYS: i64 = 400;

impl Accounts {
    /// Takes down that a session runs at this time.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn note_run(
        &self,
        session: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<(), AccountsError> {
        let now_ms = now.as_millisecond();
        let longer = sqlx::query(
            "UPDATE runs SET seen_ms = $1
             WHERE session = $2 AND user_name = $3 AND seen_ms > $4 AND seen_ms < $1",
        )
        .bind(now_ms)
        .bind(session)
        .bind(user)
        .bind(now_ms - GAP_MS)
        .execute(&self.pool)
        .await?;
        if longer.rows_affected() > 0 {
            return Ok(());
        }
        // To the look, so that two servers that see it first at about the same time make one row.
        let look_ms = i64::try_from(LOOK.as_millis()).unwrap_or(i64::MAX);
        sqlx::query(
            "INSERT INTO runs (session, user_name, began_ms, seen_ms) SELECT $1, $2, $3, $4
             WHERE NOT EXISTS (SELECT 1 FROM runs
                               WHERE session = $1 AND user_name = $2 AND seen_ms >= $4)
             ON CONFLICT (session, user_name, began_ms) DO NOTHING",
        )
        .bind(session)
        .bind(user)
        .bind(now_ms / look_ms * look_ms)
        .bind(now_ms)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// For how long the user's sessions ran in this calendar month (UTC), all together.
    ///
    /// # Errors
    /// A broken disk.
    pub(crate) async fn run_time(
        &self,
        user: &str,
        now: Timestamp,
    ) -> Result<Duration, AccountsError> {
        let month = month_start(now).as_millisecond();
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT began_ms, seen_ms FROM runs WHERE user_name = $1 AND seen_ms > $2",
        )
        .bind(user)
        .bind(month)
        .fetch_all(&self.pool)
        .await?;
        let millis: i64 = rows
            .iter()
            .map(|&(began, seen)| seen - began.max(month))
            .sum();
        Ok(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    }

    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn forget_runs(&self, now: Timestamp) -> Result<(), AccountsError> {
        let before = now - (MEMORY_DAYS * 24).hours();
        sqlx::query("DELETE FROM runs WHERE seen_ms < $1")
            .bind(before.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn month_start(now: Timestamp) -> Timestamp {
    let first = now.to_zoned(TimeZone::UTC).first_of_month();
    let start = first.and_then(|first| first.start_of_day());
    start.map_or(now, |start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use crate::accounts::{ADMIN, tests::accounts};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[tokio::test]
    async fn a_run_is_counted_once_however_many_look() {
        let accounts = accounts().await;
        let start = at("2026-05-10T12:00:00Z");
        for second in (0..=120).step_by(30) {
            for offset in [0, 2] {
                let now = start + (second + offset).seconds();
                accounts.note_run("desk", ADMIN, now).await.expect("a disk");
            }
        }
        let counted = accounts.run_time(ADMIN, start).await.expect("a disk");
        assert_eq!(counted.as_secs(), 122);
    }

    #[tokio::test]
    async fn a_pause_is_not_counted_and_a_new_owner_counts_from_then_on() {
        let accounts = accounts().await;
        let start = at("2026-05-10T12:00:00Z");
        for second in [0, 30, 600, 630] {
            accounts
                .note_run("desk", ADMIN, start + second.seconds())
                .await
                .expect("a disk");
        }
        for second in [660, 690] {
            accounts
                .note_run("desk", "ada", start + second.seconds())
                .await
                .expect("a disk");
        }
        let counted = async |user| {
            accounts
                .run_time(user, start)
                .await
                .expect("a disk")
                .as_secs()
        };
        assert_eq!((counted(ADMIN).await, counted("ada").await), (60, 30));
    }

    #[tokio::test]
    async fn the_count_begins_anew_with_each_month() {
        let accounts = accounts().await;
        let start = at("2026-05-31T23:59:00Z");
        for second in (0..=120).step_by(30) {
            accounts
                .note_run("desk", ADMIN, start + second.seconds())
                .await
                .expect("a disk");
        }
        let june = at("2026-06-01T00:01:00Z");
        let counted = accounts.run_time(ADMIN, june).await.expect("a disk");
        assert_eq!(counted.as_secs(), 60);
        accounts
            .forget_runs(june + (24 * 500).hours())
            .await
            .expect("a disk");
        let counted = accounts.run_time(ADMIN, june).await.expect("a disk");
        assert_eq!(counted.as_secs(), 0);
    }
}
