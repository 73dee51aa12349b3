use std::io;

use rustix::io::Errno;
use streamspace_protocol::{Code, FileReply};

/// Why a request about a file comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("this session's policy lets no files in")]
    NoUpload,
    #[error("this session's policy lets no files out")]
    NoDownload,
    #[error("the file has {bytes} bytes, and this session's policy allows {limit}")]
    TooLarge { bytes: u64, limit: u64 },
    #[error("{limit} transfers are under way in this session, which is the limit; wait for one")]
    TooMany { limit: usize },
    #[error("there is no such file or folder in the session's home")]
    NotFound,
    #[error("this is no plain file or folder, or it lies behind a link")]
    Unusable,
    #[error("the session's own rights do not allow this")]
    Denied,
    #[error("this is a folder; only a file can be written")]
    NotAFile,
    #[error("the folder holds more than {limit} files; take its folders one by one")]
    TooManyFiles { limit: usize },
    #[error("there is a file of every name from this one to \"({0})\"; choose another name")]
    NamesTaken(u32),
    #[error("another request goes on with this upload")]
    Busy,
    #[error("{there} bytes of this upload have arrived, so it cannot go on at {asked}")]
    WrongOffset { there: u64, asked: u64 },
    #[error("the range lies behind the end of the file, which has {total} bytes")]
    OutOfRange { total: u64 },
    #[error("the disk of the session's home is full; free some space and try again")]
    Full,
    #[error("the disk of the session's home cannot be used: {0}")]
    Disk(#[source] io::Error),
    /// The file has become shorter, or a folder has changed its kind, while it was read.
    #[error("the file has changed while it was read")]
    Changed,
    /// There is nobody to tell.
    #[error("the gateway ended the link, or did not go on for too long: {0}")]
    Peer(#[source] io::Error),
}

impl FilesError {
    pub(crate) fn disk(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Disk(error),
        }
    }

    pub fn code(&self) -> Code {
        match self {
            Self::NoUpload | Self::NoDownload | Self::Denied => Code::Forbidden,
            Self::TooLarge { .. } => Code::MessageTooLarge,
            Self::TooMany { .. } => Code::LimitReached,
            Self::NotFound => Code::FileNotFound,
            Self::Unusable => Code::FileUnusable,
            Self::NotAFile | Self::TooManyFiles { .. } | Self::NamesTaken(_) => {
                Code::RequestInvalid
            }
            Self::Busy | Self::WrongOffset { .. } => Code::UploadConflict,
            Self::OutOfRange { .. } => Code::RangeInvalid,
            Self::Full => Code::StorageFull,
            Self::Disk(_) | Self::Changed | Self::Peer(_) => Code::StorageFailed,
        }
    }

    /// What the gateway is told.
    pub(crate) fn reply(&self) -> FileReply {
        match self {
            Self::OutOfRange { total } => FileReply::OutOfRange { total: *total },
            other => FileReply::Refused {
                code: other.code(),
                message: other.to_string(),
            },
        }
    }
}

impl From<Errno> for FilesError {
    fn from(errno: Errno) -> Self {
        match errno {
            // By a link (LOOP), out of the home (XDEV), by a file as if it were a folder (NOTDIR), or a
            // FIFO without a reader or a socket (NXIO).
            Errno::LOOP | Errno::XDEV | Errno::NOTDIR | Errno::NXIO => Self::Unusable,
            Errno::ISDIR => Self::NotAFile,
            other => Self::disk(other.into()),
        }
    }
}
