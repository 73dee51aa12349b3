//! The gateway's end of a link, in blocking calls: a transfer has a thread of its own.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    time::Duration,
};

use streamspace_protocol::{FileReply, encode_frame};

use crate::{FilesError, pace::Pace};

/// How long a gateway, and so a browser, may take to read or to go on.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Peer<'a> {
    stream: UnixStream,
    pace: &'a Pace,
}

impl<'a> Peer<'a> {
    pub(crate) fn new(stream: UnixStream, pace: &'a Pace) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, pace })
    }

    pub(crate) fn reply(&mut self, reply: &FileReply) -> Result<(), FilesError> {
        self.send(&encode_frame(reply))
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), FilesError> {
        self.stream.write_all(bytes).map_err(FilesError::Peer)
    }

    /// Sends so many bytes of a file, from where it stands.
    pub(crate) fn send_file(&mut self, file: &File, length: u64) -> Result<(), FilesError> {
        let mut left = length;
        while left > 0 {
            let piece = self.pace.piece().min(left);
            self.pace.wait(piece);
            // The kernel copies from one to the other by itself (sendfile).
            let sent = io::copy(&mut file.take(piece), &mut self.stream);
            match sent.map_err(FilesError::Peer)? {
                0 => return Err(FilesError::Changed),
                sent => left -= sent,
            }
        }
        Ok(())
    }

    /// Waits for the turn of bytes that are sent by other means.
    pub(crate) fn wait(&self, bytes: u64) {
        self.pace.wait(bytes);
    }

    pub(crate) fn pace(&self) -> &'a Pace {
        self.pace
    }

    /// Writes what arrives to a file until `length` bytes are there.
    pub(crate) fn receive_file(&mut self, file: &mut File, length: u64) -> Result<(), FilesError> {
        let piece = self.pace.piece();
        let mut buffer = vec![0; usize::try_from(piece).expect("a piece is small")];
        let mut left = length;
        while left > 0 {
            let most = piece.min(left);
            let room = &mut buffer[..usize::try_from(most).expect("a piece is small")];
            let count = match self.stream.read(room) {
                Ok(0) => return Err(FilesError::Peer(io::ErrorKind::UnexpectedEof.into())),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(FilesError::Peer(error)),
            };
            file.write_all(&room[..count]).map_err(FilesError::disk)?;
            left -= count as u64;
            self.pace.wait(count as u64);
        }
        Ok(())
    }
}
