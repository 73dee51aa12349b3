use std::io;

use streamspace_protocol::Code;

/// The accounts file does not do what it is for.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    #[error("the disk of the data folder is full; free some space and try again")]
    Full,
    #[error("the accounts file cannot be read or written; the server's log says why")]
    Storage(#[source] sqlx::Error),
    #[error("the accounts file cannot be opened; the server's log says why")]
    Open(#[source] io::Error),
    #[error(
        "the accounts file was written by a newer StreamSpace (format {found}, this one knows {known})"
    )]
    Newer { found: i64, known: i64 },
    #[error("the accounts file holds a user with the unknown role {0:?}")]
    UnknownRole(String),
    #[error("there is no user named {0:?}")]
    UnknownUser(String),
    #[error("the operating system gives no random bytes, so no token can be made")]
    NoRandomness,
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
            Self::Storage(_) | Self::Open(_) | Self::Newer { .. } | Self::UnknownRole(_) => {
                Code::StorageFailed
            }
            Self::UnknownUser(_) => Code::RequestInvalid,
            Self::NoRandomness => Code::Internal,
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
        /// `SQLITE_FULL`: the disk, or the limit on the database's size.
        const FULL: &str = "13";
        match &error {
            sqlx::Error::Database(cause) if cause.code().as_deref() == Some(FULL) => Self::Full,
            sqlx::Error::Io(cause) if cause.kind() == io::ErrorKind::StorageFull => Self::Full,
            _ => Self::Storage(error),
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
