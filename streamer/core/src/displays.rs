//! The session's displays: parts of the X server's one picture, side by side.

use std::ops::{Index, IndexMut};

use streamspace_protocol::{DisplaySize, Screen};

/// How large each display is. They stand beside one another, their upper edges in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Displays {
    pub first: DisplaySize,
    pub second: Option<DisplaySize>,
}

impl Displays {
    /// A session with one display.
    pub fn one(first: DisplaySize) -> Self {
        let second = None;
        Self { first, second }
    }

    pub fn size(&self, screen: Screen) -> Option<DisplaySize> {
        match screen {
            Screen::First => Some(self.first),
            Screen::Second => self.second,
        }
    }

    /// Where a display begins in the whole picture.
    pub fn origin(&self, screen: Screen) -> (u16, u16) {
        match screen {
            Screen::First => (0, 0),
            Screen::Second => (self.first.width, 0),
        }
    }

    /// The picture that has room for all of them.
    pub fn total(&self) -> DisplaySize {
        let second = self.second.unwrap_or(DisplaySize {
            width: 0,
            height: 0,
        });
        DisplaySize {
            width: self.first.width.saturating_add(second.width),
            height: self.first.height.max(second.height),
        }
    }
}

/// One of something for each display.
#[derive(Debug, Default)]
pub struct PerScreen<T> {
    first: T,
    second: T,
}

impl<T> PerScreen<T> {
    pub fn new(make: impl Fn() -> T) -> Self {
        Self {
            first: make(),
            second: make(),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        [&self.first, &self.second].into_iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        [&mut self.first, &mut self.second].into_iter()
    }
}

impl<T> Index<Screen> for PerScreen<T> {
    type Output = T;

    fn index(&self, screen: Screen) -> &T {
        match screen {
            Screen::First => &self.first,
            Screen::Second => &self.second,
        }
    }
}

impl<T> IndexMut<Screen> for PerScreen<T> {
    fn index_mut(&mut self, screen: Screen) -> &mut T {
        match screen {
            Screen::First => &mut self.first,
            Screen::Second => &mut self.second,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_stand_beside_one_another_in_a_picture_with_room_for_both() {
        let size = |width, height| DisplaySize { width, height };
        let both = Displays {
            first: size(1280, 720),
            second: Some(size(800, 1000)),
        };
        assert_eq!(both.total(), size(2080, 1000));
        assert_eq!(both.origin(Screen::Second), (1280, 0));
        assert_eq!(Displays::one(size(640, 480)).total(), size(640, 480));
    }
}
