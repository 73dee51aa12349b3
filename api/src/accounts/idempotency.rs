//! Requests that a caller may send again without their being done again (draft-ietf-httpapi-idempotency-key-header).

use std::time::Duration;

use axum::{extract::OptionalFromRequestParts, http::request::Parts};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use streamspace_protocol::SessionId;

use super::{Accounts, AccountsError};
use crate::ApiError;

/// How long a key stands for its request.
const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);
/// One that is carried out for longer was broken off.
const LONGEST: Duration = Duration::from_secs(60);
/// The most that are kept; the oldest give way.
const MAX_KEPT: i64 = 10_000;
const MAX_KEY: usize = 64;

/// What the caller calls its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(None);
        };
        let is_letter = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
        match value.to_str() {
            Ok(text)
                if (1..=MAX_KEY).contains(&text.len()) && text.as_bytes().iter().all(is_letter) =>
            {
                Ok(Some(Self(text.to_owned())))
            }
            _ => Err(ApiError::IdempotencyKey),
        }
    }
}

/// A user's request under its key.
pub(crate) struct Claim<'a> {
    pub(crate) user: &'a str,
    pub(crate) key: &'a IdempotencyKey,
    pub(crate) request: Vec<u8>,
}

/// By which a request is known again.
pub(crate) fn fingerprint(request: &impl Serialize) -> Vec<u8> {
    let text = serde_json::to_vec(request).expect("a request came as JSON");
    digest(&SHA256, &text).as_ref().to_vec()
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// It is for the caller to carry it out and to [`Accounts::settle`] it.
    Now,
    /// It was carried out, and made this.
    Before(SessionId),
}

impl Accounts {
    /// Takes a request on, unless it was taken on before.
    ///
    /// # Errors
    /// The key stands for another request, or for one that is still carried out; a full or broken disk.
    pub(crate) async fn claim(
        &self,
        claim: &Claim<'_>,
        now: Timestamp,
    ) -> Result<Claimed, ApiError> {
        self.forget_requests(now).await?;
        let taken = sqlx::query(
            "INSERT INTO requests (user_name, key, fingerprint, created_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_name, key) DO NOTHING",
        )
        .bind(claim.user)
        .bind(&claim.key.0)
        .bind(&claim.request)
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await
        .map_err(AccountsError::from)?;
        if taken.rows_affected() > 0 {
            return Ok(Claimed::Now);
        }
        let row: Option<(Vec<u8>, Option<String>)> = sqlx::query_as(
            "SELECT fingerprint, session FROM requests WHERE user_name = $1 AND key = $2",
        )
        .bind(claim.user)
        .bind(&claim.key.0)
        .fetch_optional(&self.pool)
        .await
        .map_err(AccountsError::from)?;
        match row {
            Some((request, _)) if request != claim.request => Err(ApiError::KeyReused),
            Some((_, Some(session))) => {
                let session = session.parse().map_err(|_| ApiError::NoSuchSession)?;
                Ok(Claimed::Before(session))
            }
            // None: it failed in this very moment.
            Some((_, None)) | None => Err(ApiError::UnderWay),
        }
    }

    /// Notes what a request has made; one that failed may be sent again.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn settle(
        &self,
        claim: &Claim<'_>,
        made: Option<&str>,
    ) -> Result<(), AccountsError> {
        let query = match made {
            Some(_) => "UPDATE requests SET session = $3 WHERE user_name = $1 AND key = $2",
            None => "DELETE FROM requests WHERE user_name = $1 AND key = $2 AND $3 IS NULL",
        };
        sqlx::query(query)
            .bind(claim.user)
            .bind(&claim.key.0)
            .bind(made)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn forget_requests(&self, now: Timestamp) -> Result<(), AccountsError> {
        let before = |time: Duration| {
            let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
            now.as_millisecond().saturating_sub(time)
        };
        sqlx::query(
            "DELETE FROM requests WHERE created_ms <= $1 OR (session IS NULL AND created_ms <= $2)
             OR (user_name, key) NOT IN
             (SELECT user_name, key FROM requests ORDER BY created_ms DESC LIMIT $3)",
        )
        .bind(before(MEMORY))
        .bind(before(LONGEST))
        .bind(MAX_KEPT - 1)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim<'a>(key: &'a IdempotencyKey, request: &str) -> Claim<'a> {
        let request = fingerprint(&request);
        Claim {
            user: super::super::ADMIN,
            key,
            request,
        }
    }

    #[tokio::test]
    async fn a_key_stands_for_one_request_until_it_fails_or_a_day_has_passed() {
        let accounts = crate::accounts::tests::accounts().await;
        let key = IdempotencyKey("k".into());
        let (one, other) = (claim(&key, "a"), claim(&key, "b"));
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).expect("a time");

        assert_eq!(
            accounts.claim(&one, at(0)).await.expect("taken"),
            Claimed::Now
        );
        let meanwhile = accounts.claim(&one, at(1)).await;
        assert!(
            matches!(meanwhile, Err(ApiError::UnderWay)),
            "{meanwhile:?}"
        );
        accounts.settle(&one, None).await.expect("noted");
        assert_eq!(
            accounts.claim(&one, at(2)).await.expect("again"),
            Claimed::Now
        );
        accounts.settle(&one, Some("desk")).await.expect("noted");
        let made = Claimed::Before("desk".parse().expect("a name"));
        assert_eq!(accounts.claim(&one, at(3)).await.expect("known"), made);
        let reused = accounts.claim(&other, at(4)).await;
        assert!(matches!(reused, Err(ApiError::KeyReused)), "{reused:?}");
        assert_eq!(
            accounts.claim(&other, at(90_000)).await.expect("new"),
            Claimed::Now
        );
        // Whoever carried it out is gone.
        assert_eq!(
            accounts.claim(&other, at(90_061)).await.expect("new"),
            Claimed::Now
        );
    }
}
