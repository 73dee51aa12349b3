//! Which viewer holds which key and button.
//!
//! The session has one keyboard and one pointer. A key that two viewers hold is down until both let
//! go, and whatever a viewer holds is let go when it leaves: no key is ever stuck.

use std::collections::BTreeMap;

use streamspace_protocol::ViewerId;

/// A key or button of the session's X server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Control {
    Keycode(u8),
    Button(u8),
}

/// What a viewer calls the thing it holds: a physical key, or a button.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Held {
    Code(String),
    Button(u8),
}

/// The most things one viewer can hold at once; more is no person.
const MAX_HELD: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Arbiter {
    held: BTreeMap<(ViewerId, Held), Control>,
}

impl Arbiter {
    /// A viewer presses something; `true` if the session has to press it too.
    pub(crate) fn press(&mut self, viewer: ViewerId, held: Held, control: Control) -> bool {
        let known = self.held.contains_key(&(viewer, held.clone()));
        if !known && self.of(viewer).count() >= MAX_HELD {
            return false;
        }
        let first = !self.is_down(control);
        self.held.insert((viewer, held), control);
        first
    }

    /// What a viewer's key or button pressed in the session, while it holds it.
    pub(crate) fn control(&self, viewer: ViewerId, held: &Held) -> Option<Control> {
        self.held.get(&(viewer, held.clone())).copied()
    }

    /// A viewer lets go; gives what the session has to let go, if nobody else holds it.
    pub(crate) fn release(&mut self, viewer: ViewerId, held: Held) -> Option<Control> {
        let control = self.held.remove(&(viewer, held))?;
        (!self.is_down(control)).then_some(control)
    }

    /// A viewer lets go of everything.
    pub(crate) fn release_all(&mut self, viewer: ViewerId) -> Vec<Control> {
        let held: Vec<Held> = self.of(viewer).cloned().collect();
        held.into_iter()
            .filter_map(|held| self.release(viewer, held))
            .collect()
    }

    pub(crate) fn is_down(&self, control: Control) -> bool {
        self.held.values().any(|&other| other == control)
    }

    pub(crate) fn is_held_by_another(&self, viewer: ViewerId, control: Control) -> bool {
        self.held
            .iter()
            .any(|((other, _), &held)| *other != viewer && held == control)
    }

    fn of(&self, viewer: ViewerId) -> impl Iterator<Item = &Held> {
        self.held
            .keys()
            .filter(move |(other, _)| *other == viewer)
            .map(|(_, held)| held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: ViewerId = ViewerId(1);
    const BOB: ViewerId = ViewerId(2);
    const A: Control = Control::Keycode(38);

    fn key(code: &str) -> Held {
        Held::Code(code.into())
    }

    #[test]
    fn a_key_held_by_two_is_down_until_both_let_go() {
        let mut arbiter = Arbiter::default();
        assert!(arbiter.press(ALICE, key("KeyA"), A));
        assert!(!arbiter.press(BOB, key("KeyA"), A));
        assert_eq!(arbiter.release(ALICE, key("KeyA")), None);
        assert_eq!(arbiter.release(BOB, key("KeyA")), Some(A));
    }

    #[test]
    fn leaving_lets_go_of_everything_that_nobody_else_holds() {
        let mut arbiter = Arbiter::default();
        arbiter.press(ALICE, key("KeyA"), A);
        arbiter.press(ALICE, Held::Button(1), Control::Button(1));
        arbiter.press(BOB, Held::Button(1), Control::Button(1));
        assert_eq!(arbiter.release_all(ALICE), [A]);
        assert_eq!(arbiter.release_all(BOB), [Control::Button(1)]);
    }

    #[test]
    fn letting_go_of_what_is_not_held_does_nothing() {
        assert_eq!(Arbiter::default().release(ALICE, key("KeyA")), None);
    }

    #[test]
    fn a_viewer_holds_a_bounded_number_of_keys() {
        let mut arbiter = Arbiter::default();
        for n in 0..200 {
            arbiter.press(ALICE, key(&n.to_string()), Control::Keycode(n));
        }
        assert_eq!(arbiter.release_all(ALICE).len(), MAX_HELD);
    }
}
