//! One session's state: viewers, input, size, rate.

mod arrangement;
mod together;

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use streamspace_protocol::{
    ClientMessage, Cursor, Devices, DisplaySize, Latency, Person, Pixel, PointerMove, Role, Screen,
    ServerMessage, ViewerId, ViewerPath,
};

use crate::{
    activity::{self, Activity},
    chat::Chat,
    clipboard::ClipboardContent,
    controls::Controls,
    displays::{Displays, PerScreen},
    gamepads::Gamepads,
    io::{Expulsion, Input, KeyRepeat, Output, SessionConfig, VideoTarget, XEvent},
    people::People,
    pointer::Pointer,
    resize::Resizes,
    stream::Stream,
};

/// The least time between two accounts of one viewer that are passed on.
const LATENCY_INTERVAL: Duration = Duration::from_millis(900);

/// What X servers say by themselves.
const ORDINARY_DPI: u16 = 96;

#[derive(Debug)]
struct Viewer {
    screen: Screen,
    pointer: Pointer,
    /// The most frames a second that it wants.
    max_fps: Option<u16>,
    /// When its last account of its frames was passed on.
    latency: Option<Instant>,
}

/// All state of one session.
#[derive(Debug)]
pub struct Session {
    viewers: BTreeMap<ViewerId, Viewer>,
    fps: u16,
    displays: Displays,
    /// The second display's size, as its viewers want it.
    second: Option<DisplaySize>,
    dpi: u16,
    cursor: Option<Cursor>,
    /// What session and browsers share.
    clipboard: Option<ClipboardContent>,
    epoch: Instant,
    people: People,
    chat: Chat,
    controls: Controls,
    gamepads: Gamepads,
    devices: Devices,
    resizes: Resizes,
    streams: PerScreen<Stream>,
    activity: Activity,
    outputs: VecDeque<Output>,
}

impl Session {
    pub fn new(config: SessionConfig) -> Self {
        Self {
            viewers: BTreeMap::new(),
            fps: config.fps,
            displays: Displays::one(config.display),
            second: None,
            dpi: ORDINARY_DPI,
            cursor: None,
            clipboard: None,
            epoch: config.epoch,
            people: People::remembering(config.memory.decisions),
            chat: Chat::remembering(config.memory.chat, config.epoch),
            controls: Controls::default(),
            gamepads: Gamepads::default(),
            devices: config.devices,
            resizes: Resizes::default(),
            streams: PerScreen::new(|| Stream::new(config.display, config.fps)),
            activity: Activity::default(),
            outputs: VecDeque::new(),
        }
    }

    /// What to start this display's encoder with.
    pub fn video(&self, screen: Screen) -> VideoTarget {
        self.streams[screen].rate.target()
    }

    pub fn displays(&self) -> Displays {
        self.displays
    }

    /// Whether the viewer may act on the session, and be heard in it.
    pub fn has_control(&self, viewer: ViewerId) -> bool {
        self.people.role(viewer) >= Some(Role::Control)
    }

    /// The role in which somebody whose ticket grants this one may come in.
    ///
    /// # Errors
    /// Why they may not.
    pub fn admit(&self, person: &Person, granted: Role) -> Result<Role, Expulsion> {
        self.people.admit(person, granted)
    }

    /// Takes in one event; what follows from it comes out of [`poll`](Self::poll).
    pub fn handle(&mut self, input: Input, now: Instant) {
        match input {
            Input::Joined {
                viewer,
                role,
                person,
                path,
                screen,
            } => match self.people.join(viewer, person, role, path) {
                Ok(()) => self.joined(viewer, path, screen, now),
                Err(why) => self.outputs.push_back(Output::Expel { viewer, why }),
            },
            Input::ShareRevoked(share) => self.revoked(share),
            Input::Left { viewer } => self.left(viewer),
            Input::Message { viewer, message } => self.message(viewer, message, now),
            Input::Clipboard { viewer, content } => {
                self.acts(viewer, now);
                self.paste(viewer, content);
            }
            Input::Pointer { viewer, movement } => {
                self.acts(viewer, now);
                self.pointer(viewer, movement);
            }
            Input::KeyframeWanted { viewer } => self.keyframe_wanted(viewer, now),
            Input::FrameLeftOut(screen) => self.streams[screen].keyframes.request_for_lagging(),
            Input::FrameLost(screen) => self.streams[screen].keyframes.request(),
            Input::Link { viewer, link } => self.stream_of(viewer).rate.link(viewer, link),
            Input::X(event) => self.x_event(event),
            Input::Encoded(screen, encoded) => self.streams[screen].tally.add(encoded, now),
            Input::Encoder { name, reason } => {
                for stream in self.streams.iter_mut() {
                    stream.tally.encoder(name.clone(), reason.clone());
                }
            }
        }
        self.outputs.extend(self.controls.take());
        self.handle_timeout(now);
    }

