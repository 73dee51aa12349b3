//! The passkeys of users: what signs them in by itself, or after the password.

use jiff::Timestamp;
use ring::{
    digest::{SHA256, digest},
    hmac,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::{
    Accounts, AccountsError, CredentialError, challenges::Purpose, passwords::Proof,
    sign_in::Asked, token,
};
use crate::passkey::{PasskeyFault, Registration, Signature, Site};

/// Of one user.
const MOST: usize = 20;
const MAX_LABEL_CHARS: usize = 80;

/// A passkey, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    pub id: String,
    pub label: String,
    pub created_unix_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_unix_ms: Option<i64>,
}

type Row = (Vec<u8>, String, i64, Option<i64>);

impl Accounts {
    /// The user's, the oldest first.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn passkeys(&self, name: &str) -> Result<Vec<Passkey>, AccountsError> {
        let rows = self.passkey_rows(name).await?;
        let passkey = |(credential, label, created_unix_ms, used_unix_ms): Row| Passkey {
            id: id_of(&credential),
            label,
            created_unix_ms,
            used_unix_ms,
        };
        Ok(rows.into_iter().map(passkey).collect())
    }

    /// What devices call the user's, so that none makes a second one.
    ///
    /// # Errors
    /// A broken disk.
    pub(crate) async fn credentials(&self, name: &str) -> Result<Vec<Vec<u8>>, AccountsError> {
        let rows = self.passkey_rows(name).await?;
        Ok(rows
            .into_iter()
            .map(|(credential, ..)| credential)
            .collect())
    }

    async fn passkey_rows(&self, name: &str) -> Result<Vec<Row>, AccountsError> {
        Ok(sqlx::query_as(
            "SELECT credential, label, created_ms, used_ms FROM passkeys
             WHERE user_name = $1 ORDER BY created_ms, credential",
        )
        .bind(name)
        .fetch_all(&self.pool)
        .await?)
    }

    /// What devices know the user by: it says nothing of them, and is the same for all their passkeys.
    pub(crate) fn passkey_user(&self, name: &str) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.sealer.derived("passkey users"));
        hmac::sign(&key, name.as_bytes()).as_ref().to_vec()
    }

    /// Lets by who has no password, or shows it.
    ///
    /// # Errors
    /// A wrong or missing password; a busy server; a broken disk.
    pub(crate) async fn prove_owner(
        &self,
        name: &str,
        password: Option<&Secret>,
    ) -> Result<(), CredentialError> {
        if !self.has_password(name).await? {
            return Ok(());
        }
        let password = password.ok_or(CredentialError::Wrong)?;
        self.prove(name, password).await?;
        Ok(())
    }

    /// Adds a passkey that answers a challenge to do that.
    ///
    /// # Errors
    /// One that is not as it has to be, a label that is none, too many; a full or broken disk.
    pub(crate) async fn add_passkey(
        &self,
        name: &str,
        label: &str,
        registration: &Registration,
        site: &Site,
        now: Timestamp,
    ) -> Result<Passkey, CredentialError> {
        let label = label.trim();
        if label.is_empty() || label.chars().count() > MAX_LABEL_CHARS {
            return Err(CredentialError::Label);
        }
        if self.passkey_rows(name).await?.len() >= MOST {
            return Err(CredentialError::TooManyPasskeys);
        }
        let checked = registration.check(site)?;
        self.answer(Purpose::Add(name), &checked.challenge, now)
            .await?;
        let added = sqlx::query(
            "INSERT INTO passkeys
             (credential, user_name, label, site, public_key, signatures, created_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (credential) DO NOTHING",
        )
        .bind(&registration.credential)
        .bind(name)
        .bind(label)
        .bind(site.host())
        .bind(&registration.public_key)
        .bind(i64::from(checked.signatures))
        .bind(now.as_millisecond())
        .execute(&self.pool)
        .await?;
        match added.rows_affected() {
            0 => Err(PasskeyFault::Foreign.into()),
            _ => Ok(Passkey {
                id: id_of(&registration.credential),
                label: label.to_owned(),
                created_unix_ms: now.as_millisecond(),
                used_unix_ms: None,
            }),
        }
    }

    /// Removes one; says whether there was one.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn remove_passkey(&self, name: &str, id: &str) -> Result<bool, AccountsError> {
        let all = self.credentials(name).await?;
        let Some(credential) = all.into_iter().find(|credential| id_of(credential) == id) else {
            return Ok(false);
        };
        let removed = sqlx::query("DELETE FROM passkeys WHERE credential = $1 AND user_name = $2")
            .bind(credential)
            .bind(name)
            .execute(&self.pool)
            .await?;
        Ok(removed.rows_affected() > 0)
    }

    pub(super) async fn forget_passkeys(&self, name: &str) -> Result<(), AccountsError> {
        sqlx::query("DELETE FROM passkeys WHERE user_name = $1")
            .bind(name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub(super) async fn has_passkey(&self, name: &str) -> Result<bool, AccountsError> {
        Ok(!self.passkey_rows(name).await?.is_empty())
    }

    /// Signs in a browser of whose passkey this is: its cookie.
    ///
    /// # Errors
    /// A passkey that is none of ours or not as it has to be; a full or broken disk.
    pub(crate) async fn sign_in_by_passkey(
        &self,
        shown: &Signature,
        site: &Site,
        browser: &str,
        now: Timestamp,
    ) -> Result<Secret, CredentialError> {
        let name = self.passkey_owner(shown, site, now).await?;
        let cookie = self
            .begin_sign_in(&name, Asked::Nothing, browser, now)
            .await?;
        cookie.ok_or(PasskeyFault::Unknown.into())
    }

    /// Signs a browser in by the password, with a passkey as the second factor: its cookie.
    ///
    /// # Errors
    /// A wrong name or password, or a passkey that is not the user's or not as it has to be; a busy server; a full
    /// or broken disk.
    pub(crate) async fn sign_in_by_both(
        &self,
        name: &str,
        password: &Secret,
        (shown, site): (&Signature, &Site),
        browser: &str,
        now: Timestamp,
    ) -> Result<Secret, CredentialError> {
        let Proof(hash) = self.prove(name, password).await?;
        if self.passkey_owner(shown, site, now).await? != name {
            return Err(PasskeyFault::Foreign.into());
        }
        let password = Asked::Password { hash: &hash };
        let cookie = self.begin_sign_in(name, password, browser, now).await?;
        cookie.ok_or(CredentialError::Wrong)
    }

    /// Whose passkey this is, which has answered a challenge to sign in.
    async fn passkey_owner(
        &self,
        shown: &Signature,
        site: &Site,
        now: Timestamp,
    ) -> Result<String, CredentialError> {
        let row: Option<(String, Vec<u8>)> = sqlx::query_as(
            "SELECT user_name, public_key FROM passkeys WHERE credential = $1 AND site = $2",
        )
        .bind(&shown.credential)
        .bind(site.host())
        .fetch_optional(&self.pool)
        .await?;
        let (name, public_key) = row.ok_or(PasskeyFault::Unknown)?;
        let checked = shown.check(&public_key, site)?;
        self.answer(Purpose::SignIn, &checked.challenge, now)
            .await?;
        let signatures = i64::from(checked.signatures);
        if self
            .count_signature(&shown.credential, signatures, now)
            .await?
        {
            return Ok(name);
        }
        tracing::warn!(user = %name, "a passkey is refused: another copy of it has signed since");
        Err(PasskeyFault::Copied.into())
    }

    async fn answer(
        &self,
        purpose: Purpose<'_>,
        challenge: &str,
        now: Timestamp,
    ) -> Result<(), CredentialError> {
        match self.use_challenge(purpose, challenge, now).await? {
            true => Ok(()),
            false => Err(PasskeyFault::Challenge.into()),
        }
    }

    /// Whether the device has counted on, or does not count. One that is behind is a copy (7.2, step 22).
    async fn count_signature(
        &self,
        credential: &[u8],
        signatures: i64,
        now: Timestamp,
    ) -> Result<bool, AccountsError> {
        let counted = sqlx::query(
            "UPDATE passkeys SET signatures = $1, used_ms = $2
             WHERE credential = $3 AND (signatures < $1 OR (signatures = 0 AND $1 = 0))",
        )
        .bind(signatures)
        .bind(now.as_millisecond())
        .bind(credential)
        .execute(&self.pool)
        .await?;
        Ok(counted.rows_affected() > 0)
    }
}

fn id_of(credential: &[u8]) -> String {
    token::id_of(digest(&SHA256, credential).as_ref())
}

#[cfg(test)]
mod tests;
