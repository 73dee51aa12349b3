//! What gateway and streamer say to each other about files: one link a request.
//!
//! ```text
//!   gateway                                   streamer
//!   FilesHello ─────────────────────────────▶
//!            ◀───────────────────── FileReply
//!   read:    ◀════ as many bytes as it says
//!   archive: ◀════ pieces, a 32-bit big-endian length before each; one of length 0 ends it
//!   upload:  ════▶ as many bytes as promised
//!            ◀───────────────────── FileReply   (`Kept` or `Stored`)
//! ```

use serde::{Deserialize, Serialize};

use crate::{Code, DecodeError, FilePath, Secret, UploadId, Wire};

/// The first frame of a link that is about a file; [`LinkHello`](crate::LinkHello) is a viewer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilesHello {
    pub version: u32,
    /// Proves that the peer is the gateway, which has made sure that the person may do this.
    pub key: Secret,
    pub request: FileRequest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum FileRequest {
    /// A file's bytes, or what is in a folder.
    Read {
        path: FilePath,
        range: Option<ByteRange>,
        /// The range holds only for the file of this tag; of another, all is read.
        if_tag: Option<String>,
    },
    /// A folder with all that is in it, as a ZIP archive.
    Archive { path: FilePath },
    /// How much of an upload has arrived.
    Offset { path: FilePath, upload: UploadId },
    /// The next part of an upload; the file is there, under its name, once it is whole.
    Upload {
        path: FilePath,
        /// `None`: all comes at once, and is forgotten if it breaks off.
        upload: Option<UploadId>,
        part: Part,
    },
    /// An upload is given up.
    Discard { path: FilePath, upload: UploadId },
}

/// Part of a file to be read (RFC 9110, section 14.1.2); both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum ByteRange {
    From {
        first: u64,
    },
    Between {
        first: u64,
        last: u64,
    },
    /// So many at the end.
    Last {
        length: u64,
    },
}

/// Where the bytes of an upload belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Part {
    pub offset: u64,
    pub length: u64,
    /// Of the whole file.
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum FileReply {
    /// `length` bytes of a file follow.
    Content {
        first: u64,
        length: u64,
        total: u64,
        /// Changes whenever the file does.
        tag: String,
        /// Whether this answers the range that was asked for.
        partial: bool,
    },
    /// A [`Folder`] in JSON follows, of so many bytes.
    Folder {
        length: u64,
    },
    /// Pieces follow.
    Archive,
    /// So many bytes of an upload are there.
    Kept {
        offset: u64,
    },
    /// The upload's bytes may come.
    Ready,
    /// The upload is whole, and the file has this path.
    Stored {
        path: FilePath,
    },
    /// The range lies behind the end of the file, which has `total` bytes.
    OutOfRange {
        total: u64,
    },
    Refused {
        code: Code,
        message: String,
    },
}

/// What is in a folder: the answer of `GET /api/v1/sessions/{id}/files/{path}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Folder {
    /// Folders first, then by name.
    pub entries: Vec<FolderEntry>,
    /// How many more there are that are not shown: too many, or with names that cannot be told.
    pub left_out: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FolderEntry {
    pub name: String,
    pub kind: EntryKind,
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes: u64,
    /// Milliseconds since the Unix epoch.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub modified_unix_ms: i64,
}

/// What can be done with an entry: links, sockets and devices are not followed, read or listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    Folder,
    File,
}

/// The answer to a part of an upload, and to the question how much of it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UploadState {
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub offset: u64,
    /// The file's path, once it is whole: another than asked for where that one was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub path: Option<String>,
}

impl Part {
    /// Whether these are the last bytes.
    pub fn completes(&self) -> bool {
        self.offset.checked_add(self.length) == Some(self.total)
    }
}

impl Wire for FilesHello {
    const MAX_BYTES: usize = 32 * 1024;

    fn check(&self) -> Result<(), DecodeError> {
        let FileRequest::Upload { part, .. } = &self.request else {
            return Ok(());
        };
        let end = part.offset.checked_add(part.length);
        if end.is_none_or(|end| end > part.total) {
            return Err(DecodeError::OutOfRange { field: "part" });
        }
        Ok(())
    }
}

impl Wire for FileReply {
    const MAX_BYTES: usize = 32 * 1024;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_stays_within_its_file() {
        let decoded = |offset, length, total| {
            let hello = FilesHello {
                version: 1,
                key: Secret::new("key"),
                request: FileRequest::Upload {
                    path: "a".parse().expect("a path"),
                    upload: None,
                    part: Part {
                        offset,
                        length,
                        total,
                    },
                },
            };
            FilesHello::decode(hello.encode().as_bytes()).is_ok()
        };
        assert!(decoded(0, 10, 10) && decoded(5, 5, 10) && decoded(0, 0, 0));
        assert!(!decoded(5, 6, 10) && !decoded(11, 0, 10) && !decoded(u64::MAX, 1, 1));
    }

    #[test]
    fn a_path_that_leads_out_does_not_decode() {
        let hello = r#"{"version":1,"key":"k","request":{"type":"archive","path":"../x"}}"#;
        assert!(FilesHello::decode(hello.as_bytes()).is_err());
        assert!(FilesHello::decode(hello.replace("../", "").as_bytes()).is_ok());
    }
}
