use std::{fmt, sync::Arc};

use streamspace_protocol::{ClipboardItem, ClipboardKind, ClipboardPolicy};

/// The first bytes of every PNG (its specification, section 5.2).
const PNG_SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// What was copied, in one or more forms. Clones share the bytes; `Debug` shows none of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClipboardContent(Vec<(ClipboardKind, Arc<[u8]>)>);

impl ClipboardContent {
    /// Adds a form, if the bytes are what the kind says; empty ones are nothing.
    pub fn add(&mut self, kind: ClipboardKind, bytes: Vec<u8>) {
        let valid = match kind {
            ClipboardKind::Text | ClipboardKind::Html => std::str::from_utf8(&bytes).is_ok(),
            ClipboardKind::Png => bytes.starts_with(&PNG_SIGNATURE),
        };
        if valid && !bytes.is_empty() && self.get(kind).is_none() {
            self.0.push((kind, bytes.into()));
        }
    }

    pub fn text(text: &str) -> Self {
        let mut content = Self::default();
        content.add(ClipboardKind::Text, text.into());
        content
    }

    pub fn get(&self, kind: ClipboardKind) -> Option<&Arc<[u8]>> {
        let found = self.0.iter().find(|(found, _)| *found == kind);
        found.map(|(_, bytes)| bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn items(&self) -> Vec<ClipboardItem> {
        let item = |(kind, bytes): &(ClipboardKind, Arc<[u8]>)| ClipboardItem {
            kind: *kind,
            bytes: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        };
        self.0.iter().map(item).collect()
    }

    pub fn parts(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        self.0.iter().map(|(_, bytes)| bytes)
    }

    pub fn total_bytes(&self) -> usize {
        self.parts().map(|bytes| bytes.len()).sum()
    }

    /// What of it a policy lets pass.
    #[must_use]
    pub fn allowed(&self, policy: &ClipboardPolicy) -> Self {
        let kinds = self.0.iter().filter(|(kind, _)| policy.allows(*kind));
        let allowed = Self(kinds.cloned().collect());
        let most = usize::try_from(policy.max_bytes).unwrap_or(usize::MAX);
        if allowed.total_bytes() <= most {
            allowed
        } else {
            Self::default()
        }
    }
}

impl fmt::Debug for ClipboardContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(kind, bytes)| (kind, bytes.len())))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_what_it_says_is_kept() {
        let mut content = ClipboardContent::default();
        content.add(ClipboardKind::Text, vec![0xff, 0xfe]);
        content.add(ClipboardKind::Png, b"GIF89a".into());
        content.add(ClipboardKind::Html, Vec::new());
        assert!(content.is_empty());
        content.add(ClipboardKind::Png, [&PNG_SIGNATURE[..], b"rest"].concat());
        content.add(ClipboardKind::Text, "grüße".into());
        content.add(ClipboardKind::Text, "another".into());
        assert_eq!(content.items().len(), 2);
        assert_eq!(content.total_bytes(), 12 + 7);
        assert_eq!(format!("{content:?}"), "[(Png, 12), (Text, 7)]");
    }

    #[test]
    fn a_policy_leaves_kinds_out_and_what_is_too_large_altogether() {
        let mut content = ClipboardContent::text("12345");
        content.add(ClipboardKind::Html, "<b>".into());
        let policy = |kinds: &[ClipboardKind], max_bytes| ClipboardPolicy {
            kinds: kinds.into(),
            max_bytes,
            ..ClipboardPolicy::default()
        };
        assert_eq!(content.allowed(&policy(&ClipboardKind::ALL, 8)), content);
        assert!(content.allowed(&policy(&ClipboardKind::ALL, 7)).is_empty());
        let text = policy(&[ClipboardKind::Text], 7);
        assert_eq!(content.allowed(&text), ClipboardContent::text("12345"));
        assert!(content.allowed(&policy(&[], 100)).is_empty());
    }
}
