//! The second factor beside a password: an authenticator app, and recovery codes for who has lost it.

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::{
    Accounts, AccountsError, CredentialError,
    token::{self, Hash},
    totp,
};

const RECOVERY_CODES: usize = 10;
/// Nobody guesses 80 bits, so their hash needs no salt.
const RECOVERY_CODE_BYTES: usize = 10;

/// What an authenticator app is told.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// In base 32, for who types it.
    pub secret: Secret,
    /// The same with all that belongs to it, for a QR code.
    pub uri: Secret,
}

/// What takes a second factor away. Codes of the app do not: who looks over a shoulder has one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum RemovalProof {
    Password { password: Secret },
    RecoveryCode { recovery_code: Secret },
}

/// A code that somebody typed.
enum Given {
    App(totp::Code),
    Recovery(Hash),
}

impl Given {
    fn read(text: &Secret) -> Self {
        let plain: String = text
            .expose()
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect();
        totp::Code::read(&plain).map_or_else(|| Self::Recovery(recovery_hash(&plain)), Self::App)
    }
}

impl Accounts {
    /// Whether signing in with the password takes a code, too.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn has_second_factor(&self, name: &str) -> Result<bool, AccountsError> {
        Ok(self.sealed_secret(name, Stage::Confirmed).await?.is_some())
    }

    /// How many recovery codes are left.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn recovery_codes_left(&self, name: &str) -> Result<u32, AccountsError> {
        let left: i64 =
            sqlx::query_scalar("SELECT count(*) FROM recovery_codes WHERE user_name = $1")
                .bind(name)
                .fetch_one(&self.pool)
                .await?;
        Ok(u32::try_from(left).unwrap_or(u32::MAX))
    }

    /// A new secret for the user's authenticator app. It counts once a code of it has come back.
    ///
    /// # Errors
    /// A wrong password, or none to begin with; a second factor that is there; a busy server; a full
    /// or broken disk.
    pub async fn start_second_factor(
        &self,
        name: &str,
        password: &Secret,
    ) -> Result<Enrolment, CredentialError> {
        self.prove(name, password).await?;
        let secret: [u8; totp::SECRET_BYTES] = token::random()?;
        let started = sqlx::query(
            "INSERT INTO second_factors (user_name, sealed_secret, is_confirmed, last_step)
             VALUES ($1, $2, 0, 0)
             ON CONFLICT (user_name) DO UPDATE SET sealed_secret = excluded.sealed_secret
             WHERE second_factors.is_confirmed = 0",
        )
        .bind(name)
        .bind(self.sealer.seal(name, &secret)?)
        .execute(&self.pool)
        .await?;
        match started.rows_affected() {
            0 => Err(CredentialError::SecondFactorExists),
            _ => Ok(Enrolment {
                secret: Secret::new(totp::base32(&secret)),
                uri: Secret::new(totp::uri(name, &secret)),
            }),
        }
    }

    /// Makes the secret count, of which the code is: the recovery codes, which are shown this once.
    ///
    /// # Errors
    /// A wrong code; nothing to confirm; a full or broken disk.
    pub async fn confirm_second_factor(
        &self,
        name: &str,
        code: &Secret,
        now: Timestamp,
    ) -> Result<Vec<Secret>, CredentialError> {
        let sealed = self.sealed_secret(name, Stage::Started).await?;
        let sealed = sealed.ok_or(CredentialError::NothingToConfirm)?;
        let Given::App(code) = Given::read(code) else {
            return Err(CredentialError::CodeWrong);
        };
        let secret = self.sealer.unseal(name, &sealed)?;
        let step = totp::step_of(&secret, code, now).ok_or(CredentialError::CodeWrong)?;
        // Codes first: without a factor they do nothing, and a factor without them is a trap.
        let codes = self.new_recovery_codes(name).await?;
        let confirmed = sqlx::query(
            "UPDATE second_factors SET is_confirmed = 1, last_step = $1
             WHERE user_name = $2 AND sealed_secret = $3 AND is_confirmed = 0",
        )
        .bind(step)
        .bind(name)
        .bind(sealed)
        .execute(&self.pool)
        .await?;
        match confirmed.rows_affected() {
            0 => Err(CredentialError::NothingToConfirm),
            _ => Ok(codes),
        }
    }

    async fn new_recovery_codes(&self, name: &str) -> Result<Vec<Secret>, AccountsError> {
        self.forget_recovery_codes(name).await?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let code = new_recovery_code()?;
            sqlx::query("INSERT INTO recovery_codes (user_name, hash) VALUES ($1, $2)")
                .bind(name)
                .bind(recovery_hash(code.expose()))
                .execute(&self.pool)
                .await?;
            codes.push(code);
        }
        Ok(codes)
    }

    /// Takes the second factor away; where there is none, nothing happens.
    ///
    /// # Errors
    /// A wrong password or recovery code; a busy server; a full or broken disk.
    pub async fn remove_second_factor(
        &self,
        name: &str,
        proof: &RemovalProof,
    ) -> Result<(), CredentialError> {
        match proof {
            RemovalProof::Password { password } => {
                self.prove(name, password).await?;
            }
            RemovalProof::RecoveryCode { recovery_code } => {
                let hash = recovery_hash(recovery_code.expose());
                self.use_recovery_code(name, &hash).await?;
            }
        }
        Ok(self.forget_second_factor(name).await?)
    }

    pub(super) async fn forget_second_factor(&self, name: &str) -> Result<(), AccountsError> {
        sqlx::query("DELETE FROM second_factors WHERE user_name = $1")
            .bind(name)
            .execute(&self.pool)
            .await?;
        self.forget_recovery_codes(name).await
    }

    async fn forget_recovery_codes(&self, name: &str) -> Result<(), AccountsError> {
        sqlx::query("DELETE FROM recovery_codes WHERE user_name = $1")
            .bind(name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Lets by who has no second factor, and who gives a code of theirs that was not used before.
    ///
    /// # Errors
    /// A missing, wrong or used code; a full or broken disk.
    pub(super) async fn check_second_factor(
        &self,
        name: &str,
        code: Option<&Secret>,
        now: Timestamp,
    ) -> Result<(), CredentialError> {
        let Some(sealed) = self.sealed_secret(name, Stage::Confirmed).await? else {
            return Ok(());
        };
        match Given::read(code.ok_or(CredentialError::CodeNeeded)?) {
            Given::App(code) => self.use_code(name, &sealed, code, now).await,
            Given::Recovery(hash) => self.use_recovery_code(name, &hash).await,
        }
    }

    /// One statement, so that of several at once one succeeds.
    async fn use_code(
        &self,
        name: &str,
        sealed_secret: &[u8],
        code: totp::Code,
        now: Timestamp,
    ) -> Result<(), CredentialError> {
        let secret = self.sealer.unseal(name, sealed_secret)?;
        let step = totp::step_of(&secret, code, now).ok_or(CredentialError::CodeWrong)?;
        let used = sqlx::query(
            "UPDATE second_factors SET last_step = $1
             WHERE user_name = $2 AND sealed_secret = $3 AND last_step < $1",
        )
        .bind(step)
        .bind(name)
        .bind(sealed_secret)
        .execute(&self.pool)
        .await?;
        match used.rows_affected() {
            0 => Err(CredentialError::CodeWrong),
            _ => Ok(()),
        }
    }

    async fn use_recovery_code(&self, name: &str, hash: &[u8]) -> Result<(), CredentialError> {
        let used = sqlx::query("DELETE FROM recovery_codes WHERE user_name = $1 AND hash = $2")
            .bind(name)
            .bind(hash)
            .execute(&self.pool)
            .await?;
        match used.rows_affected() {
            0 => Err(CredentialError::CodeWrong),
            _ => Ok(()),
        }
    }

    async fn sealed_secret(
        &self,
        name: &str,
        stage: Stage,
    ) -> Result<Option<Vec<u8>>, AccountsError> {
        Ok(sqlx::query_scalar(
            "SELECT sealed_secret FROM second_factors WHERE user_name = $1 AND is_confirmed = $2",
        )
        .bind(name)
        .bind(i64::from(stage == Stage::Confirmed))
        .fetch_optional(&self.pool)
        .await?)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Started,
    Confirmed,
}

/// Four groups of four letters and digits.
fn new_recovery_code() -> Result<Secret, AccountsError> {
    let letters = BASE32_NOPAD
        .encode(&token::random::<RECOVERY_CODE_BYTES>()?)
        .to_ascii_lowercase();
    let groups: Vec<&str> = (0..letters.len())
        .step_by(4)
        .map(|start| &letters[start..start + 4])
        .collect();
    Ok(Secret::new(groups.join("-")))
}

/// However it was typed: with other signs between the groups, in capitals.
fn recovery_hash(code: &str) -> Hash {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    token::hash(&plain)
}
