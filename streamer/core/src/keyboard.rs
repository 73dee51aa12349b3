//! From keysyms to keycodes of the session's X server.
//!
//! A browser says what a key means (its keysym); an X server takes keycodes, whose meaning its own
//! layout decides. A keysym that the layout has is typed by that key, with Shift pressed or let go for
//! that moment if need be (Caps Lock, and layouts that shift other keys). Any other is bound to a
//! keycode that the layout leaves free, at every level, so that no held modifier changes it: this is
//! how any text reaches any program, whatever the two layouts are.

use crate::keysym;

/// The keyboard mapping of an X server: what the core protocol's `GetKeyboardMapping` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    pub min_keycode: u8,
    pub keysyms_per_keycode: u8,
    /// `keysyms_per_keycode` keysyms for each keycode from `min_keycode` on; 0 is `NoSymbol`.
    pub keysyms: Vec<u32>,
    /// How many of the session's `BindKey`s the X server had carried out when it gave this.
    pub binds: u64,
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
    pub(crate) shift: ShiftChange,
}

/// What has to happen to Shift while the key goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShiftChange {
    Keep,
    /// Nobody holds Shift: press this key for the moment.
    Press(u8),
    /// Somebody holds Shift: let it go for the moment.
    LetGo,
}

/// The modifiers that viewers hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct HeldModifiers {
    pub(crate) shift: bool,
    /// Control, Alt or the like: with another Shift it would be another shortcut.
    pub(crate) shortcut: bool,
}

/// Finds a keycode for any keysym.
#[derive(Debug, Default)]
pub(crate) struct Keyboard {
    keymap: Keymap,
    /// Keycodes that the layout leaves free, least recently used first, and what each is bound to.
    spare: Vec<(u8, Option<u32>)>,
    /// How often a keycode was to be bound so far.
    binds: u64,
}

impl Keyboard {
    /// Takes the X server's mapping, at start and whenever it changes.
    ///
    /// Our own bindings come back in it; those that still stand are kept. A mapping that lacks some
    /// of them because they are still on their way is left alone: the last one brings its own news.
    pub(crate) fn set_keymap(&mut self, keymap: Keymap) {
        if keymap.binds < self.binds {
            return;
        }
        let mut spare = Vec::new();
        for (keycode, row) in keymap.rows() {
            let bound = self
                .bound(keycode)
                .filter(|&keysym| row.first() == Some(&keysym));
            if bound.is_some() || row.iter().all(|&keysym| keysym == 0) {
                spare.push((keycode, bound));
            }
        }
        // Keys such as "eject", in case the empty ones are used up. Asked for, they are bound again.
        let is_vendor_key = |row: &[u32]| {
            let mut keysyms = row.iter().filter(|&&keysym| keysym != 0).peekable();
            keysyms.peek().is_some() && keysyms.all(|&keysym| keysym::is_vendor(keysym))
        };
        for (keycode, row) in keymap.rows() {
            if is_vendor_key(row) && !spare.iter().any(|&(other, _)| other == keycode) {
                spare.push((keycode, None));
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

    /// The keycode that types `keysym` while these modifiers are held.
    ///
    /// `held` says which keycodes may not be bound anew, because they are down. `None` if the
    /// layout lacks the keysym and no keycode is free.
    pub(crate) fn resolve(
        &mut self,
        keysym: u32,
        modifiers: HeldModifiers,
        held: impl Fn(u8) -> bool,
    ) -> Option<Resolution> {
        let found = |keycode, shift| Resolution {
            keycode,
            bind: None,
            shift,
        };
        if let Some(keycode) = self.in_layout(keysym, modifiers.shift) {
            return Some(found(keycode, ShiftChange::Keep));
        }
        let other = self.in_layout(keysym, !modifiers.shift);
        match (other, self.in_layout(keysym::SHIFT_L, false)) {
            (Some(keycode), _) if modifiers.shortcut => Some(found(keycode, ShiftChange::Keep)),
            (Some(keycode), _) if modifiers.shift => Some(found(keycode, ShiftChange::LetGo)),
            (Some(keycode), Some(shift)) => Some(found(keycode, ShiftChange::Press(shift))),
            (Some(_), None) | (None, _) => self.bind(keysym, held),
        }
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
        self.binds += u64::from(bind.is_some());
        let shift = ShiftChange::Keep;
        Some(Resolution {
            keycode,
            bind,
            shift,
        })
    }
}

/// Whether the X server would refuse or misread the keysym, or the session must not see it.
pub(crate) fn is_ignored(keysym: u32) -> bool {
    !keysym::is_valid(keysym)
        || keysym::is_level_chooser(keysym)
        || keysym::is_server_action(keysym)
}

#[cfg(test)]
mod tests;
