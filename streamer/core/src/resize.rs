//! The displays' sizes: what viewers want, one change at a time.

use std::time::{Duration, Instant};

use streamspace_protocol::DisplaySize;

use crate::displays::Displays;

/// How long the X server may take to change its size before the next wish is tried.
const PATIENCE: Duration = Duration::from_secs(1);

const MIN: DisplaySize = DisplaySize {
    width: 320,
    height: 200,
};
const MAX: DisplaySize = DisplaySize {
    width: 7680,
    height: 4320,
};

/// The nearest size that every part can work with: even, since H.264 halves the colour planes.
pub(crate) fn usable(size: DisplaySize) -> DisplaySize {
    DisplaySize {
        width: size.width.clamp(MIN.width, MAX.width) & !1,
        height: size.height.clamp(MIN.height, MAX.height) & !1,
    }
}

/// Keeps the newest wish while a change is under way, and drops those in between.
#[derive(Debug, Default)]
pub(crate) struct Resizes {
    wanted: Option<Displays>,
    asked: Option<(Displays, Instant)>,
}

impl Resizes {
    /// Somebody wants this to be otherwise than it is, or is about to be.
    pub(crate) fn want(&mut self, current: Displays, change: impl FnOnce(&mut Displays)) {
        let asked = self.asked.map(|(displays, _)| displays);
        let mut wanted = self.wanted.or(asked).unwrap_or(current);
        change(&mut wanted);
        self.wanted = Some(wanted);
    }

    /// The X server has changed its size.
    pub(crate) fn changed(&mut self) {
        self.asked = None;
    }

    /// What to ask the X server for now, if anything.
    pub(crate) fn take(&mut self, current: Displays, now: Instant) -> Option<Displays> {
        if self.asked.is_some_and(|(_, since)| now < since + PATIENCE) {
            return None;
        }
        let asked_before = self.asked.take().map(|(displays, _)| displays);
        let displays = self.wanted.take()?;
        if displays == current || Some(displays) == asked_before {
            return None;
        }
        self.asked = Some((displays, now));
        Some(displays)
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.asked
            .filter(|_| self.wanted.is_some())
            .map(|(_, since)| since + PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u16, height: u16) -> DisplaySize {
        DisplaySize { width, height }
    }

    fn one(width: u16, height: u16) -> Displays {
        Displays::one(size(width, height))
    }

    /// As the first display's viewers want it.
    fn want(resizes: &mut Resizes, width: u16, height: u16) {
        let current = one(640, 480);
        resizes.want(current, |displays| displays.first = size(width, height));
    }

    #[test]
    fn sizes_become_even_and_bounded() {
        for (asked, given) in [
            (size(1281, 721), size(1280, 720)),
            (size(1, 65535), size(320, 4320)),
            (size(1024, 768), size(1024, 768)),
        ] {
            assert_eq!(usable(asked), given);
        }
    }

    #[test]
    fn only_the_newest_wish_follows_a_change_under_way() {
        #[expect(
            clippy::disallowed_methods,
            reason = "any instant will do to count from"
        )]
        let now = Instant::now();
        let mut resizes = Resizes::default();
        want(&mut resizes, 800, 600);
        assert_eq!(resizes.take(one(640, 480), now), Some(one(800, 600)));
        want(&mut resizes, 900, 600);
        want(&mut resizes, 1000, 600);
        assert_eq!(resizes.take(one(640, 480), now), None);
        resizes.changed();
        assert_eq!(resizes.take(one(800, 600), now), Some(one(1000, 600)));
    }

    #[test]
    fn an_x_server_that_never_answers_does_not_block_the_next_wish() {
        #[expect(
            clippy::disallowed_methods,
            reason = "any instant will do to count from"
        )]
        let now = Instant::now();
        let mut resizes = Resizes::default();
        want(&mut resizes, 800, 600);
        resizes.take(one(640, 480), now);
        want(&mut resizes, 900, 600);
        let later = resizes.poll_timeout().expect("a wish is waiting");
        assert_eq!(resizes.take(one(640, 480), later), Some(one(900, 600)));
    }

    #[test]
    fn wishes_for_both_displays_add_up() {
        #[expect(
            clippy::disallowed_methods,
            reason = "any instant will do to count from"
        )]
        let now = Instant::now();
        let mut resizes = Resizes::default();
        want(&mut resizes, 800, 600);
        resizes.want(one(640, 480), |displays| {
            displays.second = Some(size(400, 300))
        });
        let both = Displays {
            first: size(800, 600),
            second: Some(size(400, 300)),
        };
        assert_eq!(resizes.take(one(640, 480), now), Some(both));
        want(&mut resizes, 900, 600);
        resizes.changed();
        let first = size(900, 600);
        assert_eq!(resizes.take(both, now), Some(Displays { first, ..both }));
    }
}
