//! Passwords of users, who may have one: who has none signs in by one-time links.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::{Accounts, AccountsError, CredentialError, sign_in::Asked};

/// Long enough to need no rules about what is in it.
pub(super) const MIN_CHARS: usize = 12;
/// Longer ones are no passwords.
pub(super) const MAX_BYTES: usize = 1024;

/// What somebody signs in with who has a password.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordSignIn {
    pub name: String,
    pub password: Secret,
    /// Of the authenticator app, or a recovery code, for who has a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
}

/// A password that somebody wants to have: long enough, and not too long.
#[derive(Debug, Clone)]
pub struct NewPassword(Secret);

impl NewPassword {
    /// # Errors
    /// One that is too short or too long.
    pub fn new(text: Secret) -> Result<Self, CredentialError> {
        let fits = text.expose().len() <= MAX_BYTES && text.expose().chars().count() >= MIN_CHARS;
        fits.then_some(Self(text)).ok_or(CredentialError::Length)
    }
}

/// A password that was right: its hash, by which a later statement sees that it still is.
pub(super) struct Proof(pub(super) String);

impl Accounts {
    /// Whether the user has a password.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn has_password(&self, name: &str) -> Result<bool, AccountsError> {
        Ok(self.password_hash(name).await?.is_some())
    }

    /// Takes the same work whether the user is there, has a password, or has another one.
    ///
    /// # Errors
    /// It is not the user's password; a busy server; a broken disk.
    pub(super) async fn prove(
        &self,
        name: &str,
        password: &Secret,
    ) -> Result<Proof, CredentialError> {
        let hash = self.password_hash(name).await?;
        // No user's is so short: it is as wrong as what it stands for.
        let password = match password.expose().len() {
            0..=MAX_BYTES => password.clone(),
            _ => Secret::new(""),
        };
        let is_right = self.hasher.is_right(password, hash.as_deref()).await?;
        hash.filter(|_| is_right)
            .map(Proof)
            .ok_or(CredentialError::Wrong)
    }

    async fn password_hash(&self, name: &str) -> Result<Option<String>, AccountsError> {
        let found: Option<Option<String>> =
            sqlx::query_scalar("SELECT password FROM users WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.pool)
                .await?;
        Ok(found.flatten())
    }

    /// Gives the user this password, and ends their sign-ins and waiting links but for the browser
    /// with the cookie `keep`. Who has a password has to show it.
    ///
    /// # Errors
    /// A wrong or missing old password; a busy server; a full or broken disk.
    pub async fn set_password(
        &self,
        name: &str,
        old: Option<&Secret>,
        NewPassword(new): NewPassword,
        keep: Option<&Secret>,
        now: Timestamp,
    ) -> Result<(), CredentialError> {
        let former = match (self.has_password(name).await?, old) {
            (false, _) => None,
            (true, None) => return Err(CredentialError::Wrong),
            (true, Some(old)) => Some(self.prove(name, old).await?.0),
        };
        let hash = self.hasher.hash(new).await?;
        let changed = sqlx::query(
            "UPDATE users SET password = $1 WHERE name = $2 AND password IS NOT DISTINCT FROM $3",
        )
        .bind(hash)
        .bind(name)
        .bind(former)
        .execute(&self.pool)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(CredentialError::Wrong);
        }
        self.end_sign_ins_of(name, keep, now).await?;
        Ok(())
    }

    /// Takes the password, the second factor and the passkeys from a user, who is signed out everywhere.
    ///
    /// # Errors
    /// No such user; a full or broken disk.
    pub async fn remove_password(&self, name: &str, now: Timestamp) -> Result<(), AccountsError> {
        self.require_user(name).await?;
        sqlx::query("UPDATE users SET password = NULL WHERE name = $1")
            .bind(name)
            .execute(&self.pool)
            .await?;
        self.forget_second_factor(name).await?;
        self.forget_passkeys(name).await?;
        self.end_sign_ins_of(name, None, now).await
    }

    /// Signs a browser in by name and password: the value of its cookie.
    ///
    /// # Errors
    /// A wrong name, password or code, or a missing code; a busy server; a full or broken disk.
    pub async fn sign_in_by_password(
        &self,
        PasswordSignIn {
            name,
            password,
            code,
        }: &PasswordSignIn,
        browser: &str,
        now: Timestamp,
    ) -> Result<Secret, CredentialError> {
        let Proof(hash) = self.prove(name, password).await?;
        self.check_second_factor(name, code.as_ref(), now).await?;
        // The app's code is as good; who has no app has to show the passkey.
        if self.has_passkey(name).await? && !self.has_second_factor(name).await? {
            return Err(CredentialError::PasskeyNeeded);
        }
        let password = Asked::Password { hash: &hash };
        let cookie = self.begin_sign_in(name, password, browser, now).await?;
        cookie.ok_or(CredentialError::Wrong)
    }
}
