//! Share links. Of a link's secret only the hash is kept.

use std::time::Duration;

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use streamspace_protocol::{Code, Role, Secret, SessionId, Share, ShareId};

use super::{Accounts, AccountsError, token};

/// The most links of one session.
const MOST_EACH: usize = 64;
/// The most that are kept; the oldest give way. Sessions that end by themselves leave theirs behind.
const MAX_KEPT: i64 = 4096;

/// What a new link is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareOrder {
    pub(crate) role: Role,
    pub(crate) label: String,
    pub(crate) lifetime: Option<Duration>,
}

/// A link is no good, or could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    #[error("this link to the session is not valid; ask who sent it for a new one")]
    Invalid,
    #[error("the time of this link to the session is over; ask who sent it for a new one")]
    Expired,
    #[error("the session has {MOST_EACH} links, which is the limit; withdraw one first")]
    TooMany,
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}

impl ShareError {
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid => Code::ShareInvalid,
            Self::Expired => Code::ShareExpired,
            Self::TooMany => Code::LimitReached,
            Self::Accounts(error) => error.code(),
        }
    }
}

/// So that `?` takes it all the way.
impl From<sqlx::Error> for ShareError {
    fn from(error: sqlx::Error) -> Self {
        Self::Accounts(error.into())
    }
}

type Row = (String, Vec<u8>, String, String, i64, Option<i64>);

impl Accounts {
    /// A new link to the session that began at `since`, and its secret.
    ///
    /// # Errors
    /// Too many links; a full or broken disk.
    pub(crate) async fn create_share(
        &self,
        session: &SessionId,
        since: Timestamp,
        order: ShareOrder,
        now: Timestamp,
    ) -> Result<(Share, Secret), ShareError> {
        if self.rows(session, since).await?.len() >= MOST_EACH {
            return Err(ShareError::TooMany);
        }
        let (secret, hash) = token::new()?;
        let created_unix_ms = now.as_millisecond();
        let lifetime_ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let share = Share {
            id: new_id()?,
            role: order.role,
            label: order.label,
            created_unix_ms,
            expires_unix_ms: order
                .lifetime
                .map(|time| created_unix_ms.saturating_add(lifetime_ms(time))),
        };
        self.insert_share(session, &share, hash).await?;
        Ok((share, secret))
    }

    async fn insert_share(
        &self,
        session: &SessionId,
        share: &Share,
        hash: Vec<u8>,
    ) -> Result<(), AccountsError> {
        sqlx::query(
            "DELETE FROM shares WHERE id NOT IN
             (SELECT id FROM shares ORDER BY created_ms DESC LIMIT $1)",
        )
        .bind(MAX_KEPT - 1)
        .execute(&self.pool)
        .await?;
        sqlx::query(
            "INSERT INTO shares (id, session, hash, role, label, created_ms, expires_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(share.id.as_str())
        .bind(session.as_str())
        .bind(hash)
        .bind(name_of(share.role))
        .bind(&share.label)
        .bind(share.created_unix_ms)
        .bind(share.expires_unix_ms)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The links of the session that began at `since`, oldest first, expired ones too.
    ///
    /// # Errors
    /// A broken disk.
    pub(crate) async fn shares(
        &self,
        session: &SessionId,
        since: Timestamp,
    ) -> Result<Vec<Share>, AccountsError> {
        let rows = self.rows(session, since).await?;
        Ok(rows.into_iter().map(|(share, _)| share).collect())
    }

    /// The link with this secret.
    ///
    /// # Errors
    /// A secret of no link, or of another session's; an expired one; a broken disk.
    pub(crate) async fn share_with(
        &self,
        session: &SessionId,
        since: Timestamp,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<Share, ShareError> {
        let shown = token::hash(secret.expose());
        let rows = self.rows(session, since).await?;
        // All of them, however soon one fits, and each in the same time.
        let fitting = rows.into_iter().fold(None, |found, (share, hash)| {
            if is_same(&hash, &shown) {
                Some(share)
            } else {
                found
            }
        });
        let share = fitting.ok_or(ShareError::Invalid)?;
        let is_over = |until| until <= now.as_millisecond();
        if share.expires_unix_ms.is_some_and(is_over) {
            return Err(ShareError::Expired);
        }
        Ok(share)
    }

    /// Withdraws a link; says whether there was one.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn delete_share(
        &self,
        session: &SessionId,
        share: &ShareId,
    ) -> Result<bool, AccountsError> {
        let outcome = sqlx::query("DELETE FROM shares WHERE session = $1 AND id = $2")
            .bind(session.as_str())
            .bind(share.as_str())
            .execute(&self.pool)
            .await?;
        Ok(outcome.rows_affected() > 0)
    }

    /// Forgets the links of a session that has ended.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn delete_shares_of(&self, session: &SessionId) -> Result<(), AccountsError> {
        sqlx::query("DELETE FROM shares WHERE session = $1")
            .bind(session.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Links with the hashes of their secrets. One that is older than the session was of another one
    /// of the same name.
    async fn rows(
        &self,
        session: &SessionId,
        since: Timestamp,
    ) -> Result<Vec<(Share, Vec<u8>)>, AccountsError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, hash, role, label, created_ms, expires_ms FROM shares
             WHERE session = $1 AND created_ms >= $2 ORDER BY created_ms, id",
        )
        .bind(session.as_str())
        .bind(since.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(read).collect()
    }
}

fn read(
    (id, hash, role, label, created_unix_ms, expires_unix_ms): Row,
) -> Result<(Share, Vec<u8>), AccountsError> {
    let unreadable = || AccountsError::UnknownRole(role.clone());
    let share = Share {
        id: ShareId::try_from(id).map_err(|_| unreadable())?,
        role: role_named(&role).ok_or_else(unreadable)?,
        label,
        created_unix_ms,
        expires_unix_ms,
    };
    Ok((share, hash))
}

fn name_of(role: Role) -> &'static str {
    match role {
        Role::View => "view",
        Role::Control => "control",
        Role::Own => "own",
    }
}

fn role_named(name: &str) -> Option<Role> {
    [Role::View, Role::Control, Role::Own]
        .into_iter()
        .find(|&role| name_of(role) == name)
}

fn new_id() -> Result<ShareId, AccountsError> {
    let mut bytes = [0; 8];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|ring::error::Unspecified| AccountsError::NoRandomness)?;
    Ok(ShareId::new(bytes))
}

/// In a time that does not tell how much of them is the same.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let difference = one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && difference == 0
}