    /// Does what has become due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.tell_people(now);
        if let Some(displays) = self.resizes.take(self.displays, now) {
            self.outputs.push_back(Output::Arrange(displays));
        }
        for screen in Screen::ALL {
            self.stream_due(screen, now);
        }
    }

    fn stream_due(&mut self, screen: Screen, now: Instant) {
        let fps = self.fps(screen);
        let Some(display) = self.displays.size(screen) else {
            return;
        };
        let stream = &mut self.streams[screen];
        self.outputs.extend(stream.due(screen, display, fps, now));
        let target = stream.rate.target().bitrate_bps;
        if let Some(stats) = stream.tally.take(target, now) {
            self.send_all_at(screen, &ServerMessage::Stats(stats));
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) if nothing else happens.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [
            self.people.poll_timeout(),
            self.resizes.poll_timeout(),
            self.streams[Screen::First].poll_timeout(),
            (self.displays.second).and_then(|_| self.streams[Screen::Second].poll_timeout()),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Which display a viewer shows.
    pub fn screen(&self, viewer: ViewerId) -> Screen {
        let viewer = self.viewers.get(&viewer);
        viewer.map_or(Screen::First, |viewer| viewer.screen)
    }

    fn stream_of(&mut self, viewer: ViewerId) -> &mut Stream {
        let screen = self.screen(viewer);
        &mut self.streams[screen]
    }

    fn joined(&mut self, viewer: ViewerId, path: ViewerPath, screen: Screen, now: Instant) {
        // Who sees the desktop by VNC has no other business with the streamer.
        if path == ViewerPath::Vnc {
            return;
        }
        self.viewers.insert(
            viewer,
            Viewer {
                screen,
                pointer: Pointer::default(),
                max_fps: None,
                latency: None,
            },
        );
        if let Some(size) = self.displays.size(screen) {
            self.send(viewer, ServerMessage::Display(size));
        }
        self.send(viewer, ServerMessage::Devices(self.devices));
        if let Some(cursor) = self.cursor.clone() {
            self.send(viewer, ServerMessage::Cursor(cursor));
        }
        self.count_viewers();
        for lines in self.chat.history(now) {
            self.send(viewer, ServerMessage::Chat { lines });
        }
        self.outputs
            .push_back(Output::RepeatKeys(KeyRepeat::Viewers));
        self.streams[screen].keyframes.request_of(viewer, now);
    }

    fn left(&mut self, viewer: ViewerId) {
        self.people.left(viewer);
        self.chat.left(viewer);
        self.let_go(viewer);
        // Before the X server takes over repeating what is held.
        self.outputs.extend(self.controls.take());
        let stream = self.stream_of(viewer);
        stream.pointers.left(viewer);
        stream.rate.left(viewer);
        stream.keyframes.left(viewer);
        if self.viewers.remove(&viewer).is_none() {
            return;
        }
        self.close_second();
        self.count_viewers();
        if self.viewers.is_empty() {
            self.outputs
                .push_back(Output::RepeatKeys(KeyRepeat::XServer));
        }
    }

    fn count_viewers(&mut self) {
        let count = u32::try_from(self.viewers.len()).unwrap_or(u32::MAX);
        self.send_all(&ServerMessage::Viewers { count });
    }

    fn message(&mut self, viewer: ViewerId, message: ClientMessage, now: Instant) {
        let Some(role) = self.people.role(viewer) else {
            return;
        };
        match message {
            ClientMessage::Ping { id } => {
                let at = now.saturating_duration_since(self.epoch).as_micros();
                let at_us = u64::try_from(at).unwrap_or(u64::MAX);
                self.send(viewer, ServerMessage::Pong { id, at_us });
            }
            ClientMessage::Latency(latency) => self.latency(viewer, latency, now),
            ClientMessage::Limits { max_bps, max_fps } => self.limit(viewer, max_bps, max_fps),
            ClientMessage::AskControl => self.people.ask(viewer, now),
            ClientMessage::SetRole { viewer: to, role } => self.set_role(viewer, to, role),
            ClientMessage::Remove { viewer: who } => {
                let leave = self.people.remove(viewer, who);
                self.expel(leave, Expulsion::Removed);
            }
            ClientMessage::Chat { text } => self.chat(viewer, &text, now),
            acting if role >= Role::Control => {
                if activity::is_by_hand(&acting) {
                    self.acts(viewer, now);
                }
                self.act(viewer, acting);
            }
            // Who only watches has no hands.
            _ => {}
        }
    }

    /// Does what a viewer may ask for who controls the session.
    fn act(&mut self, viewer: ViewerId, message: ClientMessage) {
        match message {
            ClientMessage::Key {
                code,
                keysym,
                down: true,
            } => self.controls.key_down(viewer, code, keysym),
            ClientMessage::Key {
                code, down: false, ..
            } => self.controls.key_up(viewer, code),
            ClientMessage::Text { text } => self.controls.type_text(text.expose()),
            ClientMessage::Gamepad { pad, state } => {
                let changes = self.gamepads.set(viewer, pad, state);
                self.outputs
                    .extend(changes.into_iter().map(Output::Gamepad));
            }
            ClientMessage::ReleaseAll => self.controls.release_all(viewer),
            ClientMessage::Button { button, down, at } => {
                if let Some(Pixel { x, y }) = at {
                    self.move_pointer(viewer, x, y);
                }
                self.controls.button(viewer, button, down);
            }
            ClientMessage::Wheel { dx, dy } => self.controls.turn_wheel(dx, dy),
            ClientMessage::Resize { width, height, dpi } => {
                // Programs know one density for all displays: the first one's.
                let is_first = self.screen(viewer) == Screen::First;
                if is_first && std::mem::replace(&mut self.dpi, dpi) != dpi {
                    self.outputs.push_back(Output::SetDpi(dpi));
                }
                self.resize(self.screen(viewer), DisplaySize { width, height });
            }
            ClientMessage::Ping { .. }
            | ClientMessage::Latency(_)
            | ClientMessage::Limits { .. }
            | ClientMessage::AskControl
            | ClientMessage::SetRole { .. }
            | ClientMessage::Remove { .. }
            | ClientMessage::Chat { .. } => {}
        }
    }

    /// Whoever leaves or loses control holds nothing any more.
    fn let_go(&mut self, viewer: ViewerId) {
        self.controls.release_all(viewer);
        let gone = self.gamepads.left(viewer);
        self.outputs.extend(gone.into_iter().map(Output::Gamepad));
    }

    fn keyframe_wanted(&mut self, viewer: ViewerId, now: Instant) {
        let stream = self.stream_of(viewer);
        if stream.rate.is_served(viewer) {
            stream.keyframes.request_of(viewer, now);
        } else {
            stream.keyframes.request_for_lagging();
        }
    }

    /// Says that somebody acts on the session, unless that was just said, or they may not.
    fn acts(&mut self, viewer: ViewerId, now: Instant) {
        if self.has_control(viewer) && self.activity.is_news(now) {
            self.outputs.push_back(Output::ReportActivity);
        }
    }

    /// Passes on a viewer's account of its frames, unless it tells too often.
    fn latency(&mut self, viewer: ViewerId, latency: Latency, now: Instant) {
        let Some(state) = self.viewers.get_mut(&viewer) else {
            return;
        };
        let due = state
            .latency
            .is_none_or(|last| now.saturating_duration_since(last) >= LATENCY_INTERVAL);
        if due {
            state.latency = Some(now);
            self.outputs
                .push_back(Output::ReportLatency { viewer, latency });
        }
    }

    /// Moves the pointer for who has control, and shows the others at this display where each points.
    fn move_pointer(&mut self, viewer: ViewerId, x: u16, y: u16) {
        let screen = self.screen(viewer);
        let Some(size) = self.displays.size(screen) else {
            return;
        };
        let x = x.min(size.width.saturating_sub(1));
        let y = y.min(size.height.saturating_sub(1));
        if self.has_control(viewer) {
            let (left, top) = self.displays.origin(screen);
            self.controls
                .move_pointer(left.saturating_add(x), top.saturating_add(y));
        }
        if self.people.is_anybody_with(viewer) {
            self.streams[screen].pointers.moved(viewer, x, y);
        }
    }

    fn pointer(&mut self, viewer: ViewerId, movement: PointerMove) {
        let Some(state) = self.viewers.get_mut(&viewer) else {
            return;
        };
        if !state.pointer.is_new(movement.seq()) {
            return;
        }
        match movement {
            PointerMove::To { x, y, .. } => self.move_pointer(viewer, x, y),
            PointerMove::By { right, down, .. } => {
                let by = state.pointer.distance(right, down);
                if self.has_control(viewer) {
                    self.controls.move_pointer_by(by);
                }
            }
        }
    }

    /// A link that carries no more than a viewer wants is as good as one that could; frames are made
    /// as often as anybody wants them.
    fn limit(&mut self, viewer: ViewerId, max_bps: Option<u32>, max_fps: Option<u16>) {
        self.stream_of(viewer).rate.limit(viewer, max_bps);
        if let Some(state) = self.viewers.get_mut(&viewer) {
            state.max_fps = max_fps;
        }
    }

    /// The most frames a second that anybody wants of this display.
    fn fps(&self, screen: Screen) -> u16 {
        let wanted = |viewer: &Viewer| viewer.max_fps.unwrap_or(self.fps).min(self.fps);
        let viewers = self
            .viewers
            .values()
            .filter(|viewer| viewer.screen == screen);
        viewers.map(wanted).max().unwrap_or(self.fps)
    }

    /// Browsers tell their clipboard each time they gain the focus; what came from the session goes
    /// not back, or the program that copied it would lose its selection.
    fn paste(&mut self, viewer: ViewerId, content: ClipboardContent) {
        let known = self.clipboard.as_ref() == Some(&content);
        if !self.has_control(viewer) || content.is_empty() || known {
            return;
        }
        self.send_controllers(Some(viewer), &content);
        self.outputs
            .push_back(Output::SetClipboard(content.clone()));
        self.clipboard = Some(content);
    }

    fn x_event(&mut self, event: XEvent) {
        match event {
            XEvent::Keymap(keymap) => self.controls.set_keymap(keymap),
            XEvent::Displays(displays) => self.arranged(displays),
            XEvent::Cursor(cursor) if self.cursor.as_ref() == Some(&cursor) => {}
            XEvent::Cursor(cursor) => {
                self.send_all(&ServerMessage::Cursor(cursor.clone()));
                self.cursor = Some(cursor);
            }
            XEvent::Clipboard(content) => {
                self.send_controllers(None, &content);
                self.clipboard = Some(content);
            }
        }
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

    fn send_all_at(&mut self, screen: Screen, message: &ServerMessage) {
        let there =
            |(&viewer, state): (&ViewerId, &Viewer)| (state.screen == screen).then_some(viewer);
        let viewers: Vec<ViewerId> = self.viewers.iter().filter_map(there).collect();
        for viewer in viewers {
            self.send(viewer, message.clone());
        }
    }

    /// The clipboard goes to those who may also read it by typing, and not back to its sender.
    fn send_controllers(&mut self, sender: Option<ViewerId>, content: &ClipboardContent) {
        let receivers: Vec<ViewerId> = self
            .viewers
            .keys()
            .copied()
            .chain(self.people.by_vnc())
            .filter(|&viewer| self.has_control(viewer) && Some(viewer) != sender)
            .collect();
        for viewer in receivers {
            let content = content.clone();
            self.outputs
                .push_back(Output::SendClipboard { viewer, content });
        }
    }
}
