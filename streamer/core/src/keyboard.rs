//! From keysyms to keycodes of the session's X server.
//!
//! A browser says what a key means (its keysym); an X server takes keycodes, whose meaning its own
//! layout decides. A keysym that the layout has, at the level the held Shift selects, is typed by that
//! key. Any other is bound to a keycode that the layout leaves free, at every level, so that no held
//! modifier changes it: this is how any text reaches any program, whatever the two layouts are.

use crate::keysym;

/// The keyboard mapping of an X server: what the core protocol's `GetKeyboardMapping` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    pub min_keycode: u8,
    pub keysyms_per_keycode: u8,
    /// `keysyms_per_keycode` keysyms for each keycode from `min_keycode` on; 0 is `NoSymbol`.
    pub keysyms: Vec<u32>,
}

impl Keymap {
    /// Each keycode with its keysyms: unshifted, shifted, and what else there is.
    fn rows(&self) -> impl Iterator<Item = (u8, &[u32])> {
        let width = usize::from(self.keysyms_per_keycode).max(1);
        (self.min_keycode..=u8::MAX).zip(self.keysyms.chunks(width))
    }
}

/// What to tell the X server so that a keysym is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resolution {
    pub(crate) keycode: u8,
    /// The keycode has to be bound to this keysym first.
    pub(crate) bind: Option<u32>,
}

/// Finds a keycode for any keysym.
#[derive(Debug, Default)]
pub(crate) struct Keyboard {
    keymap: Keymap,
    /// Keycodes that the layout leaves free, least recently used first, and what each is bound to.
    spare: Vec<(u8, Option<u32>)>,
}

impl Keyboard {
    /// Takes the X server's mapping, at start and whenever it changes.
    ///
    /// Our own bindings come back in it; those that still stand are kept.
    pub(crate) fn set_keymap(&mut self, keymap: Keymap) {
        let mut spare = Vec::new();
        for (keycode, row) in keymap.rows() {
            let bound = self
                .bound(keycode)
                .filter(|&keysym| row.first() == Some(&keysym));
            if bound.is_some() || row.iter().all(|&keysym| keysym == 0) {
                spare.push((keycode, bound));
            }
        }
        let age = |keycode: u8| self.spare.iter().position(|&(other, _)| other == keycode);
        spare.sort_by_key(|&(keycode, _)| age(keycode));
        self.spare = spare;
        self.keymap = keymap;
    }

    fn bound(&self, keycode: u8) -> Option<u32> {
        self.spare
            .iter()
            .find(|&&(other, _)| other == keycode)
            .and_then(|&(_, keysym)| keysym)
    }

    /// The keycode that types `keysym` while Shift is or is not held.
    ///
    /// `held` says which keycodes may not be bound anew, because they are down. `None` if the
    /// layout lacks the keysym and no keycode is free.
    pub(crate) fn resolve(
        &mut self,
        keysym: u32,
        shift: bool,
        held: impl Fn(u8) -> bool,
    ) -> Option<Resolution> {
        let in_layout = self.in_layout(keysym, shift);
        in_layout
            .map(|keycode| Resolution {
                keycode,
                bind: None,
            })
            .or_else(|| self.bind(keysym, held))
    }

    fn in_layout(&self, keysym: u32, shift: bool) -> Option<u8> {
        let types_it = |row: &[u32]| match row {
            [] => false,
            // A key without a shifted symbol types the same with Shift, if it is no letter.
            [plain] | [plain, 0, ..] => *plain == keysym,
            [plain, shifted, ..] => keysym == if shift { *shifted } else { *plain },
        };
        let free = |keycode| self.spare.iter().any(|&(spare, _)| spare == keycode);
        self.keymap
            .rows()
            .find(|&(keycode, row)| types_it(row) && !free(keycode))
            .map(|(keycode, _)| keycode)
    }

