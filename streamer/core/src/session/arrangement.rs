//! The session's displays as its viewers want them.

use streamspace_protocol::{DisplaySize, Screen, ServerMessage};

use super::Session;
use crate::{displays::Displays, resize::usable};

impl Session {
    pub(super) fn resize(&mut self, screen: Screen, size: DisplaySize) {
        let size = usable(size);
        match screen {
            Screen::First => self
                .resizes
                .want(self.displays, |displays| displays.first = size),
            Screen::Second => {
                self.second = Some(size);
                self.want_second();
            }
        }
    }

    /// A second display is there while somebody with control shows it.
    pub(super) fn close_second(&mut self) {
        let shows = |(&viewer, state): (_, &super::Viewer)| {
            state.screen == Screen::Second && self.has_control(viewer)
        };
        if self.second.is_some() && !self.viewers.iter().any(shows) {
            self.second = None;
            self.want_second();
        }
    }

    fn want_second(&mut self) {
        let second = self.second;
        self.resizes
            .want(self.displays, |displays| displays.second = second);
    }

    /// The X server shows its displays like this now, whoever wanted it so.
    pub(super) fn arranged(&mut self, displays: Displays) {
        self.resizes.changed();
        let before = std::mem::replace(&mut self.displays, displays);
        for screen in Screen::ALL {
            let size = displays.size(screen).filter(|_| displays != before);
            if let Some(size) = size.filter(|&size| before.size(screen) != Some(size)) {
                self.send_all_at(screen, &ServerMessage::Display(size));
            }
        }
        // A program that sets the size of it all, or a viewer by VNC, means the first display.
        if displays.second.is_none() && before.second.is_some() && self.second.is_some() {
            self.want_second();
        }
    }
}
