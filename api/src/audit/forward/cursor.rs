//! How far a target has got, in a file of its own.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

#[derive(Debug)]
pub(super) struct Cursor(PathBuf);

impl Cursor {
    pub(super) fn at(file: PathBuf) -> Self {
        Self(file)
    }

    /// The number of the last event that was taken; 0 before the first.
    ///
    /// # Errors
    /// A file that cannot be read, or holds something else. Beginning anew would send everything again.
    pub(super) fn read(&self) -> io::Result<i64> {
        match fs::read_to_string(&self.0) {
            Ok(text) => text.trim().parse().map_err(|_| {
                let message = format!("{} holds no number; remove it", self.0.display());
                io::Error::new(io::ErrorKind::InvalidData, message)
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Whole or not at all.
    pub(super) fn write(&self, number: i64) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        let new = self.0.with_extension("new");
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        writeln!(file, "{number}")?;
        fs::rename(&new, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_a_broken_one_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let cursor = Cursor::at(folder.path().join("cursors/syslog"));
        assert_eq!(cursor.read().expect("nothing yet"), 0);
        for number in [7, 4711] {
            cursor.write(number).expect("written");
            assert_eq!(cursor.read().expect("a number"), number);
        }
        fs::write(&cursor.0, "many").expect("written");
        assert!(cursor.read().is_err());
    }
}
