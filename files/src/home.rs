//! The folder beneath which everything is opened.

use std::{fs::File, os::fd::OwnedFd, path::Path};

use rustix::{
    fs::{CWD, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, mkdirat, openat, openat2},
    io::Errno,
};
use streamspace_protocol::{FileName, FilePath};

use crate::FilesError;

/// A session's home, held open: whoever puts another folder or a link into its place changes nothing.
#[derive(Debug)]
pub struct Home(OwnedFd);

/// What a path turned out to be, opened.
#[derive(Debug)]
pub(crate) enum Opened {
    File(File, Stat),
    Folder(OwnedFd),
}

/// Neither out of the folder nor through a link, by whatever means.
const BENEATH: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS);

/// A FIFO is not waited for, and a terminal does not become ours.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

const WRITE: OFlags = OFlags::RDWR
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

impl Home {
    /// # Errors
    /// A folder that is not there, or a kernel before 5.6, which cannot look up safely.
    pub fn open(folder: &Path) -> Result<Self, FilesError> {
        let home = openat(
            CWD,
            folder,
            FOLDER.difference(OFlags::NOFOLLOW),
            Mode::empty(),
        )?;
        beneath(&home, ".", FOLDER, Mode::empty())?;
        Ok(Self(home))
    }

    pub(crate) fn open_any(&self, path: &FilePath) -> Result<Opened, FilesError> {
        open_any(&self.0, &relative(path))
    }

    pub(crate) fn open_folder(&self, path: &FilePath) -> Result<OwnedFd, FilesError> {
        Ok(beneath(&self.0, &relative(path), FOLDER, Mode::empty())?)
    }

    /// The folder of this path, made if it is missing.
    pub(crate) fn make_folders(&self, path: &FilePath) -> Result<OwnedFd, FilesError> {
        let mut folder = self.open_folder(&FilePath::default())?;
        for name in path.names() {
            match mkdirat(&folder, name.as_str(), Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            folder = beneath(&folder, name.as_str(), FOLDER, Mode::empty())?;
        }
        Ok(folder)
    }
}

/// Opens what has this name in a folder that is open already.
pub(crate) fn open_in(folder: &OwnedFd, name: &FileName) -> Result<Opened, FilesError> {
    open_any(folder, name.as_str())
}

/// Opens a file in a folder to write.
pub(crate) fn open_part(folder: &OwnedFd, name: &str) -> Result<File, FilesError> {
    let file = beneath(folder, name, WRITE, Mode::empty())?;
    plain_file(file).map(|(file, _)| file)
}

/// The same, but the file is made if it is missing.
pub(crate) fn create_part(folder: &OwnedFd, name: &str) -> Result<File, FilesError> {
    let mode = Mode::from_raw_mode(0o644);
    let file = beneath(folder, name, WRITE | OFlags::CREATE, mode)?;
    plain_file(file).map(|(file, _)| file)
}

/// The file of this name, if it is a plain one.
pub(crate) fn open_file(folder: &OwnedFd, name: &str) -> Result<(File, Stat), FilesError> {
    plain_file(beneath(folder, name, READ, Mode::empty())?)
}

fn plain_file(file: OwnedFd) -> Result<(File, Stat), FilesError> {
    let stat = fstat(&file)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok((file.into(), stat)),
        _ => Err(FilesError::Unusable),
    }
}

fn open_any(folder: &OwnedFd, path: &str) -> Result<Opened, FilesError> {
    let opened = beneath(folder, path, READ, Mode::empty())?;
    let stat = fstat(&opened)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(Opened::File(opened.into(), stat)),
        FileType::Directory => Ok(Opened::Folder(opened)),
        _ => Err(FilesError::Unusable),
    }
}

fn beneath(folder: &OwnedFd, path: &str, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
    // The kernel asks to try again when something on the way was moved at that very moment.
    for _ in 0..16 {
        match openat2(folder, path, flags, mode, BENEATH) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            done => return done,
        }
    }
    Err(Errno::AGAIN)
}

fn relative(path: &FilePath) -> String {
    match path.names() {
        [] => ".".into(),
        _ => path.to_string(),
    }
}
