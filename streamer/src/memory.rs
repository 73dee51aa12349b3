//! The file from which the next streamer of a session learns what people have decided.

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use streamspace_streamer_core::Memory;

/// Far more than a [`Memory`] can be.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Lies in the session's own folder, which only its user can read, and goes with it.
#[derive(Debug)]
pub(crate) struct MemoryFile {
    path: Option<PathBuf>,
    written: Memory,
}

impl MemoryFile {
    /// What a former streamer has left; nothing, if there was none.
    pub(crate) fn open(path: Option<PathBuf>) -> Self {
        let none = || Ok(Memory::default());
        let written = path.as_deref().map_or_else(none, read);
        let written = written.unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(%error, "what a former streamer knew of people cannot be read");
            }
            Memory::default()
        });
        Self { path, written }
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.written
    }

    pub(crate) fn keep(&mut self, memory: Memory) {
        let Some(path) = self.path.as_deref().filter(|_| memory != self.written) else {
            return;
        };
        if let Err(error) = write(path, &memory) {
            tracing::warn!(%error, "what is known of people cannot be kept");
        }
        self.written = memory;
    }
}

fn read(path: &Path) -> io::Result<Memory> {
    let file = fs::metadata(path)?;
    if file.len() > MOST_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let memory: Memory = serde_json::from_slice(&fs::read(path)?)?;
    let since = SystemTime::now().duration_since(file.modified()?);
    let ms = since.map_or(0, |since| since.as_millis());
    Ok(memory.later(u32::try_from(ms).unwrap_or(u32::MAX)))
}

/// Whoever reads it finds all of the old one or all of the new one.
fn write(path: &Path, memory: &Memory) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    serde_json::to_writer(io::BufWriter::new(options.open(&new)?), memory)?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_kept_is_found_again_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("people.json");
        let memory: Memory = serde_json::from_str(
            r#"{"decisions":{"decided":{"00000000000000000000000000000001":{"has":"view"}},
                "known":[],"closed":{},"revoked":["0000000000000001"]},
                "chat":[{"number":3,"viewer":7,"name":"Ada","text":"hello","ageMs":5}]}"#,
        )
        .expect("a memory");
        let mut file = MemoryFile::open(Some(path.clone()));
        assert_eq!(file.memory(), &Memory::default());
        file.keep(memory.clone());
        let mode = fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = MemoryFile::open(Some(path.clone()));
        assert_eq!(again.memory().next_viewer(), 8);
        let text = serde_json::to_string(again.memory()).expect("JSON");
        assert!(text.contains("hello") && text.contains("0000000000000001"));
        fs::write(&path, "{").expect("it can be written");
        assert_eq!(MemoryFile::open(Some(path)).memory(), &Memory::default());
    }
}
