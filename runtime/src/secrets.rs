//! Random names, keys and passwords.

use ring::rand::{SecureRandom, SystemRandom};
use streamspace_protocol::{Secret, SessionId};

use crate::program::base_name;

/// Letters and digits that cannot be taken for one another (RFC 4648's base 32, lower case).
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A name that says what runs, and is of this session only: `xfce-desktop-4k2m9a`.
pub(crate) fn session_id(what: &str) -> SessionId {
    let slug = slug(what);
    format!("{slug}-{}", random_text(6))
        .parse()
        .expect("a slug of at most 40 characters and a suffix are a DNS label")
}

/// 160 bits that let the gateway in at the streamer.
pub(crate) fn streamer_key() -> Secret {
    Secret::new(random_text(32))
}

/// VNC authentication knows no more than 8 characters.
pub(crate) fn vnc_password() -> Secret {
    Secret::new(random_text(8))
}

/// What makes a file's name one that nobody else can have thought of.
pub(crate) fn file_suffix() -> String {
    random_text(16)
}

/// `N` random bytes.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the kernel always has random bytes for us after boot");
    bytes
}

fn random_text(length: usize) -> String {
    let bytes: [u8; 32] = random_bytes();
    bytes
        .iter()
        .take(length)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

/// The letters and digits of a name, in lower case, with single `-` for everything between.
fn slug(name: &str) -> String {
    let words: Vec<String> = base_name(name)
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let slug: String = words.join("-").chars().take(40).collect();
    match slug.trim_end_matches('-') {
        "" => "session".into(),
        slug => slug.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_session_is_named_after_what_it_runs() {
        assert_eq!(slug("xfce-desktop"), "xfce-desktop");
        assert_eq!(slug("/usr/games/Foo_Bar.sh"), "foo-bar-sh");
        assert_eq!(slug("../"), "session");
    }

    #[test]
    fn no_two_sessions_share_a_name() {
        assert_ne!(session_id("xterm"), session_id("xterm"));
        assert_eq!(vnc_password().expose().len(), 8);
    }

    proptest! {
        #[test]
        fn any_program_gives_a_valid_name(what in "\\PC{0,80}") {
            prop_assert!(session_id(&what).as_str().len() <= 47);
        }
    }
}
