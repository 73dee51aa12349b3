//! The session's one keyboard and one pointer, which all viewers share.

use std::collections::{BTreeMap, VecDeque};

use streamspace_protocol::ViewerId;

use crate::{
    arbiter::{Arbiter, Control, Held},
    io::Output,
    keyboard::{self, HeldModifiers, Keyboard, Keymap, Resolution, ShiftChange},
    keysym,
    wheel::Wheel,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    Shift,
    Shortcut,
}

/// Turns what viewers do into presses and releases of the X server's keys and buttons.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    arbiter: Arbiter,
    keyboard: Keyboard,
    modifiers: BTreeMap<u8, Modifier>,
    wheel: Wheel,
    outputs: VecDeque<Output>,
}

impl Controls {
    /// What there is to do, in this order.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Output> {
        self.outputs.drain(..)
    }

    pub(crate) fn set_keymap(&mut self, keymap: Keymap) {
        self.keyboard.set_keymap(keymap);
    }

    pub(crate) fn key_down(&mut self, viewer: ViewerId, code: String, keysym: u32) {
        if keyboard::is_ignored(keysym) {
            return;
        }
        let held = Held::Code(code.clone());
        if let Some(Control::Keycode(keycode)) = self.arbiter.control(viewer, &held) {
            return self.repeat(viewer, keycode, keysym);
        }
        let shortcut = self.is_held(Modifier::Shortcut) && keysym::is_non_latin(keysym);
        let latin = keysym::latin_of_code(&code).filter(|_| shortcut);
        let Some(found) = self.find_key(latin.unwrap_or(keysym)) else {
            return;
        };
        self.note_modifier(found.keycode, keysym);
        let control = Control::Keycode(found.keycode);
        if self.arbiter.press(viewer, held, control) {
            self.press(found);
        }
    }

    pub(crate) fn key_up(&mut self, viewer: ViewerId, code: String) {
        let control = self.arbiter.release(viewer, Held::Code(code));
        self.release(control);
    }

    pub(crate) fn type_text(&mut self, text: &str) {
        for keysym in text.chars().filter_map(keysym::of_char) {
            let Some(found) = self.find_key(keysym) else {
                continue;
            };
            // A key that someone holds is pressed anew, and theirs to let go.
            let is_down = self.arbiter.is_down(Control::Keycode(found.keycode));
            if is_down {
                self.key(found.keycode, false);
            }
            self.press(found);
            if !is_down {
                self.key(found.keycode, false);
            }
        }
    }

    pub(crate) fn release_all(&mut self, viewer: ViewerId) {
        for control in self.arbiter.release_all(viewer) {
            self.release(Some(control));
        }
    }

    pub(crate) fn move_pointer(&mut self, x: u16, y: u16) {
        self.outputs.push_back(Output::MovePointer { x, y });
    }

    pub(crate) fn move_pointer_by(&mut self, (right, down): (i16, i16)) {
        if (right, down) != (0, 0) {
            self.outputs
                .push_back(Output::MovePointerBy { right, down });
        }
    }

    pub(crate) fn button(&mut self, viewer: ViewerId, button: u8, down: bool) {
        let control = Control::Button(button);
        if !down {
            let control = self.arbiter.release(viewer, Held::Button(button));
            self.release(control);
        } else if self.arbiter.press(viewer, Held::Button(button), control) {
            self.outputs
                .push_back(Output::Button { button, down: true });
        }
    }

    pub(crate) fn turn_wheel(&mut self, dx: i32, dy: i32) {
        for (button, clicks) in self.wheel.turn(dx, dy) {
            for _ in 0..clicks {
                self.outputs
                    .push_back(Output::Button { button, down: true });
                self.outputs.push_back(Output::Button {
                    button,
                    down: false,
                });
            }
        }
    }

    /// Presses a key anew that the viewer holds.
    ///
    /// Not a modifier, which would end what it modifies: a menu, a drag. Not a key that another
    /// viewer holds too, and does not let go.
    fn repeat(&mut self, viewer: ViewerId, keycode: u8, keysym: u32) {
        let control = Control::Keycode(keycode);
        let is_modifier = self.modifiers.contains_key(&keycode);
        if is_modifier || self.arbiter.is_held_by_another(viewer, control) {
            return;
        }
        let found = self.find_key(keysym);
        let same = found.filter(|found| found.keycode == keycode && found.bind.is_none());
        let plain = Resolution {
            keycode,
            bind: None,
            shift: ShiftChange::Keep,
        };
        self.key(keycode, false);
        self.press(same.unwrap_or(plain));
    }

    /// The key that types the keysym now, bound to it if need be.
    fn find_key(&mut self, keysym: u32) -> Option<Resolution> {
        let modifiers = HeldModifiers {
            shift: self.is_held(Modifier::Shift),
            shortcut: self.is_held(Modifier::Shortcut),
        };
        let arbiter = &self.arbiter;
        let held = |keycode| arbiter.is_down(Control::Keycode(keycode));
        let found = self.keyboard.resolve(keysym, modifiers, held)?;
        if let Some(keysym) = found.bind {
            self.outputs.push_back(Output::BindKey {
                keycode: found.keycode,
                keysym,
            });
        }
        Some(found)
    }

    /// Presses a key, with Shift as it has to be for the moment.
    fn press(&mut self, Resolution { keycode, shift, .. }: Resolution) {
        match shift {
            ShiftChange::Keep => self.key(keycode, true),
            ShiftChange::Press(shift) => {
                self.key(shift, true);
                self.key(keycode, true);
                self.key(shift, false);
            }
            ShiftChange::LetGo => {
                let shifts = self.held(Modifier::Shift);
                shifts.iter().for_each(|&shift| self.key(shift, false));
                self.key(keycode, true);
                shifts.iter().for_each(|&shift| self.key(shift, true));
            }
        }
    }

    fn key(&mut self, keycode: u8, down: bool) {
        self.outputs.push_back(Output::Key { keycode, down });
    }

    fn note_modifier(&mut self, keycode: u8, keysym: u32) {
        if keysym::is_shift(keysym) {
            self.modifiers.insert(keycode, Modifier::Shift);
        } else if keysym::is_shortcut_modifier(keysym) {
            self.modifiers.insert(keycode, Modifier::Shortcut);
        } else {
            self.modifiers.remove(&keycode);
        }
    }

    fn is_held(&self, wanted: Modifier) -> bool {
        !self.held(wanted).is_empty()
    }

    /// The keycodes of this kind of modifier that are down.
    fn held(&self, wanted: Modifier) -> Vec<u8> {
        let down = |keycode| self.arbiter.is_down(Control::Keycode(keycode));
        let wanted = |(&keycode, &modifier): (&u8, &Modifier)| {
            (modifier == wanted && down(keycode)).then_some(keycode)
        };
        self.modifiers.iter().filter_map(wanted).collect()
    }

    fn release(&mut self, control: Option<Control>) {
        self.outputs.extend(control.map(|control| match control {
            Control::Keycode(keycode) => Output::Key {
                keycode,
                down: false,
            },
            Control::Button(button) => Output::Button {
                button,
                down: false,
            },
        }));
    }
}
