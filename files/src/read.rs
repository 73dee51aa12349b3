//! A file's bytes, all or a range of them.

use std::{
    fs::File,
    io::{Seek, SeekFrom},
};

use rustix::fs::Stat;
use streamspace_protocol::{ByteRange, FilePath, FilePolicy, FileReply};

use crate::{FilesError, Home, folder, home::Opened, peer::Peer};

pub(crate) fn read(
    home: &Home,
    policy: &FilePolicy,
    path: &FilePath,
    range: Option<ByteRange>,
    if_tag: Option<&str>,
    peer: &mut Peer<'_>,
) -> Result<(), FilesError> {
    match home.open_any(path)? {
        Opened::Folder(folder) => folder::send(folder, peer),
        Opened::File(file, stat) => {
            check_download(policy, size(&stat))?;
            let tag = tag(&stat);
            let range = range.filter(|_| if_tag.is_none_or(|wanted| wanted == tag));
            send(file, size(&stat), tag, range, peer)
        }
    }
}

/// Whether a file of this size may go out.
pub(crate) fn check_download(policy: &FilePolicy, bytes: u64) -> Result<(), FilesError> {
    if !policy.download {
        return Err(FilesError::NoDownload);
    }
    let limit = policy.max_bytes;
    if bytes > limit {
        return Err(FilesError::TooLarge { bytes, limit });
    }
    Ok(())
}

fn send(
    mut file: File,
    total: u64,
    tag: String,
    range: Option<ByteRange>,
    peer: &mut Peer<'_>,
) -> Result<(), FilesError> {
    let (first, length) = match range {
        Some(range) => within(range, total).ok_or(FilesError::OutOfRange { total })?,
        None => (0, total),
    };
    file.seek(SeekFrom::Start(first))
        .map_err(FilesError::disk)?;
    peer.reply(&FileReply::Content {
        first,
        length,
        total,
        tag,
        partial: range.is_some(),
    })?;
    peer.send_file(&file, length)
}

/// First byte and length of what there is of a range (RFC 9110, section 14.1.2).
fn within(range: ByteRange, total: u64) -> Option<(u64, u64)> {
    let (first, end) = match range {
        ByteRange::From { first } => (first, total),
        ByteRange::Between { first, last } => (first, last.saturating_add(1).min(total)),
        ByteRange::Last { length } => (total.saturating_sub(length), total),
    };
    (first < end).then(|| (first, end - first))
}

/// Tells versions of a file apart, well enough to go on with a download.
fn tag(stat: &Stat) -> String {
    format!(
        "{:x}-{:x}-{:x}.{:x}",
        stat.st_ino, stat.st_size, stat.st_mtime, stat.st_mtime_nsec
    )
}

pub(crate) fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_what_there_is() {
        let cases = [
            (ByteRange::From { first: 0 }, Some((0, 10))),
            (ByteRange::From { first: 9 }, Some((9, 1))),
            (ByteRange::From { first: 10 }, None),
            (ByteRange::Between { first: 2, last: 4 }, Some((2, 3))),
            (
                ByteRange::Between {
                    first: 2,
                    last: u64::MAX,
                },
                Some((2, 8)),
            ),
            (ByteRange::Between { first: 4, last: 2 }, None),
            (ByteRange::Last { length: 3 }, Some((7, 3))),
            (ByteRange::Last { length: 99 }, Some((0, 10))),
            (ByteRange::Last { length: 0 }, None),
        ];
        for (range, expected) in cases {
            assert_eq!(within(range, 10), expected, "{range:?}");
            assert_eq!(within(range, 0), None);
        }
    }
}
