use std::io;

use streamspace_protocol::Code;

use super::passwords::{MAX_BYTES, MIN_CHARS};
use crate::database::{DatabaseError, is_full};
use crate::passkey::PasskeyFault;

/// The database does not do what it is for.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    #[error("the disk of the accounts is full; free some space and try again")]
    Full,
    #[error("the accounts cannot be read or written; the server's log says why")]
    Storage(#[source] sqlx::Error),
    #[error("the accounts cannot be opened; the server's log says why")]
    Open(#[source] io::Error),
    #[error(
        "the accounts were written by a newer StreamSpace (format {found}, this one knows {known})"
    )]
    Newer { found: i64, known: i64 },
    #[error("the accounts hold a user with the unknown role {0:?}")]
    UnknownRole(String),
    #[error("the accounts hold a key with the unknown scope {0:?}")]
    UnknownScope(String),
    #[error("{0} cannot be read: another program has written there")]
    Unreadable(&'static str),
    #[error("there is no user named {0:?}")]
    UnknownUser(String),
    #[error(
        "a secret of an account cannot be read with the key beside them (accounts.key); an admin can remove the user's password, with which a new one can be set"
    )]
    UnreadableSecret,
    #[error("the operating system gives no random bytes, so no token can be made")]
    NoRandomness,
}

/// Name, password or code do not do, or could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Whichever it is: who guesses does not learn which names there are.
    #[error("the name or the password is wrong")]
    Wrong,
    #[error("the account asks for a code too: that of its authenticator app, or a recovery code")]
    CodeNeeded,
    #[error("the code is wrong or has been used; take the next one")]
    CodeWrong,
    #[error("the account asks for a passkey too; sign in with it alone, or with both")]
    PasskeyNeeded,
    #[error("the passkey is not accepted: {0}")]
    Passkey(#[from] PasskeyFault),
    #[error("a passkey is called something, in at most 80 characters")]
    Label,
    #[error("you have as many passkeys as one can have; remove one first")]
    TooManyPasskeys,
    #[error("a password has at least {MIN_CHARS} characters and at most {MAX_BYTES} bytes")]
    Length,
    #[error("the account has a second factor; remove it first")]
    SecondFactorExists,
    #[error("there is no second factor to confirm; set one up first")]
    NothingToConfirm,
    #[error("too many passwords are being looked at; try again in a moment")]
    Busy,
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}

/// A one-time sign-in token is no good, or could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("the sign-in address is not valid; `streamspace link` prints a new one")]
    Invalid,
    #[error("the sign-in address has expired; `streamspace link` prints a new one")]
    Expired,
    #[error("the sign-in address has been used before; `streamspace link` prints a new one")]
    Used,
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}

impl AccountsError {
    pub fn code(&self) -> Code {
        match self {
            Self::Full => Code::StorageFull,
            Self::Storage(_)
            | Self::Open(_)
            | Self::Newer { .. }
            | Self::UnknownRole(_)
            | Self::UnknownScope(_)
            | Self::Unreadable(_)
            | Self::UnreadableSecret => Code::StorageFailed,
            Self::UnknownUser(_) => Code::RequestInvalid,
            Self::NoRandomness => Code::Internal,
        }
    }
}

impl CredentialError {
    pub fn code(&self) -> Code {
        match self {
            Self::Wrong => Code::CredentialsWrong,
            Self::CodeNeeded => Code::SecondFactorNeeded,
            Self::CodeWrong => Code::SecondFactorWrong,
            Self::PasskeyNeeded => Code::PasskeyNeeded,
            Self::Passkey(_) => Code::PasskeyWrong,
            Self::Label => Code::RequestInvalid,
            Self::TooManyPasskeys => Code::LimitReached,
            Self::Length | Self::NothingToConfirm => Code::RequestInvalid,
            Self::SecondFactorExists => Code::SecondFactorExists,
            Self::Busy => Code::LimitReached,
            Self::Accounts(error) => error.code(),
        }
    }
}

impl SignInError {
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid => Code::TokenInvalid,
            Self::Expired => Code::TokenExpired,
            Self::Used => Code::TokenUsed,
            Self::Accounts(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for AccountsError {
    fn from(error: sqlx::Error) -> Self {
        match is_full(&error) {
            true => Self::Full,
            false => Self::Storage(error),
        }
    }
}

impl From<DatabaseError> for AccountsError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Open(error) => error.into(),
            DatabaseError::Sql(error) => error.into(),
            DatabaseError::Newer { found, known } => Self::Newer { found, known },
        }
    }
}

impl From<io::Error> for AccountsError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull => Self::Full,
            _ => Self::Open(error),
        }
    }
}

/// So that `?` takes it all the way.
impl From<sqlx::Error> for SignInError {
    fn from(error: sqlx::Error) -> Self {
        Self::Accounts(error.into())
    }
}

/// So that `?` takes it all the way.
impl From<sqlx::Error> for CredentialError {
    fn from(error: sqlx::Error) -> Self {
        Self::Accounts(error.into())
    }
}
