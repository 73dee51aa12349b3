use proptest::prelude::*;

use super::*;

/// Keycodes 8 (a A), 9 (1 !), 10 (Return) and 11 to 13 free.
fn keymap() -> Keymap {
    Keymap {
        min_keycode: 8,
        keysyms_per_keycode: 2,
        keysyms: vec![0x61, 0x41, 0x31, 0x21, 0xff0d, 0, 0, 0, 0, 0, 0, 0],
        binds: 0,
    }
}

fn keyboard() -> Keyboard {
    let mut keyboard = Keyboard::default();
    keyboard.set_keymap(keymap());
    keyboard
}

const NONE: HeldModifiers = HeldModifiers {
    shift: false,
    shortcut: false,
};
const SHIFT: HeldModifiers = HeldModifiers {
    shift: true,
    shortcut: false,
};
const CONTROL: HeldModifiers = HeldModifiers {
    shift: false,
    shortcut: true,
};

fn level(shift: bool) -> HeldModifiers {
    if shift { SHIFT } else { NONE }
}

fn unheld(_: u8) -> bool {
    false
}

#[test]
fn a_keysym_of_the_layout_uses_its_own_key() {
    let mut keyboard = keyboard();
    for (keysym, shift, keycode) in [
        (0x61, false, 8),
        (0x41, true, 8),
        (0x21, true, 9),
        (0xff0d, false, 10),
        (0xff0d, true, 10),
    ] {
        let expected = Some(Resolution {
            keycode,
            bind: None,
            shift: ShiftChange::Keep,
        });
        assert_eq!(
            keyboard.resolve(keysym, level(shift), unheld),
            expected,
            "{keysym:#x}"
        );
    }
}

#[test]
fn a_keysym_at_another_level_changes_shift_for_the_moment() {
    let mut keyboard = Keyboard::default();
    let keysyms = vec![0x61, 0x41, keysym::SHIFT_L, 0];
    keyboard.set_keymap(Keymap {
        keysyms,
        ..keymap()
    });
    let mut shift = |keysym, modifiers| {
        let found = keyboard
            .resolve(keysym, modifiers, unheld)
            .expect("in the layout");
        assert_eq!((found.keycode, found.bind), (8, None));
        found.shift
    };
    assert_eq!(shift(0x41, NONE), ShiftChange::Press(9));
    assert_eq!(shift(0x61, SHIFT), ShiftChange::LetGo);
    assert_eq!(shift(0x41, CONTROL), ShiftChange::Keep);
}

#[test]
fn a_layout_without_shift_has_its_upper_level_bound() {
    let found = keyboard().resolve(0x41, NONE, unheld).expect("a free key");
    assert_eq!((found.keycode, found.bind), (11, Some(0x41)));
}

#[test]
fn vendor_keys_serve_when_the_empty_ones_are_used_up() {
    let mut keyboard = Keyboard::default();
    let keysyms = vec![0x1008_ff2c, 0, 0x61, 0x41, 0, 0];
    keyboard.set_keymap(Keymap {
        keysyms,
        ..keymap()
    });
    let mut keycode = |keysym| keyboard.resolve(keysym, NONE, unheld).map(|r| r.keycode);
    assert_eq!([keycode(0xe9), keycode(0xea)], [Some(10), Some(8)]);
}

#[test]
fn a_bound_keysym_is_not_bound_again() {
    let mut keyboard = keyboard();
    keyboard.resolve(0xe9, NONE, unheld).expect("a free key");
    let again = keyboard.resolve(0xe9, SHIFT, unheld).expect("a free key");
    assert_eq!(
        again,
        Resolution {
            keycode: 11,
            bind: None,
            shift: ShiftChange::Keep,
        }
    );
}

#[test]
fn the_key_unused_for_longest_is_bound_anew() {
    let mut keyboard = keyboard();
    let mut keycode = |keysym| keyboard.resolve(keysym, NONE, unheld).map(|r| r.keycode);
    assert_eq!(
        [keycode(0xe0), keycode(0xe1), keycode(0xe2)],
        [Some(11), Some(12), Some(13)]
    );
    assert_eq!(keycode(0xe0), Some(11));
    assert_eq!(keycode(0xe3), Some(12));
}

#[test]
fn a_held_key_is_never_bound_anew() {
    let mut keyboard = keyboard();
    let first = keyboard
        .resolve(0xe0, NONE, unheld)
        .expect("a free key")
        .keycode;
    for keysym in 0xe1..0xf0 {
        let other = keyboard.resolve(keysym, NONE, |keycode| keycode == first);
        assert_ne!(other.expect("two keys are free").keycode, first);
    }
    assert_eq!(keyboard.resolve(0xff, NONE, |_| true), None);
}

