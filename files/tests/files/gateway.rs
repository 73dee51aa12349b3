//! The gateway's end of the links to a session's files, and the session's home.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use streamspace_files::{Files, Home};
use streamspace_protocol::{
    Code, FilePolicy, FileReply, FileRequest, Folder, FrameDecoder, Part, UploadId, Wire,
};
use tempfile::TempDir;

pub(crate) struct Session {
    folder: TempDir,
    files: Files,
}

pub(crate) struct Link {
    pub(crate) stream: UnixStream,
}

impl Session {
    pub(crate) fn new() -> Self {
        Self::with(FilePolicy::default())
    }

    pub(crate) fn with(policy: FilePolicy) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("home")).expect("a home");
        let home = Home::open(&folder.path().join("home")).expect("a home");
        Self {
            files: Files::new(home, policy),
            folder,
        }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Beside the home, where nothing may be reached.
    pub(crate) fn outside(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.home().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
        std::fs::write(file, content).expect("written");
    }

    pub(crate) fn content(&self, path: &str) -> String {
        std::fs::read_to_string(self.home().join(path)).expect(path)
    }

    /// Every name in the home, also of parts.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home()).expect("the home");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into()).collect();
        names.sort();
        names
    }

    pub(crate) fn ask(&self, request: FileRequest) -> Link {
        let (gateway, streamer) = UnixStream::pair().expect("a socket pair");
        let patience = Some(Duration::from_secs(20));
        gateway.set_read_timeout(patience).expect("a time");
        self.files.serve(streamer, request);
        Link { stream: gateway }
    }

    pub(crate) fn read(&self, path: &str) -> Link {
        self.ask(FileRequest::Read {
            path: path.parse().expect(path),
            range: None,
            if_tag: None,
        })
    }

    pub(crate) fn refusal(&self, request: FileRequest) -> Code {
        match self.ask(request).reply() {
            FileReply::Refused { code, .. } => code,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// How reading this path is refused.
    pub(crate) fn read_refusal(&self, path: &str) -> Code {
        self.refusal(FileRequest::Read {
            path: path.parse().expect(path),
            range: None,
            if_tag: None,
        })
    }

    pub(crate) fn list(&self, path: &str) -> Folder {
        let mut link = self.read(path);
        let FileReply::Folder { length } = link.reply() else {
            panic!("{path} is no folder");
        };
        serde_json::from_slice(&link.bytes(length)).expect("a listing")
    }

    pub(crate) fn upload(&self, path: &str, upload: Option<&UploadId>, part: Part) -> Link {
        self.ask(upload_request(path, upload, part))
    }

    /// Uploads all at once; gives the path that the file got.
    pub(crate) fn upload_whole(&self, path: &str, content: &str) -> String {
        let mut link = self.upload(path, None, whole(content));
        assert_eq!(link.reply(), FileReply::Ready);
        link.send(content.as_bytes());
        match link.reply() {
            FileReply::Stored { path } => path.to_string(),
            other => panic!("not stored: {other:?}"),
        }
    }

    pub(crate) fn offset(&self, path: &str, upload: &UploadId) -> u64 {
        let path = path.parse().expect(path);
        let upload = upload.clone();
        match self.ask(FileRequest::Offset { path, upload }).reply() {
            FileReply::Kept { offset } => offset,
            other => panic!("no offset: {other:?}"),
        }
    }
}

impl Link {
    pub(crate) fn reply(&mut self) -> FileReply {
        let mut decoder = FrameDecoder::default();
        loop {
            if let Some(frame) = decoder.next_frame().expect("a frame") {
                return FileReply::decode(&frame).expect("a reply");
            }
            decoder.push(&self.bytes(1));
        }
    }

    pub(crate) fn bytes(&mut self, length: u64) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(length).expect("small")];
        self.stream.read_exact(&mut bytes).expect("all of it");
        bytes
    }

    /// Everything until the link ends.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("the end");
        rest
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("sent");
    }

    /// Goes away in the middle; returns when the session's side has noticed.
    pub(crate) fn break_off(mut self) {
        self.stream.shutdown(Shutdown::Write).expect("shut down");
        self.rest();
    }
}

pub(crate) fn whole(content: &str) -> Part {
    let length = content.len() as u64;
    part(0, length, length)
}

pub(crate) fn part(offset: u64, length: u64, total: u64) -> Part {
    Part {
        offset,
        length,
        total,
    }
}

pub(crate) fn upload_request(path: &str, upload: Option<&UploadId>, part: Part) -> FileRequest {
    FileRequest::Upload {
        path: path.parse().expect(path),
        upload: upload.cloned(),
        part,
    }
}

pub(crate) fn id(digit: char) -> UploadId {
    let digits: String = std::iter::repeat_n(digit, 32).collect();
    digits.parse().expect("32 digits")
}
