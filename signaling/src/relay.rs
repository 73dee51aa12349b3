//! One signaling WebSocket, from its first message to its close frame.
//!
//! ```text
//!   AwaitingHello ─Hello─▶ Redeeming ─good token─▶ Dialing ─link up─▶ AwaitingWelcome ─Welcome─▶ Joined
//!        │                     │                      │                      │                     │
//!        └─────────────────────┴──────────── any refusal, Bye, either side gone, stop ─────────────┴──▶ Closed
//! ```
//!
//! No clock and no socket: the driver hands in what happened and does what comes back.

use std::time::{Duration, Instant};

use streamspace_protocol::{
    ClientSignal, Hello, PROTOCOL_VERSION, Secret, ServerSignal, SessionId, ViewerId, Wire,
};

use crate::{
    Closing, Refusal,
    ticket::{Claims, TicketError},
};

/// How long a browser may take to say [`Hello`].
pub const HELLO_TIME: Duration = Duration::from_secs(5);
/// How long dialling the streamer and its `Welcome` may take together.
pub const WELCOME_TIME: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub enum Input<'a> {
    /// A text message of the browser.
    Text(&'a str),
    /// A message of the browser that is no text, or breaks the WebSocket's rules.
    WrongMessage,
    /// The browser's side is closed, or silent for too long.
    BrowserLeft,
    /// The outcome of [`Effect::Redeem`].
    Redeemed(Result<Claims, TicketError>),
    /// The outcome of [`Effect::Dial`].
    Dialed(Result<(), Refusal>),
    /// The payload of a frame from the streamer.
    Frame(&'a [u8]),
    LinkClosed,
    /// [`Relay::deadline`] may have passed.
    Tick,
    /// The server is stopping.
    Stop,
}

/// Its `Debug` form holds no token and no SDP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Use the token up and report with [`Input::Redeemed`].
    Redeem(Secret),
    /// Connect to the streamer, say `LinkHello` with these claims, and report with [`Input::Dialed`].
    Dial(Box<Claims>),
    SendBrowser(ServerSignal),
    SendLink(ClientSignal),
    /// Somebody acts on the session.
    NoteActivity,
    /// Close both sides; the last effect there is.
    Close(Closing),
}

#[derive(Debug)]
pub struct Relay {
    session: SessionId,
    viewer: ViewerId,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    AwaitingHello { until: Instant },
    Redeeming,
    Dialing { until: Instant },
    AwaitingWelcome { until: Instant },
    Joined,
    Closed,
}

/// Reads a browser's first message, on signaling and VNC sockets alike.
///
/// # Errors
/// Anything but a [`Hello`] of this version of the protocol.
pub fn read_hello(text: &str) -> Result<Secret, Refusal> {
    match Hello::decode(text.as_bytes()) {
        Ok(hello) if hello.version == PROTOCOL_VERSION => Ok(hello.token),
        Ok(hello) => Err(Refusal::Version(hello.version)),
        Err(_) if ClientSignal::decode(text.as_bytes()).is_ok() => {
            Err(Refusal::OutOfOrder("a signal before its hello"))
        }
        Err(error) => Err(error.into()),
    }
}

impl Relay {
    pub fn new(session: SessionId, viewer: ViewerId, now: Instant) -> Self {
        let until = now + HELLO_TIME;
        Self {
            session,
            viewer,
            state: State::AwaitingHello { until },
        }
    }

