//! A session with the clock that it is driven by, for the tests beside it.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::time::{Duration, Instant};

use streamspace_protocol::{
    ClientMessage, Devices, DisplaySize, Person, PersonId, PersonName, Role, Screen, ServerMessage,
    ViewerId, ViewerPath,
};
use streamspace_streamer_core::{
    ClipboardContent, Input, Keymap, Memory, Output, Session, SessionConfig, XEvent,
};

pub(crate) const ALICE: ViewerId = ViewerId(1);
pub(crate) const BOB: ViewerId = ViewerId(2);
pub(crate) const DISPLAY: DisplaySize = DisplaySize {
    width: 1280,
    height: 720,
};

pub(crate) struct Room {
    pub(crate) session: Session,
    pub(crate) now: Instant,
}

impl Room {
    /// A session on a small US keyboard: 8 a A, 9 Shift_L, 10 Control_L, 11 c C, 12 and 13 free.
    pub(crate) fn new() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "any instant will do to count from"
        )]
        let now = Instant::now();
        let mut room = Self {
            session: Session::new(SessionConfig {
                display: DISPLAY,
                fps: 60,
                epoch: now,
                devices: Devices::default(),
                memory: Memory::default(),
            }),
            now,
        };
        room.input(Input::X(XEvent::Keymap(Keymap {
            min_keycode: 8,
            keysyms_per_keycode: 2,
            keysyms: vec![0x61, 0x41, 0xffe1, 0, 0xffe3, 0, 0x63, 0x43, 0, 0, 0, 0],
            binds: 0,
        })));
        room
    }

    pub(crate) fn with(roles: &[(ViewerId, Role)]) -> Self {
        let mut room = Self::new();
        for &(viewer, role) in roles {
            room.input(joined(viewer, role));
        }
        room
    }

    /// All that follows but what people are told of one another, and that somebody acts.
    pub(crate) fn input(&mut self, input: Input) -> Vec<Output> {
        without_people(self.all_of(input))
    }

    pub(crate) fn all_of(&mut self, input: Input) -> Vec<Output> {
        self.session.handle(input, self.now);
        std::iter::from_fn(|| self.session.poll()).collect()
    }

    pub(crate) fn copies(&mut self, viewer: ViewerId, text: &str) -> Vec<Output> {
        let content = ClipboardContent::text(text);
        self.input(Input::Clipboard { viewer, content })
    }

    pub(crate) fn says(&mut self, viewer: ViewerId, message: ClientMessage) -> Vec<Output> {
        self.input(Input::Message { viewer, message })
    }

    pub(crate) fn wait(&mut self, ms: u64) -> Vec<Output> {
        without_people(self.all_after(ms))
    }

    pub(crate) fn all_after(&mut self, ms: u64) -> Vec<Output> {
        self.now += Duration::from_millis(ms);
        self.session.handle_timeout(self.now);
        std::iter::from_fn(|| self.session.poll()).collect()
    }
}

pub(crate) fn key(code: &str, keysym: u32, down: bool) -> ClientMessage {
    ClientMessage::Key {
        code: code.into(),
        keysym,
        down,
    }
}

pub(crate) fn pressed(keycode: u8) -> Output {
    Output::Key {
        keycode,
        down: true,
    }
}

pub(crate) fn released(keycode: u8) -> Output {
    Output::Key {
        keycode,
        down: false,
    }
}

fn without_people(outputs: Vec<Output>) -> Vec<Output> {
    let is_other = |output: &Output| {
        !matches!(
            output,
            Output::TellPointers(..)
                | Output::Remember
                | Output::ReportActivity
                | Output::Send {
                    message: ServerMessage::People { .. },
                    ..
                }
        )
    };
    outputs.into_iter().filter(is_other).collect()
}

/// Somebody with an account comes by WebRTC.
pub(crate) fn joined(viewer: ViewerId, role: Role) -> Input {
    Input::Joined {
        viewer,
        role,
        person: account(viewer),
        path: ViewerPath::Webrtc,
        screen: Screen::First,
    }
}

/// The same, at the second display.
pub(crate) fn joined_second(viewer: ViewerId, role: Role) -> Input {
    let Input::Joined { person, path, .. } = joined(viewer, role) else {
        unreachable!("that is what it is")
    };
    Input::Joined {
        viewer,
        role,
        person,
        path,
        screen: Screen::Second,
    }
}

/// The person that the tests give to a viewer.
pub(crate) fn account(viewer: ViewerId) -> Person {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&viewer.0.to_be_bytes());
    let name = format!("Person {viewer}");
    Person {
        id: PersonId::new(id),
        name: PersonName::cleaned(&name).expect("a name"),
        share: None,
        until_unix_ms: None,
    }
}
