//! Why a runtime cannot start, and how the store's failures look to the API.

use std::{io, path::PathBuf};

use streamspace_api::BackendError;
use streamspace_protocol::Code;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "another server uses the data folder {0}; stop it, or choose another folder with --data"
    )]
    InUse(PathBuf),
    #[error(
        "the data folder {folder} cannot be used: {source}; make it writable or choose another with --data"
    )]
    DataFolder { folder: PathBuf, source: io::Error },
    #[error("the disk that holds {0} is full; free some space and try again")]
    StorageFull(PathBuf),
    #[error(
        "the session store {file} cannot be read: {source}; move it away to start with an empty one"
    )]
    Store {
        file: PathBuf,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("processes cannot be watched: {0}; /proc has to be mounted")]
    Processes(#[source] io::Error),
}

impl OpenError {
    pub fn code(&self) -> Code {
        match self {
            Self::InUse(_) => Code::AddressInUse,
            Self::DataFolder { .. } | Self::Store { .. } => Code::StorageFailed,
            Self::StorageFull(_) => Code::StorageFull,
            Self::Processes(_) => Code::Internal,
        }
    }
}

/// The store's own errors.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the disk is full")]
    Full,
    #[error(transparent)]
    Database(sqlx::Error),
    #[error("a session cannot be written as JSON: {0}")]
    Encode(#[from] serde_json::Error),
}

/// SQLite's result code for a full disk.
const SQLITE_FULL: &str = "13";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let full = match &error {
            sqlx::Error::Database(database) => {
                database.code().is_some_and(|code| code == SQLITE_FULL)
            }
            sqlx::Error::Io(io) => io.kind() == io::ErrorKind::StorageFull,
            _ => false,
        };
        if full {
            Self::Full
        } else {
            Self::Database(error)
        }
    }
}

impl From<StoreError> for BackendError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::StorageFull,
            StoreError::Database(error) => Self::Storage(Box::new(error)),
            StoreError::Encode(error) => Self::Storage(Box::new(error)),
        }
    }
}
