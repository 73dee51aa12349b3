//! What may be carried into a session and out of it.
//!
//! A template says it (`spec.policy`), the session's own side enforces it: the streamer, and for VNC
//! the X server. What a page shows or hides changes nothing.

use serde::{Deserialize, Serialize};

use crate::{DecodeError, Wire};

/// The most that any policy lets a clipboard hold, in bytes: it is kept in memory.
pub const MOST_CLIPBOARD_BYTES: u32 = 64 * 1024 * 1024;

const MIB: u32 = 1024 * 1024;
const GIB: u64 = 1024 * 1024 * 1024;

/// The policy of one session. What is left out is allowed, up to bounds that suit most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    pub clipboard: ClipboardPolicy,
    pub files: FilePolicy,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ClipboardPolicy {
    /// What is copied outside may be pasted in the session.
    pub to_session: bool,
    /// What is copied in the session may be pasted outside.
    pub to_browser: bool,
    /// Of what is copied, these; the rest is left out.
    pub kinds: Vec<ClipboardKind>,
    /// The most that is carried at once, all kinds together.
    pub max_bytes: u32,
}

/// A form in which programs offer what was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ClipboardKind {
    Text,
    Html,
    Png,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FilePolicy {
    pub upload: bool,
    pub download: bool,
    /// The largest file, either way.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub max_bytes: u64,
    /// What all transfers of the session together may take. The default is more than a gigabit network
    /// carries, and leaves the processors to the picture.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub bytes_per_second: u64,
}

impl ClipboardKind {
    pub const ALL: [Self; 3] = [Self::Text, Self::Html, Self::Png];
}

impl Default for ClipboardPolicy {
    fn default() -> Self {
        Self {
            to_session: true,
            to_browser: true,
            kinds: ClipboardKind::ALL.into(),
            max_bytes: 16 * MIB,
        }
    }
}

impl Default for FilePolicy {
    fn default() -> Self {
        Self {
            upload: true,
            download: true,
            max_bytes: 16 * GIB,
            bytes_per_second: 150_000_000,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    #[error("clipboard.maxBytes is {0}; it is {MOST_CLIPBOARD_BYTES} at most")]
    ClipboardTooLarge(u32),
    #[error("files.bytesPerSecond is 0; turn upload and download off instead")]
    NoBytesPerSecond,
}

impl Policy {
    /// Checks what the types alone cannot say.
    ///
    /// # Errors
    /// A value that no session could keep to.
    pub fn validate(&self) -> Result<(), InvalidPolicy> {
        if self.clipboard.max_bytes > MOST_CLIPBOARD_BYTES {
            return Err(InvalidPolicy::ClipboardTooLarge(self.clipboard.max_bytes));
        }
        if self.files.bytes_per_second == 0 {
            return Err(InvalidPolicy::NoBytesPerSecond);
        }
        Ok(())
    }
}

impl ClipboardPolicy {
    pub fn allows(&self, kind: ClipboardKind) -> bool {
        self.kinds.contains(&kind)
    }
}

impl Wire for Policy {
    const MAX_BYTES: usize = 4 * 1024;

    fn check(&self) -> Result<(), DecodeError> {
        self.validate()
            .map_err(|_| DecodeError::OutOfRange { field: "policy" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_allows_everything_within_bounds() {
        let policy = Policy::decode(b"{}").expect("a policy");
        assert_eq!(policy, Policy::default());
        assert!(policy.clipboard.to_session && policy.clipboard.to_browser);
        assert!(ClipboardKind::ALL.map(|kind| policy.clipboard.allows(kind)) == [true; 3]);
        assert!(policy.files.upload && policy.files.download);
        assert_eq!(policy.validate(), Ok(()));
    }

    #[test]
    fn what_is_said_is_read_and_what_is_misspelt_is_refused() {
        let text =
            br#"{"clipboard":{"toSession":false,"kinds":["text"]},"files":{"upload":false}}"#;
        let policy = Policy::decode(text).expect("a policy");
        assert!(!policy.clipboard.to_session && policy.clipboard.to_browser);
        assert!(!policy.clipboard.allows(ClipboardKind::Png));
        assert!(!policy.files.upload && policy.files.download);
        for wrong in [
            r#"{"clipbord":{}}"#,
            r#"{"files":{"upload":"no"}}"#,
            r#"{"clipboard":{"kinds":["gif"]}}"#,
            r#"{"clipboard":{"maxBytes":67108865}}"#,
            r#"{"files":{"bytesPerSecond":0}}"#,
        ] {
            assert!(Policy::decode(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
