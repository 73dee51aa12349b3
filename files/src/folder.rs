//! What is in a folder.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FileType, Stat, statat};
use streamspace_protocol::{EntryKind, FileName, FileReply, Folder, FolderEntry, UploadId};

use crate::{FilesError, peer::Peer, read::size};

/// More than a person reads; the answer stays below a megabyte or so.
const MOST_ENTRIES: usize = 5000;

pub(crate) fn send(folder: OwnedFd, peer: &mut Peer<'_>) -> Result<(), FilesError> {
    let json = serde_json::to_vec(&list(&folder)?).expect("it holds text and numbers");
    let length = json.len() as u64;
    peer.reply(&FileReply::Folder { length })?;
    peer.send(&json)
}

fn list(folder: &OwnedFd) -> Result<Folder, FilesError> {
    let mut listing = Folder::default();
    for name in names(folder)? {
        let entry = name.and_then(|name| entry(folder, name));
        match entry {
            Some(entry) if listing.entries.len() < MOST_ENTRIES => listing.entries.push(entry),
            Some(_) | None => listing.left_out = listing.left_out.saturating_add(1),
        }
    }
    let order = |entry: &FolderEntry| (entry.kind, entry.name.to_lowercase());
    listing.entries.sort_by_cached_key(order);
    Ok(listing)
}

fn entry(folder: &OwnedFd, name: FileName) -> Option<FolderEntry> {
    let (kind, stat) = look(folder, &name)?;
    let nanos = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
    Some(FolderEntry {
        name: name.as_str().to_owned(),
        kind,
        bytes: match kind {
            EntryKind::File => size(&stat),
            EntryKind::Folder => 0,
        },
        modified_unix_ms: stat
            .st_mtime
            .saturating_mul(1000)
            .saturating_add(nanos / 1_000_000),
    })
}

/// The kind of what has this name now; nothing of what can neither be read nor looked into.
pub(crate) fn look(folder: &OwnedFd, name: &FileName) -> Option<(EntryKind, Stat)> {
    let stat = statat(folder, name.as_str(), AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        _ => return None,
    };
    Some((kind, stat))
}

/// Every name in a folder but those of parts; `None` stands for one that cannot be told.
pub(crate) fn names(
    folder: &OwnedFd,
) -> Result<impl Iterator<Item = Option<FileName>>, FilesError> {
    let entries = Dir::read_from(folder)?;
    Ok(entries
        .map_while(Result::ok)
        .filter(|entry| !matches!(entry.file_name().to_bytes(), b"." | b".."))
        .filter_map(|entry| match entry.file_name().to_str() {
            Ok(name) if UploadId::is_part_name(name) => None,
            Ok(name) => Some(FileName::new(name).ok()),
            Err(_) => Some(None),
        }))
}
