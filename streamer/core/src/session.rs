//! One session's state: viewers, input, size, rate.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use streamspace_protocol::{
    ClientMessage, Cursor, DisplaySize, PointerMove, Role, Secret, ServerMessage, StreamStats,
    ViewerId,
};

use crate::{
    arbiter::{Arbiter, Control, Held},
    keyboard::{self, HeldModifiers, Keyboard, Keymap, Resolution, ShiftChange},
    keyframes::Keyframes,
    keysym,
    rate::Rate,
    resize::Resizes,
    wheel::Wheel,
};

/// What is known before the first viewer comes.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    pub display: DisplaySize,
    /// The most frames a second.
    pub fps: u16,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A viewer's control channel is open.
    Joined {
        viewer: ViewerId,
        role: Role,
    },
    Left {
        viewer: ViewerId,
    },
    Message {
        viewer: ViewerId,
        message: ClientMessage,
    },
    Pointer {
        viewer: ViewerId,
        movement: PointerMove,
    },
    /// A viewer's decoder needs a keyframe (PLI, FIR), or its media has just begun.
    KeyframeWanted,
    /// A viewer's link is estimated to carry this many bits a second.
    Estimate {
        viewer: ViewerId,
        bps: f64,
    },
    X(XEvent),
    Encoded(Encoded),
    /// The encoder in use, and why it.
    Encoder {
        name: String,
        reason: String,
    },
}

/// News from the X server.
#[derive(Debug, Clone, PartialEq)]
pub enum XEvent {
    Keymap(Keymap),
    Display(DisplaySize),
    Cursor(Cursor),
    /// A program in the session copied this text.
    Clipboard(Secret),
}

/// One encoded frame, for the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    pub bytes: usize,
    /// From the captured picture to its encoded form.
    pub took: Duration,
}

/// Who repeats a key that is held down.
///
/// The X server would go on repeating while a viewer's link stalls, and type what nobody typed; so
/// while there are viewers their browsers do it. VNC clients leave it to the X server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRepeat {
    XServer,
    Viewers,
}

/// Something for the driver to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Give the keycode this keysym, at every level.
    BindKey {
        keycode: u8,
        keysym: u32,
    },
    Key {
        keycode: u8,
        down: bool,
    },
    RepeatKeys(KeyRepeat),
    Button {
        button: u8,
        down: bool,
    },
    MovePointer {
        x: u16,
        y: u16,
    },
    Resize(DisplaySize),
    SetClipboard(Secret),
    ForceKeyframe,
    SetBitrate(u32),
    Send {
        viewer: ViewerId,
        message: ServerMessage,
    },
}

#[derive(Debug)]
struct Viewer {
    role: Role,
    /// The newest pointer move seen; moves come unordered.
    pointer_seq: Option<u32>,
}

/// The sums of the second under way.
#[derive(Debug, Default)]
struct Second {
    since: Option<Instant>,
    frames: u32,
    bytes: usize,
    encoding: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    Shift,
    Shortcut,
}

/// All state of one session.
#[derive(Debug)]
pub struct Session {
    viewers: BTreeMap<ViewerId, Viewer>,
    fps: u16,
    display: DisplaySize,
    cursor: Option<Cursor>,
    /// The text that session and browsers share.
    clipboard: Option<Secret>,
    encoder: (String, String),
    arbiter: Arbiter,
    keyboard: Keyboard,
    modifiers: BTreeMap<u8, Modifier>,
    wheel: Wheel,
    keyframes: Keyframes,
    resizes: Resizes,
    rate: Rate,
    second: Second,
    outputs: VecDeque<Output>,
}