#[test]
fn bindings_survive_the_news_of_themselves_and_end_with_a_new_layout() {
    let mut keyboard = keyboard();
    keyboard.resolve(0xe9, NONE, unheld).expect("a free key");
    let mut changed = keymap();
    changed.keysyms[6..8].copy_from_slice(&[0xe9, 0xe9]);
    changed.binds = 1;
    keyboard.set_keymap(changed);
    let bound = Some(Resolution {
        keycode: 11,
        bind: None,
        shift: ShiftChange::Keep,
    });
    assert_eq!(keyboard.resolve(0xe9, NONE, unheld), bound);
    keyboard.set_keymap(Keymap {
        binds: 1,
        ..keymap()
    });
    let unbound = keyboard.resolve(0xe9, NONE, unheld).expect("a free key");
    assert_eq!(unbound.bind, Some(0xe9));
}

#[test]
fn a_mapping_older_than_a_binding_takes_no_key_away() {
    let mut keyboard = keyboard();
    let mut server = keymap();
    for keysym in [0x0100_044f, 0x0100_044e] {
        keyboard.resolve(keysym, NONE, unheld).expect("a free key");
    }
    server.keysyms[6..8].fill(0x0100_044f);
    server.binds = 1;
    keyboard.set_keymap(server.clone());
    server.keysyms[8..10].fill(0x0100_044e);
    server.binds = 2;
    keyboard.set_keymap(server);
    let spare: Vec<u8> = keyboard.spare.iter().map(|&(keycode, _)| keycode).collect();
    assert_eq!(spare, [13, 11, 12]);
}

#[test]
fn keysyms_that_act_on_the_x_server_itself_are_ignored() {
    for (keysym, name, ignored) in [
        (0, "NoSymbol", true),
        (0xfe01, "ISO_Lock", true),
        (0xfe08, "ISO_Next_Group", true),
        (0xfe13, "ISO_Level5_Lock", true),
        (0xfe20, "ISO_Left_Tab", false),
        (0xfe50, "dead_grave", false),
        (0xfe6f, "dead_hook and others", false),
        (0xfe70, "AccessX_Enable", true),
        (0xfe76, "MouseKeys_Enable", true),
        (0xfe7a, "AudibleBell_Enable", true),
        (0xfed5, "Terminate_Server", true),
        (0xfee0, "Pointer_Left", true),
        (0xfefc, "Pointer_DfltBtnPrev", true),
        (0xff0d, "Return", false),
        (0xffe1, "Shift_L", false),
        (0xffe5, "Caps_Lock", true),
        (0x0100_fed5, "a character", false),
        (0x1008_fe01, "XF86Switch_VT_1", true),
        (0x1008_fe20, "XF86Ungrab", true),
        (0x1008_fe25, "XF86LogGrabInfo", true),
        (0x1008_ff11, "XF86AudioLowerVolume", false),
        (0x2000_0000, "too large", true),
    ] {
        assert_eq!(is_ignored(keysym), ignored, "{name}");
    }
}

proptest! {
    /// The X server carries out bindings later, and what it tells of its mapping comes later
    /// still, with news of others' changes in between.
    #[test]
    fn no_spare_key_is_lost_however_late_the_news(
        steps in proptest::collection::vec((0u8..4, 0u32..8), 1..80),
    ) {
        let mut server = keymap();
        let mut keyboard = keyboard();
        let mut commands = std::collections::VecDeque::new();
        let mut news = std::collections::VecDeque::new();
        let quiet = [(1, 0); 80].into_iter().chain([(2, 0)]).chain([(3, 0); 200]);
        for (step, keysym) in steps.into_iter().chain(quiet) {
            match step {
                0 => {
                    let keysym = 0x0100_0430 + keysym;
                    let found = keyboard.resolve(keysym, NONE, unheld).expect("keys are free");
                    commands.extend(found.bind.map(|keysym| (found.keycode, keysym)));
                }
                1 => if let Some((keycode, keysym)) = commands.pop_front() {
                    let row = usize::from(keycode - 8) * 2;
                    server.keysyms[row..row + 2].fill(keysym);
                    server.binds += 1;
                    news.push_back(server.clone());
                },
                2 => news.push_back(server.clone()),
                _ => if let Some(keymap) = news.pop_front() {
                    keyboard.set_keymap(keymap);
                },
            }
            prop_assert_eq!(keyboard.spare.len(), 3);
        }
        for &(keycode, bound) in &keyboard.spare {
            let row = usize::from(keycode - 8) * 2;
            prop_assert_eq!(bound.unwrap_or(0), server.keysyms[row]);
        }
    }

    #[test]
    fn what_a_keycode_types_is_what_was_asked_for(
        asked in proptest::collection::vec((1u32..0x400, any::<bool>()), 1..40),
    ) {
        let mut server = keymap();
        let mut keyboard = keyboard();
        for (keysym, shift) in asked {
            let found = keyboard.resolve(keysym, level(shift), unheld).expect("keys are free");
            let row = usize::from(found.keycode - 8) * 2;
            if let Some(bound) = found.bind {
                server.keysyms[row..row + 2].fill(bound);
                server.binds += 1;
                keyboard.set_keymap(server.clone());
            }
            let shift = match found.shift {
                ShiftChange::Keep => shift,
                ShiftChange::Press(_) => true,
                ShiftChange::LetGo => false,
            };
            let column = usize::from(shift && server.keysyms[row + 1] != 0);
            prop_assert_eq!(server.keysyms[row + column], keysym);
        }
    }
}
