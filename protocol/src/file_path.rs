//! Where a file is in a session's home. Checked once at the edge, then trusted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// As Linux has it, in bytes of UTF-8.
const MAX_NAME_BYTES: usize = 255;
const MAX_PATH_BYTES: usize = 4000;
const MAX_DEPTH: usize = 64;
/// Files of ours begin with this: what has arrived of an upload.
const PART_PREFIX: &str = ".streamspace-";
const PART_SUFFIX: &str = ".part";

/// The name of a file or folder: no separator, no control character, no way up, none of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

/// A path below the home, in plain names; none of them means the home itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilePath(Vec<FileName>);

/// Tells one upload from another; whoever starts it draws it by lot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UploadId(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    #[error("a path starts in the session's home, without a slash")]
    Absolute,
    #[error("a name is empty, \".\" or \"..\"")]
    NoName,
    #[error("a name holds a control character or a slash")]
    Character,
    #[error("a name is over {MAX_NAME_BYTES} bytes, or the path over {MAX_PATH_BYTES}")]
    TooLong,
    #[error("the path is more than {MAX_DEPTH} folders deep")]
    TooDeep,
    #[error("the name is kept for uploads under way")]
    Kept,
    #[error("an upload's id is 32 digits of 0-9 and a-f")]
    UploadId,
}

impl FileName {
    /// # Errors
    /// What no file of a person's is called.
    pub fn new(name: &str) -> Result<Self, InvalidPath> {
        if matches!(name, "" | "." | "..") {
            return Err(InvalidPath::NoName);
        }
        if name.chars().any(|c| c.is_control() || c == '/') {
            return Err(InvalidPath::Character);
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(InvalidPath::TooLong);
        }
        if name.starts_with(PART_PREFIX) && name.ends_with(PART_SUFFIX) {
            return Err(InvalidPath::Kept);
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name for the `number`th file of it, as browsers number downloads: `a (2).txt`.
    /// Cut where it would get too long.
    pub fn numbered(&self, number: u32) -> Self {
        let (stem, extension) = match self.0.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
            _ => (self.0.as_str(), String::new()),
        };
        let tail = format!(" ({number}){extension}");
        let room = MAX_NAME_BYTES.saturating_sub(tail.len());
        let end = (0..=stem.len().min(room))
            .rev()
            .find(|&end| stem.is_char_boundary(end))
            .unwrap_or(0);
        let name = format!("{}{tail}", &stem[..end]);
        // An extension may fill the name by itself; then the number alone is left.
        Self::new(&name).unwrap_or_else(|_| Self(format!("({number})")))
    }
}

impl FilePath {
    pub fn names(&self) -> &[FileName] {
        &self.0
    }

    /// The folder, and the name in it; `None` for the home itself.
    pub fn split(&self) -> Option<(Self, &FileName)> {
        let (name, folder) = self.0.split_last()?;
        Some((Self(folder.to_vec()), name))
    }

    #[must_use]
    pub fn join(&self, name: FileName) -> Self {
        let mut names = self.0.clone();
        names.push(name);
        Self(names)
    }
}

impl FromStr for FilePath {
    type Err = InvalidPath;

    /// Names between slashes; one at the end, as of a folder, is no matter.
    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        if text.starts_with('/') {
            return Err(InvalidPath::Absolute);
        }
        if text.len() > MAX_PATH_BYTES {
            return Err(InvalidPath::TooLong);
        }
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.is_empty() {
            return Ok(Self::default());
        }
        let names = text.split('/').map(FileName::new);
        let names = names.collect::<Result<Vec<_>, _>>()?;
        if names.len() > MAX_DEPTH {
            return Err(InvalidPath::TooDeep);
        }
        Ok(Self(names))
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let slash = if index == 0 { "" } else { "/" };
            write!(f, "{slash}{}", name.0)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for FilePath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        text.parse()
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        path.to_string()
    }
}

impl UploadId {
    /// The file in the target's folder that holds what has arrived.
    pub fn part_name(&self) -> String {
        format!("{PART_PREFIX}{}{PART_SUFFIX}", self.0)
    }

    /// Whether a name is that of a part, of any upload.
    pub fn is_part_name(name: &str) -> bool {
        name.strip_prefix(PART_PREFIX)
            .and_then(|rest| rest.strip_suffix(PART_SUFFIX))
            .is_some_and(|id| id.parse::<Self>().is_ok())
    }
}

impl FromStr for UploadId {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let digit = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        if text.len() == 32 && text.bytes().all(digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPath::UploadId)
        }
    }
}

impl TryFrom<String> for UploadId {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        text.parse()
    }
}

impl From<UploadId> for String {
    fn from(id: UploadId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_paths_are_read_and_odd_names_kept_as_they_are() {
        for path in [
            "",
            "a.txt",
            "Desktop/ü – 文件 (1)/.hidden",
            "a b/…/\u{202e}x",
            "-rf",
            "~",
        ] {
            let read: FilePath = path.parse().expect(path);
            assert_eq!(read.to_string(), path);
        }
        assert_eq!("a/b/".parse(), "a/b".parse::<FilePath>());
    }

    #[test]
    fn paths_that_lead_out_or_cannot_be_are_refused() {
        let long = "x".repeat(256);
        let huge = "x".repeat(10_240);
        let deep = vec!["a"; 65].join("/");
        let ours = UploadId("0".repeat(32)).part_name();
        let cases = [
            ("..", InvalidPath::NoName),
            ("a/../b", InvalidPath::NoName),
            ("a/./b", InvalidPath::NoName),
            ("a//b", InvalidPath::NoName),
            ("/etc/passwd", InvalidPath::Absolute),
            ("/", InvalidPath::Absolute),
            ("a\0b", InvalidPath::Character),
            ("a\nb", InvalidPath::Character),
            ("a/\u{7f}", InvalidPath::Character),
            (&long, InvalidPath::TooLong),
            (&huge, InvalidPath::TooLong),
            (&deep, InvalidPath::TooDeep),
            (&ours, InvalidPath::Kept),
        ];
        for (path, error) in cases {
            assert_eq!(path.parse::<FilePath>(), Err(error), "{path:?}");
        }
    }

    #[test]
    fn the_second_file_of_a_name_gets_a_number_before_its_extension() {
        let numbered = |name: &str| FileName::new(name).expect(name).numbered(2).0;
        assert_eq!(numbered("a.txt"), "a (2).txt");
        assert_eq!(numbered("a.tar.gz"), "a.tar (2).gz");
        assert_eq!(numbered("README"), "README (2)");
        assert_eq!(numbered(".profile"), ".profile (2)");
    }

    proptest! {
        #[test]
        fn a_numbered_name_is_a_name(name in "\\PC{1,255}", number in 2u32..1000) {
            if let Ok(name) = FileName::new(&name) {
                let numbered = name.numbered(number);
                prop_assert_ne!(&numbered, &name);
                prop_assert!(FileName::new(numbered.as_str()).is_ok());
            }
        }

        #[test]
        fn any_text_is_a_path_of_plain_names_or_refused(text in "(\\PC|[./\0\n]){0,80}") {
            if let Ok(path) = text.parse::<FilePath>() {
                for name in path.names() {
                    prop_assert!(!matches!(name.as_str(), "" | "." | ".."));
                    prop_assert!(!name.as_str().contains(['/', '\0', '\n']));
                }
                prop_assert_eq!(path.to_string().parse::<FilePath>(), Ok(path));
            }
        }
    }
}
