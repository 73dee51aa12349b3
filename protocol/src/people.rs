//! Who is in a session: names to show, and what tells persons apart.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Role, Secret, ViewerId, Wire};

/// The longest name of a person, in characters.
pub const MAX_NAME_CHARS: usize = 40;
/// The longest line of the chat, in characters.
pub const MAX_CHAT_CHARS: usize = 500;

/// A name that a person goes by, clean enough to stand in a line of text. It identifies nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name is 1 to {MAX_NAME_CHARS} characters that can be seen")]
pub struct InvalidName;

impl PersonName {
    /// What is left of `text` without characters that would disturb the text around it; `None` if
    /// that is nothing.
    pub fn cleaned(text: &str) -> Option<Self> {
        let kept = |&c: &char| c.is_whitespace() || is_harmless(c);
        let text: String = text.chars().filter(kept).collect();
        let words: Vec<&str> = text.split_whitespace().collect();
        let cut: String = words.join(" ").chars().take(MAX_NAME_CHARS).collect();
        let name = cut.trim();
        let visible = name.chars().any(|c| !is_joiner(c));
        visible.then(|| Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PersonName {
    type Error = InvalidName;

    /// Takes a name only as it is: between programs nothing is left to clean.
    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::cleaned(&text)
            .filter(|name| name.0 == text)
            .ok_or(InvalidName)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

/// A line of the chat, as it is shown: without control characters but for line ends, and nothing
/// that turns the text around it. `None` if nothing is left, or too much.
pub fn chat_text(text: &str) -> Option<Secret> {
    let harmless = |&c: &char| c == '\n' || is_harmless(c);
    let text: String = text.chars().filter(harmless).collect();
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= MAX_CHAT_CHARS;
    fits.then(|| Secret::new(text))
}

/// Neither a control character nor an invisible one: direction marks, embeddings, overrides and
/// isolates (Unicode Bidirectional Algorithm, section 2), separators and fillers.
fn is_harmless(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'
        | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !invisible
}

/// Joins letters of Persian and parts of emoji; by itself it is nothing.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}') || c.is_whitespace()
}

/// What tells persons apart across their connections: 32 hexadecimal digits, made by the API of an
/// account, or of a share link and what the guest's browser keeps. Browsers never see another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonId(String);

/// Names a share link, not its secret: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^[0-9a-f]{16}$")))]
#[serde(try_from = "String", into = "String")]
pub struct ShareId(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the hexadecimal digits that it should be")]
pub struct InvalidDigits;

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn checked(text: String, length: usize) -> Result<String, InvalidDigits> {
    let digits = text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    if digits && text.len() == length {
        Ok(text)
    } else {
        Err(InvalidDigits)
    }
}

impl PersonId {
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(hexadecimal(&bytes))
    }
}

impl TryFrom<String> for PersonId {
    type Error = InvalidDigits;

    fn try_from(text: String) -> Result<Self, InvalidDigits> {
        checked(text, 32).map(Self)
    }
}

impl From<PersonId> for String {
    fn from(id: PersonId) -> Self {
        id.0
    }
}

impl ShareId {
    pub fn new(bytes: [u8; 8]) -> Self {
        Self(hexadecimal(&bytes))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ShareId {
    type Error = InvalidDigits;

    fn try_from(text: String) -> Result<Self, InvalidDigits> {
        checked(text, 16).map(Self)
    }
}

impl From<ShareId> for String {
    fn from(id: ShareId) -> Self {
        id.0
    }
}

impl fmt::Display for ShareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who a viewer is, as the API says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Person {
    pub id: PersonId,
    pub name: PersonName,
    /// The link by which a guest came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<ShareId>,
    /// When the link ends, and with it the guest's stay: milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_unix_ms: Option<i64>,
}

/// The way on which a viewer sees the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum ViewerPath {
    Webrtc,
    Vnc,
}

/// One who is here now, as the others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PersonHere {
    pub viewer: ViewerId,
    pub name: PersonName,
    /// Whether they came by a link, under a name of their choice.
    pub guest: bool,
    /// What this person may do now.
    pub role: Role,
    /// Whether they wait for an owner to give them control.
    pub asks: bool,
    pub path: ViewerPath,
}

/// A line of the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ChatLine {
    /// Counts up; a line that comes again is the same one.
    pub number: u32,
    pub viewer: ViewerId,
    /// As it was when the line was written.
    pub name: PersonName,
    pub text: Secret,
    /// How long ago that was.
    pub age_ms: u32,
}

/// Streamer to browser on the `pointer` channel: where others point, those who have moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Pointers {
    pub pointers: Vec<PersonPointer>,
}

/// Where one person points, in pixels of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PersonPointer {
    pub viewer: ViewerId,
    pub x: u16,
    pub y: u16,
}

impl Wire for Pointers {
    const MAX_BYTES: usize = 16 * 1024;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_cleaned_of_what_disturbs_the_text_around_them() {
        for (given, name) in [
            ("  Ada \t Lovelace\n", Some("Ada Lovelace")),
            ("\u{202e}evil\u{202c}", Some("evil")),
            ("a\u{200b}b\0c", Some("abc")),
            ("محمد", Some("محمد")),
            ("👩\u{200d}🔬", Some("👩\u{200d}🔬")),
            (" \u{2066}\u{200d} ", None),
            ("", None),
        ] {
            let cleaned = PersonName::cleaned(given);
            assert_eq!(cleaned.as_ref().map(PersonName::as_str), name, "{given:?}");
        }
        let long = PersonName::cleaned(&"é".repeat(99)).expect("a name");
        assert_eq!(long.as_str().chars().count(), MAX_NAME_CHARS);
    }

    #[test]
    fn between_programs_a_name_that_is_not_clean_is_refused() {
        let name = |text: &str| serde_json::from_value::<PersonName>(text.into());
        assert!(name("Ada").is_ok());
        for bad in ["", " Ada", "A\u{202e}da", "a\nb", &"x".repeat(41)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_line_of_the_chat_keeps_its_line_ends_and_nothing_else_that_is_unseen() {
        let text = |text| chat_text(text).map(Secret::into_exposed);
        assert_eq!(text(" a\r\nb\u{1b}[2J\u{202e}c "), Some("a\nb[2Jc".into()));
        assert_eq!(text(" \n "), None);
        assert_eq!(text(&"x".repeat(MAX_CHAT_CHARS + 1)), None);
    }

    #[test]
    fn ids_are_the_digits_that_they_are_made_of() {
        let share = ShareId::new([0x0a; 8]);
        assert_eq!(share.as_str(), "0a0a0a0a0a0a0a0a");
        assert_eq!(ShareId::try_from(share.to_string()), Ok(share));
        for bad in ["", "0A0A0A0A0A0A0A0A", "0a0a", "../../../../../.."] {
            assert!(ShareId::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_cleaned_name_is_clean(text in "\\PC{0,60}|[\u{200b}-\u{206f} a]{0,60}") {
            if let Some(name) = PersonName::cleaned(&text) {
                prop_assert_eq!(PersonName::try_from(String::from(name.clone())), Ok(name));
            }
        }
    }
}
