//! One signaling WebSocket: hands what happens to its [`Relay`] and does what comes back.

use std::{collections::VecDeque, future::pending, time::Instant};

use axum::extract::ws::{Message, WebSocket};
use streamspace_protocol::{ClientSignal, ServerSignal, ViewerPath, Wire};
use streamspace_traces::OpenSpan;
use tokio::time::{sleep_until, timeout};

use super::{
    browser::{Browser, Received},
    gateway::Connection,
    link::Link,
    slots::ViewerSlot,
};
use crate::{
    Closing, Refusal,
    relay::{Effect, Input, Relay, WELCOME_TIME},
    ticket::Claims,
    turn::Pass,
};

/// Twice what a signal may have, so that a somewhat larger one is refused with a reason.
pub(super) const MAX_MESSAGE_BYTES: usize = 2 * ClientSignal::MAX_BYTES;

struct Socket {
    connection: Connection,
    browser: Browser,
    relay: Relay,
    /// The link to the streamer, with the place in the session that it takes.
    link: Option<(Link, ViewerSlot)>,
    /// To the session's streamer, by way of a TURN server.
    pass: Option<Pass>,
    closing: Closing,
}

pub(super) async fn run(socket: WebSocket, connection: Connection) {
    let mut socket = Socket {
        relay: Relay::new(
            connection.session.clone(),
            connection.viewer,
            Instant::now(),
        ),
        browser: Browser::new(socket),
        connection,
        link: None,
        pass: None,
        closing: Closing::Normal,
    };
    let mut stopping = socket.connection.stopping.clone();
    while !socket.relay.is_closed() {
        // Around all of a turn: one that waits for a peer to read must not hold up the stop.
        tokio::select! {
            () = socket.turn() => (),
            () = stopping.stopped() => socket.stop().await,
        }
    }
    let Socket {
        link,
        pass,
        closing,
        browser,
        ..
    } = socket;
    if link.is_some() {
        tracing::info!(?closing, "viewer left signaling");
    }
    drop((link, pass));
    browser.close(closing).await;
}

impl Socket {
    /// Waits for one thing to happen and deals with it.
    async fn turn(&mut self) {
        let deadline = self.relay.deadline();
        let link = &mut self.link;
        let effects = tokio::select! {
            received = self.browser.inbound.receive() => self.relay.handle(input(&received), Instant::now()),
            frame = next_frame(link) => {
                let input = frame.as_deref().map_or(Input::LinkClosed, Input::Frame);
                self.relay.handle(input, Instant::now())
            }
            () = at(deadline) => self.relay.handle(Input::Tick, Instant::now()),
            pinged = self.browser.outbound.ping_when_due() => match pinged {
                Ok(()) => Vec::new(),
                Err(_) => self.relay.handle(Input::BrowserLeft, Instant::now()),
            },
        };
        self.apply(effects).await;
    }

    async fn stop(&mut self) {
        let effects = self.relay.handle(Input::Stop, Instant::now());
        self.apply(effects).await;
    }

    async fn apply(&mut self, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            if let Some(input) = self.perform(effect).await {
                effects.extend(self.relay.handle(input, Instant::now()));
            }
        }
    }

    /// Does one thing, and tells what came of it where the relay wants to know.
    async fn perform(&mut self, effect: Effect) -> Option<Input<'static>> {
        match effect {
            Effect::Redeem(token) => Some(Input::Redeemed(self.connection.redeem(token.expose()))),
            Effect::Dial(claims) => {
                let outcome = timeout(WELCOME_TIME, self.dial(&claims)).await;
                let outcome = outcome.unwrap_or(Err(Refusal::StreamerUnreachable));
                Some(Input::Dialed(outcome))
            }
            Effect::SendBrowser(signal) => self.send_browser(signal).await,
            Effect::SendLink(signal) => self.send_link(&signal).await,
            Effect::NoteActivity => {
                self.connection.note_activity();
                None
            }
            Effect::Close(closing) => {
                self.closing = closing;
                None
            }
        }
    }

    async fn dial(&mut self, claims: &Claims) -> Result<(), Refusal> {
        let span = self.connection.begin(claims);
        let trace = span.as_ref().map(OpenSpan::context);
        let (slot, endpoint) = self.connection.locate().await?;
        let viewer = self.connection.viewer;
        let link = Link::open(&endpoint, viewer, claims, ViewerPath::Webrtc, trace).await?;
        if let Some(span) = span {
            span.end("join session".to_owned(), Vec::new());
        }
        self.link = Some((link, slot));
        self.pass = self.connection.relay(claims, &endpoint);
        tracing::info!(role = ?claims.role, "viewer joined signaling");
        Ok(())
    }

    async fn send_browser(&mut self, mut signal: ServerSignal) -> Option<Input<'static>> {
        if let Some(pass) = &self.pass {
            pass.accompany(&mut signal);
        }
        let sent = self
            .browser
            .outbound
            .send(Message::text(signal.encode()))
            .await;
        sent.is_err().then_some(Input::BrowserLeft)
    }

    async fn send_link(&mut self, signal: &ClientSignal) -> Option<Input<'static>> {
        let (link, _) = self.link.as_mut()?;
        link.send(signal)
            .await
            .is_err()
            .then_some(Input::LinkClosed)
    }
}

fn input(received: &Received) -> Input<'_> {
    match received {
        Received::Text(text) => Input::Text(text.as_str()),
        Received::Binary(_) | Received::Broken => Input::WrongMessage,
        Received::Left => Input::BrowserLeft,
    }
}

async fn next_frame(link: &mut Option<(Link, ViewerSlot)>) -> Option<Vec<u8>> {
    match link {
        Some((link, _)) => link.next_frame().await,
        None => pending().await,
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => pending().await,
    }
}