    pub fn is_joined(&self) -> bool {
        self.state == State::Joined
    }

    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// When the driver owes an [`Input::Tick`].
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::AwaitingHello { until }
            | State::Dialing { until }
            | State::AwaitingWelcome { until } => Some(until),
            State::Redeeming | State::Joined | State::Closed => None,
        }
    }

    pub fn handle(&mut self, input: Input<'_>, now: Instant) -> Vec<Effect> {
        if self.is_closed() {
            return Vec::new();
        }
        match input {
            Input::Text(text) => self.text(text),
            Input::WrongMessage => self.refuse(&Refusal::WrongMessage),
            Input::BrowserLeft => self.browser_left(),
            Input::Redeemed(outcome) => self.redeemed(outcome, now),
            Input::Dialed(outcome) => self.dialed(outcome),
            Input::Frame(payload) => self.frame(payload),
            Input::LinkClosed => self.refuse(&Refusal::StreamerLeft),
            Input::Tick => self.tick(now),
            Input::Stop => self.close(Closing::GoingAway),
        }
    }

    fn text(&mut self, text: &str) -> Vec<Effect> {
        match self.state {
            State::AwaitingHello { .. } => self.hello(text),
            State::Redeeming
            | State::Dialing { .. }
            | State::AwaitingWelcome { .. }
            | State::Joined => self.signal(text),
            State::Closed => Vec::new(),
        }
    }

    fn hello(&mut self, text: &str) -> Vec<Effect> {
        match read_hello(text) {
            Ok(token) => {
                self.state = State::Redeeming;
                vec![Effect::Redeem(token)]
            }
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn signal(&mut self, text: &str) -> Vec<Effect> {
        match ClientSignal::decode(text.as_bytes()) {
            Ok(ClientSignal::Bye) => self.browser_left(),
            Ok(signal) if self.is_joined() => vec![Effect::SendLink(signal)],
            Ok(_) => self.refuse(&Refusal::OutOfOrder("a signal before the welcome")),
            Err(_) if Hello::decode(text.as_bytes()).is_ok() => {
                self.refuse(&Refusal::OutOfOrder("a second hello"))
            }
            Err(error) => self.refuse(&error.into()),
        }
    }

    /// The streamer is told, so that it need not find out by itself.
    fn browser_left(&mut self) -> Vec<Effect> {
        let mut effects = self.farewell();
        effects.extend(self.close(Closing::Normal));
        effects
    }

    /// What has no farewell goes on without its gateway: a connection that stands outlives a gateway's end.
    fn farewell(&self) -> Vec<Effect> {
        match self.state {
            State::AwaitingWelcome { .. } | State::Joined => {
                vec![Effect::SendLink(ClientSignal::Bye)]
            }
            State::AwaitingHello { .. }
            | State::Redeeming
            | State::Dialing { .. }
            | State::Closed => Vec::new(),
        }
    }

    fn redeemed(&mut self, outcome: Result<Claims, TicketError>, now: Instant) -> Vec<Effect> {
        match (self.state, outcome) {
            (State::Redeeming, Ok(claims)) => {
                let until = now + WELCOME_TIME;
                self.state = State::Dialing { until };
                vec![Effect::Dial(Box::new(claims))]
            }
            (State::Redeeming, Err(error)) => self.refuse(&error.into()),
            (
                State::AwaitingHello { .. }
                | State::Dialing { .. }
                | State::AwaitingWelcome { .. }
                | State::Joined
                | State::Closed,
                _,
            ) => Vec::new(),
        }
    }

    fn dialed(&mut self, outcome: Result<(), Refusal>) -> Vec<Effect> {
        match (self.state, outcome) {
            (State::Dialing { until }, Ok(())) => {
                self.state = State::AwaitingWelcome { until };
                Vec::new()
            }
            (State::Dialing { .. }, Err(refusal)) => self.refuse(&refusal),
            (
                State::AwaitingHello { .. }
                | State::Redeeming
                | State::AwaitingWelcome { .. }
                | State::Joined
                | State::Closed,
                _,
            ) => Vec::new(),
        }
    }

    fn frame(&mut self, payload: &[u8]) -> Vec<Effect> {
        let Ok(signal) = ServerSignal::decode(payload) else {
            return self.refuse(&Refusal::StreamerMalformed);
        };
        match (self.state, &signal) {
            (_, &ServerSignal::Error { code, retry, .. }) => {
                let mut effects = vec![Effect::SendBrowser(signal)];
                effects.extend(self.close(Closing::Refused { code, retry }));
                effects
            }
            (State::AwaitingWelcome { .. }, ServerSignal::Welcome { .. })
                if self.is_ours(&signal) =>
            {
                self.state = State::Joined;
                vec![Effect::SendBrowser(signal)]
            }
            (State::Joined, ServerSignal::Answer { .. } | ServerSignal::Candidate(_)) => {
                vec![Effect::SendBrowser(signal)]
            }
            (State::Joined, ServerSignal::Active) => vec![Effect::NoteActivity],
            (_, ServerSignal::Welcome { .. } | ServerSignal::Active)
            | (_, ServerSignal::Answer { .. } | ServerSignal::Candidate(_))
            // By WebRTC clipboards have a channel of their own.
            | (_, ServerSignal::Copied { .. }) => {
                self.refuse(&Refusal::StreamerMalformed)
            }
        }
    }

    /// The role is the streamer's to say: owners change it while the session runs.
    fn is_ours(&self, signal: &ServerSignal) -> bool {
        matches!(signal, ServerSignal::Welcome { session, viewer, .. }
            if *session == self.session && *viewer == self.viewer)
    }

    fn tick(&mut self, now: Instant) -> Vec<Effect> {
        match self.state {
            State::AwaitingHello { until } if until <= now => self.refuse(&Refusal::NoHello),
            State::Dialing { until, .. } | State::AwaitingWelcome { until, .. } if until <= now => {
                self.refuse(&Refusal::StreamerUnreachable)
            }
            State::AwaitingHello { .. }
            | State::Redeeming
            | State::Dialing { .. }
            | State::AwaitingWelcome { .. }
            | State::Joined
            | State::Closed => Vec::new(),
        }
    }

    fn refuse(&mut self, refusal: &Refusal) -> Vec<Effect> {
        let mut effects = self.farewell();
        effects.push(Effect::SendBrowser(refusal.signal()));
        effects.extend(self.close(refusal.closing()));
        effects
    }

    fn close(&mut self, closing: Closing) -> Vec<Effect> {
        self.state = State::Closed;
        vec![Effect::Close(closing)]
    }
}

#[cfg(test)]
mod tests;
