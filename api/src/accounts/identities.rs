//! People whom an identity provider vouches for. Who somebody is there is issuer and subject, and nothing else:
//! names and mail addresses change hands.

use std::time::Duration;

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use streamspace_protocol::Secret;

use super::{
    Accounts, AccountsError, Role, User, UserError, revocations::Ended, sign_in::Asked, token,
    users,
};

/// How often the provider is asked about one sign-in, at most.
const REST: Duration = Duration::from_secs(10);
/// So many people of one name get it with a number.
const SAME_NAMES: u32 = 9;

/// Somebody at a provider.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
}

/// What is kept of a sign-in by a provider, to go on with it there.
#[derive(Debug)]
pub(crate) struct AtProvider {
    pub(crate) session: Option<String>,
    pub(crate) id_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
}

/// A sign-in about which it is time to ask the provider.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) refresh_token: Secret,
}

impl Accounts {
    /// Who this is here.
    ///
    /// # Errors
    /// A broken disk.
    pub(crate) async fn identified(
        &self,
        identity: Identity<'_>,
    ) -> Result<Option<User>, AccountsError> {
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT name, role FROM identities JOIN users ON name = user_name
             WHERE issuer = $1 AND subject = $2",
        )
        .bind(identity.issuer)
        .bind(identity.subject)
        .fetch_optional(&self.pool)
        .await?;
        row.map(super::user).transpose()
    }

    /// A new user for somebody, called by the first of these names that is free, or nearly so. Nobody's name
    /// is taken from them.
    ///
    /// # Errors
    /// Too many users; a full or broken disk.
    pub(crate) async fn add_identified(
        &self,
        identity: Identity<'_>,
        names: &[String],
        role: Role,
        now: Timestamp,
    ) -> Result<User, UserError> {
        let user = self.add_named(identity, names, role).await?;
        let added = sqlx::query(
            "INSERT INTO identities (issuer, subject, user_name) VALUES ($1, $2, $3)
             ON CONFLICT (issuer, subject) DO NOTHING",
        )
        .bind(identity.issuer)
        .bind(identity.subject)
        .bind(&user.name)
        .execute(&self.pool)
        .await?;
        if added.rows_affected() > 0 {
            return Ok(user);
        }
        // They signed in twice at once, and the other was first.
        self.remove_user(&user.name, now).await?;
        self.identified(identity).await?.ok_or(UserError::Unknown)
    }

    async fn add_named(
        &self,
        identity: Identity<'_>,
        names: &[String],
        role: Role,
    ) -> Result<User, UserError> {
        for name in candidates(identity, names) {
            match self.add_user(&name, role).await {
                Err(UserError::Taken | UserError::Name) => {}
                outcome => return outcome,
            }
        }
        Err(UserError::Taken)
    }

    /// Signs a browser of this user in: its cookie. `None` where the user is gone.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn sign_in_identified(
        &self,
        user: &User,
        browser: &str,
        now: Timestamp,
    ) -> Result<Option<Secret>, AccountsError> {
        self.begin_sign_in(&user.name, Asked::Nothing, browser, now)
            .await
    }

    /// Keeps what the provider has given for the sign-in with this cookie.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn note_provider(
        &self,
        cookie: &Secret,
        user: &User,
        identity: Identity<'_>,
        given: &AtProvider,
        now: Timestamp,
    ) -> Result<(), AccountsError> {
        let refresh_token = given.refresh_token.as_ref();
        let refresh_token = refresh_token.map(|token| self.sealed(&user.name, token));
        sqlx::query(
            "INSERT INTO provider_sign_ins
             (token_hash, issuer, subject, session, sealed_id_token, sealed_refresh_token, asked_ms)
             SELECT token_hash, $1, $2, $3, $4, $5, $6 FROM sign_ins WHERE cookie_hash = $7",
        )
        .bind(identity.issuer)
        .bind(identity.subject)
        .bind(&given.session)
        .bind(self.sealed(&user.name, &given.id_token)?)
        .bind(refresh_token.transpose()?)
        .bind(now.as_millisecond())
        .bind(token::hash(cookie.expose()))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What to ask the provider about this sign-in, if it is time. Of several requests at once one is told so.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn due_at_provider(
        &self,
        user: &User,
        sign_in: &str,
        now: Timestamp,
    ) -> Result<Option<Due>, AccountsError> {
        let now_ms = now.as_millisecond();
        let row: Option<(String, String, Vec<u8>)> = sqlx::query_as(
            "UPDATE provider_sign_ins SET asked_ms = $1
             WHERE substr(token_hash, 1, 8) = $2 AND sealed_refresh_token IS NOT NULL AND asked_ms <= $3
             RETURNING issuer, subject, sealed_refresh_token",
        )
        .bind(now_ms)
        .bind(token::start_of(sign_in))
        .bind(now_ms - REST.as_millis() as i64)
        .fetch_optional(&self.pool)
        .await?;
        let due = |(issuer, subject, sealed): (String, String, Vec<u8>)| {
            let refresh_token = self.unsealed(&user.name, &sealed)?;
            Ok(Due {
                issuer,
                subject,
                refresh_token,
            })
        };
        row.map(due).transpose()
    }

    /// Keeps the refresh token that has taken the place of the one before.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn keep_refresh_token(
        &self,
        user: &User,
        sign_in: &str,
        refresh_token: &Secret,
    ) -> Result<(), AccountsError> {
        sqlx::query(
            "UPDATE provider_sign_ins SET sealed_refresh_token = $1
             WHERE substr(token_hash, 1, 8) = $2",
        )
        .bind(self.sealed(&user.name, refresh_token)?)
        .bind(token::start_of(sign_in))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What shows the provider whose sign-in this cookie is of: its ID token. Nothing without a provider.
    ///
    /// # Errors
    /// A broken disk.
    pub(crate) async fn id_token_of(
        &self,
        cookie: &Secret,
        now: Timestamp,
    ) -> Result<Option<Secret>, AccountsError> {
        let row: Option<(String, Vec<u8>)> = sqlx::query_as(
            "SELECT user_name, sealed_id_token FROM provider_sign_ins
             JOIN sign_ins USING (token_hash)
             WHERE (cookie_hash = $1 OR previous_hash = $1) AND expires_ms > $2",
        )
        .bind(token::hash(cookie.expose()))
        .bind(now.as_millisecond())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(name, sealed)| self.unsealed(&name, &sealed))
            .transpose()
    }

    /// Ends the sign-ins that the provider says are over: of one of its sessions, or all of a subject. Only
    /// what had begun by `until_ms`, so that the same word a second time ends nothing new. Whose they were.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn end_at_provider(
        &self,
        issuer: &str,
        subject: Option<&str>,
        session: Option<&str>,
        until_ms: i64,
        now: Timestamp,
    ) -> Result<Vec<String>, AccountsError> {
        let ended: Vec<(Vec<u8>, String)> = sqlx::query_as(
            "UPDATE sign_ins SET expires_ms = $1
             WHERE expires_ms > $1 AND begun_ms <= $2 AND token_hash IN
             (SELECT token_hash FROM provider_sign_ins WHERE issuer = $3
              AND (subject = $4 OR $4 IS NULL) AND (session = $5 OR $5 IS NULL))
             RETURNING token_hash, user_name",
        )
        .bind(now.as_millisecond())
        .bind(until_ms)
        .bind(issuer)
        .bind(subject)
        .bind(session)
        .fetch_all(&self.pool)
        .await?;
        let mut names = Vec::new();
        for (token_hash, name) in ended {
            self.revoke(Ended::SignIn(&token::id_of(&token_hash)), now)
                .await?;
            names.push(name);
        }
        Ok(names)
    }

    fn sealed(&self, owner: &str, secret: &Secret) -> Result<Vec<u8>, AccountsError> {
        self.sealer.seal(owner, secret.expose().as_bytes())
    }

    fn unsealed(&self, owner: &str, sealed: &[u8]) -> Result<Secret, AccountsError> {
        let bytes = self.sealer.unseal(owner, sealed)?;
        let text = String::from_utf8(bytes).map_err(|_| AccountsError::UnreadableSecret)?;
        Ok(Secret::new(text))
    }
}

/// Names to try, the best first.
fn candidates(identity: Identity<'_>, names: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for name in names.iter().map(|name| users::plain_name(name)) {
        let numbered = (2..=SAME_NAMES).map(|number| format!("{name}-{number}"));
        all.extend([name.clone()].into_iter().chain(numbered));
    }
    let Identity { issuer, subject } = identity;
    let hash = digest(&SHA256, format!("{issuer}\n{subject}").as_bytes());
    all.push(format!("user-{}", token::id_of(hash.as_ref())));
    all
}

#[cfg(test)]
mod tests;
