//! `DATA/server.json`: how client commands find the server and prove who they are.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use streamspace_protocol::{Code, Secret};

use crate::failure::Failure;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServerFile {
    /// `http://127.0.0.1:8080`
    pub(crate) origin: String,
    /// PEM file with the certificate that a server with `https` shows: whatever name it has, it is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) pid: u32,
    /// A key for the API, as this user.
    pub(crate) api_key: Secret,
}

impl ServerFile {
    /// Reads what the running server has written; `None` if none has.
    pub(crate) fn read(data: &Path) -> Result<Option<Self>, Failure> {
        let path = path(data);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::storage(&path.display().to_string(), &error)),
        };
        serde_json::from_str(&text).map(Some).map_err(|error| {
            let path = path.display();
            Failure::new(
                Code::StorageFailed,
                format!("{path} cannot be read ({error}); remove it"),
            )
        })
    }

    /// Writes the file for this user only, whole or not at all.
    pub(crate) fn write(&self, data: &Path) -> Result<(), Failure> {
        let path = path(data);
        let new = path.with_extension("json.new");
        let text = serde_json::to_string(self).expect("the file holds only text and a number");
        let written = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&new, &path));
        written.map_err(|error| Failure::storage(&path.display().to_string(), &error))
    }

    pub(crate) fn remove(data: &Path) {
        if let Err(error) = fs::remove_file(path(data)) {
            tracing::debug!(%error, "the server's address is not removed");
        }
    }
}

fn path(data: &Path) -> PathBuf {
    data.join("server.json")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_written_is_read_by_its_owner_only() {
        let data = tempfile::tempdir().expect("a folder");
        assert_eq!(ServerFile::read(data.path()), Ok(None));
        let file = ServerFile {
            origin: "http://127.0.0.1:8080".into(),
            certificate: None,
            pid: 1,
            api_key: Secret::new("key"),
        };
        file.write(data.path()).expect("written");
        assert_eq!(ServerFile::read(data.path()), Ok(Some(file)));
        let mode = fs::metadata(path(data.path()))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        ServerFile::remove(data.path());
        assert_eq!(ServerFile::read(data.path()), Ok(None));
    }

    #[test]
    fn a_broken_file_is_an_error_that_says_what_to_do() {
        let data = tempfile::tempdir().expect("a folder");
        fs::write(path(data.path()), "{").expect("written");
        let failure = ServerFile::read(data.path()).expect_err("not JSON");
        assert!(failure.message.contains("remove it"), "{failure}");
    }
}
