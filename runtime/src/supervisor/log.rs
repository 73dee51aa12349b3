//! The session's log: what its parts write, in one file of bounded size.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    task::JoinHandle,
    time::timeout,
};

/// The file is moved aside to `.log.1` at this size, so that the two hold 1 MiB at most.
const MAX_FILE_BYTES: u64 = 512 * 1024;

/// How much of a part's output is kept for the message about its end.
const TAIL_BYTES: usize = 600;

const LAST_WORDS_LIMIT: Duration = Duration::from_millis(500);

#[derive(Debug, Clone)]
pub(super) struct SessionLog(Arc<Mutex<LogFile>>);

#[derive(Debug)]
struct LogFile {
    path: PathBuf,
    file: File,
    written: u64,
}

impl SessionLog {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let file = append(&path)?;
        let written = file.metadata()?.len();
        Ok(Self(Arc::new(Mutex::new(LogFile {
            path,
            file,
            written,
        }))))
    }

    /// Copies a part's output to the log until it ends. Always reads on, so that no part ever
    /// waits for its log, even where the disk is full.
    pub(super) fn follow(&self, mut output: impl AsyncRead + Unpin + Send + 'static) -> Tail {
        let written = Arc::<Mutex<VecDeque<u8>>>::default();
        let (log, copy) = (self.clone(), Arc::clone(&written));
        let copying = tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut buffer).await {
                push(&copy, &buffer[..length]);
                log.write(&buffer[..length]);
            }
        });
        Tail { written, copying }
    }

    pub(super) fn write(&self, bytes: &[u8]) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // There is no better place to say that the log cannot be written.
        let _ = log.write(bytes);
    }
}

impl LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.written + bytes.len() as u64 > MAX_FILE_BYTES {
            fs::rename(&self.path, self.path.with_extension("log.1"))?;
            self.file = append(&self.path)?;
            self.written = 0;
        }
        self.file.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

fn append(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// The end of what a part has written so far.
#[derive(Debug)]
pub(super) struct Tail {
    written: Arc<Mutex<VecDeque<u8>>>,
    copying: JoinHandle<()>,
}

impl Tail {
    /// What a part that has ended wrote last, on one line.
    pub(super) async fn last_words(&mut self) -> String {
        // Its exit can be seen before its words. Should a child of it keep the pipe open, there is
        // no end to wait for.
        if !self.copying.is_finished() {
            let _ = timeout(LAST_WORDS_LIMIT, &mut self.copying).await;
        }
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = written.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn push(written: &Mutex<VecDeque<u8>>, bytes: &[u8]) {
    let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
    written.extend(bytes);
    let surplus = written.len().saturating_sub(TAIL_BYTES);
    written.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_never_takes_more_than_a_mebibyte_and_keeps_the_latest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.log");
        let log = SessionLog::open(path.clone()).expect("a log");
        for number in 0..3000 {
            log.write(format!("{number:01000}\n").as_bytes());
        }
        let size = |path: &PathBuf| path.metadata().expect("a file").len();
        assert!(size(&path) + size(&path.with_extension("log.1")) <= 2 * MAX_FILE_BYTES);
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.ends_with("2999\n"));
    }

    #[tokio::test]
    async fn the_end_of_a_parts_output_is_kept_for_its_error_message() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = SessionLog::open(folder.path().join("a.log")).expect("a log");
        let mut tail = log.follow(&b"line one\nline two\n"[..]);
        assert_eq!(tail.last_words().await, "line one line two");
    }
}
