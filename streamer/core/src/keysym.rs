//! X keysyms that the keyboard treats in a special way, and keysyms of characters.

/// Names as in `X11/keysymdef.h`, without the `XK_`.
pub(crate) const SHIFT_L: u32 = 0xffe1;
pub(crate) const SHIFT_R: u32 = 0xffe2;
const CONTROL_L: u32 = 0xffe3;
const CONTROL_R: u32 = 0xffe4;
const CAPS_LOCK: u32 = 0xffe5;
const SHIFT_LOCK: u32 = 0xffe6;
const META_L: u32 = 0xffe7;
const HYPER_R: u32 = 0xffee;
const NUM_LOCK: u32 = 0xff7f;
const SCROLL_LOCK: u32 = 0xff14;
const MODE_SWITCH: u32 = 0xff7e;
const ISO_LOCK: u32 = 0xfe01;
const ISO_LEVEL5_LOCK: u32 = 0xfe13;
const ACCESSX_ENABLE: u32 = 0xfe70;
const AUDIBLE_BELL_ENABLE: u32 = 0xfe7a;
const TERMINATE_SERVER: u32 = 0xfed5;
const POINTER_LEFT: u32 = 0xfee0;
const POINTER_DFLT_BTN_PREV: u32 = 0xfefc;
const XF86_SWITCH_VT_1: u32 = 0x1008_fe01;
const XF86_LOG_GRAB_INFO: u32 = 0x1008_fe25;
const RETURN: u32 = 0xff0d;
const TAB: u32 = 0xff09;
const UNICODE: u32 = 0x0100_0000;

/// Keys that only choose among a key's symbols. The browser has chosen already, so that pressing
/// them in the session as well would choose twice.
pub(crate) fn is_level_chooser(keysym: u32) -> bool {
    matches!(
        keysym,
        CAPS_LOCK | SHIFT_LOCK | NUM_LOCK | SCROLL_LOCK | MODE_SWITCH
    )
}

/// Keysyms that XKB turns into an action of the X server: it ends, moves the pointer, breaks grabs,
/// switches the screen or the layout, or changes how keys work (`ISO_Level3_Shift` is among them).
pub(crate) fn is_server_action(keysym: u32) -> bool {
    matches!(
        keysym,
        ISO_LOCK..=ISO_LEVEL5_LOCK
            | ACCESSX_ENABLE..=AUDIBLE_BELL_ENABLE
            | TERMINATE_SERVER
            | POINTER_LEFT..=POINTER_DFLT_BTN_PREV
            | XF86_SWITCH_VT_1..=XF86_LOG_GRAB_INFO
    )
}

pub(crate) fn is_shift(keysym: u32) -> bool {
    matches!(keysym, SHIFT_L | SHIFT_R)
}

/// Keys outside the standard, such as those of multimedia keyboards.
pub(crate) fn is_vendor(keysym: u32) -> bool {
    (0x1008_0000..=0x1008_ffff).contains(&keysym)
}

/// Control, Alt, Meta, Super and Hyper: keys pressed with them are shortcuts, not text.
pub(crate) fn is_shortcut_modifier(keysym: u32) -> bool {
    matches!(keysym, CONTROL_L | CONTROL_R | META_L..=HYPER_R)
}

/// Whether the keysym is a character outside Latin-1, such as Cyrillic.
pub(crate) fn is_non_latin(keysym: u32) -> bool {
    (0x100..0xfd00).contains(&keysym) || keysym >= UNICODE
}

/// Whether an X server can map the keysym: 29 bits, and not `NoSymbol`.
pub(crate) fn is_valid(keysym: u32) -> bool {
    keysym != 0 && keysym <= 0x1fff_ffff
}

/// The keysym that types a character, or none for a control character.
pub(crate) fn of_char(character: char) -> Option<u32> {
    match character {
        '\n' | '\r' => Some(RETURN),
        '\t' => Some(TAB),
        ' '..='~' | '\u{a0}'..='\u{ff}' => Some(u32::from(character)),
        _ if character.is_control() => None,
        _ => Some(UNICODE + u32::from(character)),
    }
}

/// The Latin letter or digit on a physical key of the US layout (`KeyC`, `Digit5`).
pub(crate) fn latin_of_code(code: &str) -> Option<u32> {
    let single = |text: &str| match text.as_bytes() {
        &[c] => Some(u32::from(c.to_ascii_lowercase())),
        _ => None,
    };
    match code.strip_prefix("Key") {
        Some(letter) => single(letter).filter(|c| (97..=122).contains(c)),
        None => code
            .strip_prefix("Digit")
            .and_then(single)
            .filter(|c| (48..=57).contains(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_the_keysyms_of_x11() {
        for (character, keysym) in [
            ('a', 0x61),
            ('é', 0xe9),
            ('\n', RETURN),
            ('€', 0x0100_20ac),
            ('я', 0x0100_044f),
            ('😀', 0x0101_f600),
        ] {
            assert_eq!(of_char(character), Some(keysym), "{character}");
        }
        assert_eq!(of_char('\u{7}'), None);
    }

    #[test]
    fn a_shortcut_on_another_script_falls_back_to_the_latin_letter_of_its_key() {
        assert_eq!(latin_of_code("KeyC"), Some(0x63));
        assert_eq!(latin_of_code("Digit5"), Some(0x35));
        for code in ["Key", "KeyAB", "Keyé", "Digit", "F5", ""] {
            assert_eq!(latin_of_code(code), None, "{code}");
        }
    }
}