impl Session {
    pub fn new(config: SessionConfig) -> Self {
        Self {
            viewers: BTreeMap::new(),
            fps: config.fps,
            display: config.display,
            cursor: None,
            clipboard: None,
            encoder: (String::new(), String::new()),
            arbiter: Arbiter::default(),
            keyboard: Keyboard::default(),
            modifiers: BTreeMap::new(),
            wheel: Wheel::default(),
            keyframes: Keyframes::default(),
            resizes: Resizes::default(),
            rate: Rate::new(config.display, config.fps),
            second: Second::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Bits a second to start the encoder with.
    pub fn target_bps(&self) -> u32 {
        self.rate.target_bps()
    }

    pub fn display(&self) -> DisplaySize {
        self.display
    }

    /// Takes in one event; what follows from it comes out of [`poll`](Self::poll).
    pub fn handle(&mut self, input: Input, now: Instant) {
        match input {
            Input::Joined { viewer, role } => self.joined(viewer, role),
            Input::Left { viewer } => self.left(viewer),
            Input::Message { viewer, message } => self.message(viewer, message),
            Input::Pointer { viewer, movement } => self.pointer(viewer, movement),
            Input::KeyframeWanted => self.keyframes.request(),
            Input::Estimate { viewer, bps } => self.rate.estimate(viewer, bps),
            Input::X(event) => self.x_event(event),
            Input::Encoded(encoded) => self.encoded(encoded, now),
            Input::Encoder { name, reason } => self.encoder = (name, reason),
        }
        self.handle_timeout(now);
    }

    /// Does what has become due.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.keyframes.take(now) {
            self.outputs.push_back(Output::ForceKeyframe);
        }
        if let Some(size) = self.resizes.take(self.display, now) {
            self.outputs.push_back(Output::Resize(size));
        }
        if let Some(bps) = self.rate.take(self.display, self.fps) {
            self.outputs.push_back(Output::SetBitrate(bps));
        }
        self.report(now);
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) if nothing else happens.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let report = self.second.since.map(|since| since + REPORT_INTERVAL);
        [
            self.keyframes.poll_timeout(),
            self.resizes.poll_timeout(),
            report,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn joined(&mut self, viewer: ViewerId, role: Role) {
        self.viewers.insert(
            viewer,
            Viewer {
                role,
                pointer_seq: None,
            },
        );
        self.send(viewer, ServerMessage::Display(self.display));
        if let Some(cursor) = self.cursor.clone() {
            self.send(viewer, ServerMessage::Cursor(cursor));
        }
        self.count_viewers();
        self.outputs
            .push_back(Output::RepeatKeys(KeyRepeat::Viewers));
        self.keyframes.request();
    }

    fn left(&mut self, viewer: ViewerId) {
        self.release_all(viewer);
        self.rate.left(viewer);
        if self.viewers.remove(&viewer).is_some() {
            self.count_viewers();
        }
        if self.viewers.is_empty() {
            self.outputs
                .push_back(Output::RepeatKeys(KeyRepeat::XServer));
        }
    }

    fn count_viewers(&mut self) {
        let count = u32::try_from(self.viewers.len()).unwrap_or(u32::MAX);
        self.send_all(&ServerMessage::Viewers { count });
    }

    fn message(&mut self, viewer: ViewerId, message: ClientMessage) {
        let Some(role) = self.viewers.get(&viewer).map(|viewer| viewer.role) else {
            return;
        };
        if let ClientMessage::Ping { id } = message {
            return self.send(viewer, ServerMessage::Pong { id });
        }
        if role < Role::Control {
            return;
        }
        match message {
            ClientMessage::Key {
                code,
                keysym,
                down: true,
            } => self.key_down(viewer, code, keysym),
            ClientMessage::Key {
                code, down: false, ..
            } => {
                let control = self.arbiter.release(viewer, Held::Code(code));
                self.release(control);
            }
            ClientMessage::Text { text } => self.type_text(text.expose()),
            ClientMessage::ReleaseAll => self.release_all(viewer),
            ClientMessage::Button { button, down, x, y } => {
                self.move_pointer(x, y);
                self.button(viewer, button, down);
            }
            ClientMessage::Wheel { dx, dy } => self.turn_wheel(dx, dy),
            ClientMessage::Clipboard { text } => self.paste(viewer, text),
            ClientMessage::Resize { width, height } => {
                self.resizes.want(DisplaySize { width, height });
            }
            ClientMessage::Ping { .. } => unreachable!("answered above"),
        }
    }

    fn pointer(&mut self, viewer: ViewerId, movement: PointerMove) {
        let Some(state) = self.viewers.get_mut(&viewer) else {
            return;
        };
        // The number wraps, so "newer" is "less than half the range ahead".
        let newer = state
            .pointer_seq
            .is_none_or(|last| movement.seq.wrapping_sub(last).wrapping_sub(1) < u32::MAX / 2);
        if state.role >= Role::Control && newer {
            state.pointer_seq = Some(movement.seq);
            self.move_pointer(movement.x, movement.y);
        }
    }

    fn move_pointer(&mut self, x: u16, y: u16) {
        let x = x.min(self.display.width.saturating_sub(1));
        let y = y.min(self.display.height.saturating_sub(1));
        self.outputs.push_back(Output::MovePointer { x, y });
    }

    fn button(&mut self, viewer: ViewerId, button: u8, down: bool) {
        let control = Control::Button(button);
        if !down {
            let control = self.arbiter.release(viewer, Held::Button(button));
            self.release(control);
        } else if self.arbiter.press(viewer, Held::Button(button), control) {
            self.outputs
                .push_back(Output::Button { button, down: true });
        }
    }

    /// Browsers tell their clipboard each time they gain the focus; what came from the session goes
    /// not back, or the program that copied it would lose its selection.
    fn paste(&mut self, viewer: ViewerId, text: Secret) {
        if self.clipboard.as_ref() == Some(&text) {
            return;
        }
        self.send_controllers(Some(viewer), &text);
        self.outputs.push_back(Output::SetClipboard(text.clone()));
        self.clipboard = Some(text);
    }

    fn turn_wheel(&mut self, dx: i32, dy: i32) {
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

    fn key_down(&mut self, viewer: ViewerId, code: String, keysym: u32) {
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

    fn type_text(&mut self, text: &str) {
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

    fn release_all(&mut self, viewer: ViewerId) {
        for control in self.arbiter.release_all(viewer) {
            self.release(Some(control));
        }
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

    fn x_event(&mut self, event: XEvent) {
        match event {
            XEvent::Keymap(keymap) => self.keyboard.set_keymap(keymap),
            XEvent::Display(size) => {
                self.resizes.changed();
                if size != self.display {
                    self.display = size;
                    self.send_all(&ServerMessage::Display(size));
                }
            }
            XEvent::Cursor(cursor) if self.cursor.as_ref() == Some(&cursor) => {}
            XEvent::Cursor(cursor) => {
                self.send_all(&ServerMessage::Cursor(cursor.clone()));
                self.cursor = Some(cursor);
            }
            XEvent::Clipboard(text) => {
                self.send_controllers(None, &text);
                self.clipboard = Some(text);
            }
        }
    }

    fn encoded(&mut self, encoded: Encoded, now: Instant) {
        self.second.since.get_or_insert(now);
        self.second.frames += 1;
        self.second.bytes += encoded.bytes;
        self.second.encoding += encoded.took;
    }

    /// Sends the statistics of a second in which something was encoded, and no others.
    fn report(&mut self, now: Instant) {
        let Some(since) = self.second.since else {
            return;
        };
        let elapsed = now.saturating_duration_since(since);
        if elapsed < REPORT_INTERVAL {
            return;
        }
        let second = std::mem::take(&mut self.second);
        let bits = second.bytes as f64 * 8.0;
        let stats = StreamStats {
            encoder: self.encoder.0.clone(),
            encoder_reason: self.encoder.1.clone(),
            frames: second.frames,
            video_bps: (bits / elapsed.as_secs_f64()) as u32,
            target_bps: self.rate.target_bps(),
            encode_ms: second.encoding.as_secs_f32() * 1e3 / second.frames.max(1) as f32,
        };
        self.send_all(&ServerMessage::Stats(stats));
    }

    fn send(&mut self, viewer: ViewerId, message: ServerMessage) {
        self.outputs.push_back(Output::Send { viewer, message });
    }

    fn send_all(&mut self, message: &ServerMessage) {
        let viewers: Vec<ViewerId> = self.viewers.keys().copied().collect();
        for viewer in viewers {
            self.send(viewer, message.clone());
        }
    }

    /// The clipboard goes to those who may also read it by typing, and not back to its sender.
    fn send_controllers(&mut self, sender: Option<ViewerId>, text: &Secret) {
        let receivers: Vec<ViewerId> = self
            .viewers
            .iter()
            .filter(|&(&viewer, state)| state.role >= Role::Control && Some(viewer) != sender)
            .map(|(&viewer, _)| viewer)
            .collect();
        for viewer in receivers {
            self.send(viewer, ServerMessage::Clipboard { text: text.clone() });
        }
    }
}

const REPORT_INTERVAL: Duration = Duration::from_secs(1);
