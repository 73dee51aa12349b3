//! A folder as a ZIP archive, made while it is sent: neither in memory nor on disk.

use std::{
    io::{self, Write},
    os::fd::OwnedFd,
};

use jiff::{Timestamp, tz::TimeZone};
use rustix::fs::Stat;
use streamspace_protocol::{FileName, FilePath, FilePolicy, FileReply};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{
    FilesError, Home, folder,
    home::{Opened, open_in},
    peer::Peer,
    read::{check_download, size},
};

/// The archive's table of contents is in memory until its end.
const MOST_ENTRIES: usize = 50_000;
/// As deep as a path may be.
const MOST_DEPTH: usize = 64;

pub(crate) fn send(
    home: &Home,
    policy: &FilePolicy,
    path: &FilePath,
    peer: &mut Peer<'_>,
) -> Result<(), FilesError> {
    check_download(policy, 0)?;
    // First a look at all of it, so that what cannot be sent is said before anything is.
    let mut survey = Survey { policy, entries: 0 };
    walk(home.open_folder(path)?, &mut String::new(), 0, &mut survey)?;
    let folder = home.open_folder(path)?;
    peer.reply(&FileReply::Archive)?;
    let mut writing = Writing {
        policy,
        zip: ZipWriter::new_stream(Pieces::new(peer)),
    };
    walk(folder, &mut String::new(), 0, &mut writing).map_err(too_late)?;
    let pieces = writing.zip.finish().map_err(failed)?;
    pieces.into_inner().end().map_err(FilesError::Peer)
}

/// Nothing can be refused any more: the archive stays without its end.
fn too_late(error: FilesError) -> FilesError {
    match error {
        FilesError::Peer(error) => FilesError::Peer(error),
        _ => FilesError::Changed,
    }
}

/// What is done with each entry on the way through a folder.
trait Visit {
    fn folder(&mut self, path: &str) -> Result<(), FilesError>;
    fn file(&mut self, path: &str, file: std::fs::File, stat: &Stat) -> Result<(), FilesError>;
}

/// Links and the like are passed by, and so is what goes away meanwhile.
fn walk(
    folder: OwnedFd,
    path: &mut String,
    depth: usize,
    visit: &mut impl Visit,
) -> Result<(), FilesError> {
    let entries: Vec<FileName> = folder::names(&folder)?
        .flatten()
        .filter(|name| folder::look(&folder, name).is_some())
        .take(MOST_ENTRIES + 1)
        .collect();
    let length = path.len();
    for name in entries {
        path.push_str(name.as_str());
        match open_in(&folder, &name) {
            Ok(Opened::File(file, stat)) => visit.file(path, file, &stat)?,
            Ok(Opened::Folder(inner)) if depth < MOST_DEPTH => {
                path.push('/');
                visit.folder(path)?;
                walk(inner, path, depth + 1, visit)?;
            }
            Ok(Opened::Folder(_)) => {}
            Err(FilesError::NotFound | FilesError::Unusable | FilesError::Denied) => {}
            Err(error) => return Err(error),
        }
        path.truncate(length);
    }
    Ok(())
}

struct Survey<'a> {
    policy: &'a FilePolicy,
    entries: usize,
}

impl Survey<'_> {
    fn count(&mut self) -> Result<(), FilesError> {
        self.entries += 1;
        let limit = MOST_ENTRIES;
        match self.entries > limit {
            true => Err(FilesError::TooManyFiles { limit }),
            false => Ok(()),
        }
    }
}

impl Visit for Survey<'_> {
    fn folder(&mut self, _path: &str) -> Result<(), FilesError> {
        self.count()
    }

    fn file(&mut self, _path: &str, _: std::fs::File, stat: &Stat) -> Result<(), FilesError> {
        check_download(self.policy, size(stat))?;
        self.count()
    }
}

struct Writing<'a, 'p> {
    policy: &'a FilePolicy,
    zip: ZipWriter<zip::write::StreamWriter<Pieces<'a, 'p>>>,
}

impl Visit for Writing<'_, '_> {
    fn folder(&mut self, path: &str) -> Result<(), FilesError> {
        let options = SimpleFileOptions::default();
        self.zip.add_directory(path, options).map_err(failed)
    }

    /// Not packed: most large files are already, and the network is mostly faster than that.
    fn file(&mut self, path: &str, file: std::fs::File, stat: &Stat) -> Result<(), FilesError> {
        check_download(self.policy, size(stat))?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(size(stat) >= u64::from(u32::MAX))
            .last_modified_time(modified(stat));
        self.zip.start_file(path, options).map_err(failed)?;
        // A file that grows meanwhile would not end.
        let mut content = io::Read::take(file, size(stat));
        io::copy(&mut content, &mut self.zip).map_err(FilesError::Peer)?;
        Ok(())
    }
}

/// To two seconds, from 1980 on, as the format has it; in UTC.
fn modified(stat: &Stat) -> DateTime {
    let Ok(time) = Timestamp::from_second(stat.st_mtime) else {
        return DateTime::default();
    };
    let time = time.to_zoned(TimeZone::UTC);
    let small = |value: i8| u8::try_from(value).unwrap_or(0);
    let year = u16::try_from(time.year()).unwrap_or(0);
    let (month, day) = (small(time.month()), small(time.day()));
    let (hour, minute, second) = (
        small(time.hour()),
        small(time.minute()),
        small(time.second()),
    );
    DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap_or_default()
}

fn failed(error: zip::result::ZipError) -> FilesError {
    FilesError::Peer(error.into())
}

/// Cuts a stream whose length nobody knows into pieces.
struct Pieces<'a, 'p> {
    peer: &'a mut Peer<'p>,
    buffer: Vec<u8>,
}

impl<'a, 'p> Pieces<'a, 'p> {
    fn new(peer: &'a mut Peer<'p>) -> Self {
        Self {
            peer,
            buffer: Vec::new(),
        }
    }

    fn piece_bytes(&self) -> usize {
        usize::try_from(self.peer.pace().piece()).expect("a piece is small")
    }

    fn send(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.peer.wait(self.buffer.len() as u64);
        let length = u32::try_from(self.buffer.len()).expect("a piece is small");
        let sent = self.peer.send(&length.to_be_bytes());
        let sent = sent.and_then(|()| self.peer.send(&self.buffer));
        self.buffer.clear();
        sent.map_err(io::Error::other)
    }

    /// Without this the gateway knows that something is missing.
    fn end(mut self) -> io::Result<()> {
        self.send()?;
        self.peer.send(&[0; 4]).map_err(io::Error::other)
    }
}

impl Write for Pieces<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.piece_bytes() - self.buffer.len();
        let taken = room.min(bytes.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == self.piece_bytes() {
            self.send()?;
        }
        Ok(taken)
    }

    /// Pieces are sent when they are full: the archive's writer flushes for each file.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
