//! The session's Secret, as a volume shows it: a file for each key.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use streamspace_protocol::{KeyFile, Secret};
use streamspace_signaling::pod::{PodIdentity, PodIdentityError};

/// No key is longer than a certificate.
const MAX_KEY_BYTES: u64 = 64 * 1024;

pub(super) struct Keys {
    pub(super) identity: PodIdentity,
    pub(super) streamer: Secret,
    pub(super) vnc: Secret,
    pub(super) vnc_view: Secret,
}

/// Why a session's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("the key {file} cannot be read: {source}")]
    Unreadable {
        file: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the key {0} is no line of text")]
    NoText(PathBuf),
    #[error(transparent)]
    Identity(#[from] PodIdentityError),
}

impl Keys {
    pub(super) fn read(folder: &Path) -> Result<Self, KeysError> {
        let bytes = |key: KeyFile| read(folder.join(key.name()));
        let text = |key: KeyFile| {
            let text = String::from_utf8(bytes(key)?).ok();
            text.filter(|text| !text.is_empty() && !text.contains(char::is_control))
                .map(Secret::new)
                .ok_or_else(|| KeysError::NoText(folder.join(key.name())))
        };
        Ok(Self {
            identity: PodIdentity::from_pem(
                &bytes(KeyFile::Certificate)?,
                &bytes(KeyFile::PrivateKey)?,
            )?,
            streamer: text(KeyFile::Streamer)?,
            vnc: text(KeyFile::Vnc)?,
            vnc_view: text(KeyFile::VncView)?,
        })
    }
}

fn read(file: PathBuf) -> Result<Vec<u8>, KeysError> {
    let read = || {
        if fs::metadata(&file)?.len() > MAX_KEY_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::read(&file)
    };
    read().map_err(|source| KeysError::Unreadable {
        file: file.clone(),
        source,
    })
}
