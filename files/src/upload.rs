//! Uploads: what has arrived lies in a part beside its target, and gets the name when it is whole.

use std::{
    fs::File,
    io::{Seek, SeekFrom},
    os::fd::OwnedFd,
    time::{Duration, SystemTime},
};

use rustix::{
    fs::{
        AtFlags, Dir, FlockOperation, RenameFlags, flock, fstat, linkat, renameat_with, statat,
        unlinkat,
    },
    io::Errno,
    rand::{GetRandomFlags, getrandom},
};
use streamspace_protocol::{FileName, FilePath, FilePolicy, FileReply, Part, UploadId};

use crate::{
    FilesError, Home,
    home::{create_part, open_file, open_part},
    peer::Peer,
    read::size,
};

/// A part that nobody has added to for this long is forgotten.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);
/// `name (999)` is the last that is tried.
const MOST_NAMES: u32 = 999;

/// Where an upload goes.
struct Target {
    folder: OwnedFd,
    path: FilePath,
    name: FileName,
    part: String,
}

impl Target {
    fn new(folder: OwnedFd, path: &FilePath, upload: &UploadId) -> Result<Self, FilesError> {
        let (parent, name) = path.split().ok_or(FilesError::NotAFile)?;
        Ok(Self {
            folder,
            name: name.clone(),
            path: parent,
            part: upload.part_name(),
        })
    }
}

/// How much of an upload is there; nothing of one that nobody knows.
pub(crate) fn offset(
    home: &Home,
    policy: &FilePolicy,
    path: &FilePath,
    upload: &UploadId,
) -> Result<FileReply, FilesError> {
    if !policy.upload {
        return Err(FilesError::NoUpload);
    }
    let offset = match existing(home, path, upload).and_then(|target| part_size(&target)) {
        Err(FilesError::NotFound) => 0,
        other => other?,
    };
    Ok(FileReply::Kept { offset })
}

pub(crate) fn discard(
    home: &Home,
    path: &FilePath,
    upload: &UploadId,
) -> Result<FileReply, FilesError> {
    let removed = existing(home, path, upload)
        .and_then(|target| Ok(unlinkat(&target.folder, &target.part, AtFlags::empty())?));
    match removed {
        Ok(()) | Err(FilesError::NotFound) => Ok(FileReply::Kept { offset: 0 }),
        Err(error) => Err(error),
    }
}

/// Takes in the next bytes of an upload; the last of them complete it.
pub(crate) fn receive(
    home: &Home,
    policy: &FilePolicy,
    path: &FilePath,
    upload: Option<&UploadId>,
    part: Part,
    peer: &mut Peer<'_>,
) -> Result<FileReply, FilesError> {
    check_upload(policy, part)?;
    let (parent, _) = path.split().ok_or(FilesError::NotAFile)?;
    let folder = home.make_folders(&parent)?;
    if part.offset == 0 {
        forget_abandoned(&folder);
    }
    let id = match upload {
        Some(id) => id.clone(),
        None => random_id()?,
    };
    let target = Target::new(folder, path, &id)?;
    let mut file = claim(&target, part.offset)?;
    peer.reply(&FileReply::Ready)?;
    let received = peer
        .receive_file(&mut file, part.length)
        .and_then(|()| finish(&target, part));
    let full = matches!(received, Err(FilesError::Full));
    if received.is_err() && (full || upload.is_none()) {
        // What cannot be completed, or not be gone on with, only takes space.
        let _ = unlinkat(&target.folder, &target.part, AtFlags::empty());
    }
    received
}

fn check_upload(policy: &FilePolicy, part: Part) -> Result<(), FilesError> {
    if !policy.upload {
        return Err(FilesError::NoUpload);
    }
    let (bytes, limit) = (part.total, policy.max_bytes);
    if bytes > limit {
        return Err(FilesError::TooLarge { bytes, limit });
    }
    Ok(())
}

fn finish(target: &Target, part: Part) -> Result<FileReply, FilesError> {
    if part.completes() {
        store(target).map(|path| FileReply::Stored { path })
    } else {
        let offset = part.offset + part.length;
        Ok(FileReply::Kept { offset })
    }
}

/// The part, held by us alone and as long as the request says.
fn claim(target: &Target, offset: u64) -> Result<File, FilesError> {
    let mut file = match offset {
        0 => create_part(&target.folder, &target.part)?,
        asked => open_part(&target.folder, &target.part).map_err(|error| match error {
            FilesError::NotFound => FilesError::WrongOffset { there: 0, asked },
            other => other,
        })?,
    };
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| FilesError::Busy)?;
    // Another request may have completed it while we waited: then this is the finished file.
    let named = statat(&target.folder, &target.part, AtFlags::SYMLINK_NOFOLLOW);
    if named.map(|stat| stat.st_ino) != Ok(fstat(&file)?.st_ino) {
        return Err(FilesError::Busy);
    }
    if offset == 0 {
        file.set_len(0).map_err(FilesError::disk)?;
    }
    let there = size(&fstat(&file)?);
    if there != offset {
        return Err(FilesError::WrongOffset {
            there,
            asked: offset,
        });
    }
    file.seek(SeekFrom::End(0)).map_err(FilesError::disk)?;
    Ok(file)
}

/// Gives the part its name, or the first numbered one that is free. Nothing is ever replaced.
fn store(target: &Target) -> Result<FilePath, FilesError> {
    for number in 1..=MOST_NAMES {
        let name = match number {
            1 => target.name.clone(),
            _ => target.name.numbered(number),
        };
        match rename(&target.folder, &target.part, name.as_str()) {
            Ok(()) => return Ok(target.path.join(name)),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Err(FilesError::NamesTaken(MOST_NAMES))
}

fn rename(folder: &OwnedFd, from: &str, to: &str) -> Result<(), Errno> {
    match renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
        // Network file systems do not know how; a second name never replaces anything either.
        Err(Errno::INVAL | Errno::NOSYS) => {
            linkat(folder, from, folder, to, AtFlags::empty())?;
            unlinkat(folder, from, AtFlags::empty())
        }
        done => done,
    }
}

fn existing(home: &Home, path: &FilePath, upload: &UploadId) -> Result<Target, FilesError> {
    let (parent, _) = path.split().ok_or(FilesError::NotAFile)?;
    Target::new(home.open_folder(&parent)?, path, upload)
}

fn part_size(target: &Target) -> Result<u64, FilesError> {
    let (_, stat) = open_file(&target.folder, &target.part)?;
    Ok(size(&stat))
}

/// Removes parts that will not be gone on with.
fn forget_abandoned(folder: &OwnedFd) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(0));
    let entries = Dir::read_from(folder).into_iter().flatten().flatten();
    for entry in entries {
        let Ok(name) = entry.file_name().to_str() else {
            continue;
        };
        if !UploadId::is_part_name(name) {
            continue;
        }
        let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
        let age = stat.map_or(0, |stat| now.saturating_sub(stat.st_mtime));
        if age > ABANDONED.as_secs().cast_signed() {
            let _ = unlinkat(folder, name, AtFlags::empty());
        }
    }
}

fn random_id() -> Result<UploadId, FilesError> {
    let mut bytes = [0; 16];
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(digits.parse().expect("32 digits"))
}
