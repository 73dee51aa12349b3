//! The data folder and the store in it, when a server starts.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    config::RuntimeConfig,
    error::{OpenError, StoreError},
    folder,
    store::Store,
};

/// The one spelling of the data folder, with which processes are marked. The folder may be behind a
/// link, as on a larger disk; where there is nothing it is made.
pub(super) fn canonical_folder(data: &Path) -> Result<PathBuf, OpenError> {
    let canonical = match data.canonicalize() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            folder::ensure_private(data).and_then(|()| data.canonicalize())
        }
        other => other,
    };
    canonical.map_err(|error| folder_failed(data, error))
}

fn folder_failed(data: &Path, source: std::io::Error) -> OpenError {
    match source.kind() {
        std::io::ErrorKind::StorageFull => OpenError::StorageFull(data.to_owned()),
        _ => OpenError::DataFolder {
            folder: data.to_owned(),
            source,
        },
    }
}

/// Makes sure of the data folder and what belongs in it, and locks it. The kernel lets the lock go with the
/// process, however that ends.
pub(super) fn take_folder(config: &RuntimeConfig) -> Result<File, OpenError> {
    let data = &config.data;
    let failed = |source| folder_failed(data, source);
    for folder in [
        data.clone(),
        data.join("logs"),
        data.join("homes"),
        data.join("session-homes"),
    ] {
        folder::ensure_private(&folder).map_err(failed)?;
    }
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join("lock"))
        .map_err(failed)?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive)
        .map_err(|_| OpenError::InUse(data.clone()))?;
    Ok(lock)
}

pub(super) async fn open_store(config: &RuntimeConfig) -> Result<Store, OpenError> {
    let file = config.store_file();
    Store::open(&file)
        .await
        .map_err(|error| store_failed(error, &file))
}

pub(super) fn store_failed(error: StoreError, file: &Path) -> OpenError {
    match error {
        StoreError::Full => OpenError::StorageFull(file.to_owned()),
        error => OpenError::Store {
            file: file.to_owned(),
            source: Box::new(error),
        },
    }
}