    fn bind(&mut self, keysym: u32, held: impl Fn(u8) -> bool) -> Option<Resolution> {
        let index = match self
            .spare
            .iter()
            .position(|&(_, bound)| bound == Some(keysym))
        {
            Some(index) => index,
            None => self.spare.iter().position(|&(keycode, _)| !held(keycode))?,
        };
        let (keycode, bound) = self.spare.remove(index);
        self.spare.push((keycode, Some(keysym)));
        let bind = (bound != Some(keysym)).then_some(keysym);
        Some(Resolution { keycode, bind })
    }
}

/// Whether the X server would refuse or misread the keysym, or the session must not see it.
pub(crate) fn is_ignored(keysym: u32) -> bool {
    !keysym::is_valid(keysym) || keysym::is_level_chooser(keysym)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Keycodes 8 (a A), 9 (1 !), 10 (Return) and 11 to 13 free.
    fn keymap() -> Keymap {
        Keymap {
            min_keycode: 8,
            keysyms_per_keycode: 2,
            keysyms: vec![0x61, 0x41, 0x31, 0x21, 0xff0d, 0, 0, 0, 0, 0, 0, 0],
        }
    }

    fn keyboard() -> Keyboard {
        let mut keyboard = Keyboard::default();
        keyboard.set_keymap(keymap());
        keyboard
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
            });
            assert_eq!(
                keyboard.resolve(keysym, shift, unheld),
                expected,
                "{keysym:#x}"
            );
        }
    }

    #[test]
    fn a_keysym_at_another_level_is_bound_to_a_free_key() {
        let mut keyboard = keyboard();
        let expected = Some(Resolution {
            keycode: 11,
            bind: Some(0x41),
        });
        assert_eq!(keyboard.resolve(0x41, false, unheld), expected);
    }

    #[test]
    fn a_bound_keysym_is_not_bound_again() {
        let mut keyboard = keyboard();
        keyboard.resolve(0xe9, false, unheld).expect("a free key");
        let again = keyboard.resolve(0xe9, true, unheld).expect("a free key");
        assert_eq!(
            again,
            Resolution {
                keycode: 11,
                bind: None
            }
        );
    }

    #[test]
    fn the_key_unused_for_longest_is_bound_anew() {
        let mut keyboard = keyboard();
        let mut keycode = |keysym| keyboard.resolve(keysym, false, unheld).map(|r| r.keycode);
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
            .resolve(0xe0, false, unheld)
            .expect("a free key")
            .keycode;
        for keysym in 0xe1..0xf0 {
            let other = keyboard.resolve(keysym, false, |keycode| keycode == first);
            assert_ne!(other.expect("two keys are free").keycode, first);
        }
        assert_eq!(keyboard.resolve(0xff, false, |_| true), None);
    }

    #[test]
    fn bindings_survive_the_news_of_themselves_and_end_with_a_new_layout() {
        let mut keyboard = keyboard();
        keyboard.resolve(0xe9, false, unheld).expect("a free key");
        let mut changed = keymap();
        changed.keysyms[6..8].copy_from_slice(&[0xe9, 0xe9]);
        keyboard.set_keymap(changed);
        let bound = Some(Resolution {
            keycode: 11,
            bind: None,
        });
        assert_eq!(keyboard.resolve(0xe9, false, unheld), bound);
        keyboard.set_keymap(keymap());
        let unbound = keyboard.resolve(0xe9, false, unheld).expect("a free key");
        assert_eq!(unbound.bind, Some(0xe9));
    }

    proptest! {
        #[test]
        fn what_a_keycode_types_is_what_was_asked_for(
            asked in proptest::collection::vec((1u32..0x400, any::<bool>()), 1..40),
        ) {
            let mut server = keymap();
            let mut keyboard = keyboard();
            for (keysym, shift) in asked {
                let found = keyboard.resolve(keysym, shift, unheld).expect("keys are free");
                let row = usize::from(found.keycode - 8) * 2;
                if let Some(bound) = found.bind {
                    server.keysyms[row..row + 2].fill(bound);
                    keyboard.set_keymap(server.clone());
                }
                let column = usize::from(shift && server.keysyms[row + 1] != 0);
                prop_assert_eq!(server.keysyms[row + column], keysym);
            }
        }
    }
}
