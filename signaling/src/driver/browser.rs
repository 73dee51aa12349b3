//! The gateway's end of a browser's WebSocket.

use std::{future::pending, time::Duration};

use axum::{
    Error,
    body::Bytes,
    extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket},
};
use futures_util::{
    SinkExt, StreamExt, stream,
    stream::{SplitSink, SplitStream},
};
use streamspace_protocol::Wire;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout, timeout_at};

use crate::{Closing, Refusal};

const PING_EVERY: Duration = Duration::from_secs(20);
/// A browser that answers no ping for this long is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a browser may take to read a message.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait for the browser's own close frame, so that ours is not lost with the connection.
const FAREWELL: Duration = Duration::from_secs(2);

pub(super) struct Browser {
    pub(super) inbound: Inbound,
    pub(super) outbound: Outbound,
}

pub(super) struct Inbound {
    stream: SplitStream<WebSocket>,
    last_heard: Instant,
    /// Nothing can be read any more, though the browser may still be sending.
    broken: bool,
}

pub(super) struct Outbound {
    sink: SplitSink<WebSocket, Message>,
    ping: Interval,
}

/// What a browser sent.
#[derive(Debug)]
pub(super) enum Received {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// A message over the size limit, or one that breaks the WebSocket's rules.
    Broken,
    /// Closed, or silent for too long.
    Left,
}

impl Browser {
    pub(super) fn new(socket: WebSocket) -> Self {
        let (sink, stream) = socket.split();
        let now = Instant::now();
        let mut ping = interval_at(now + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            inbound: Inbound {
                stream,
                last_heard: now,
                broken: false,
            },
            outbound: Outbound { sink, ping },
        }
    }

    /// Sends the close frame and lets the browser's arrive.
    pub(super) async fn close(self, closing: Closing) {
        self.part(Vec::new(), closing).await;
    }

    /// Says why in a last text message, on signaling and VNC sockets alike, then closes.
    pub(super) async fn refuse(self, refusal: &Refusal) {
        let reason = Message::text(refusal.signal().encode());
        self.part(vec![reason], refusal.closing()).await;
    }

    async fn part(mut self, mut last: Vec<Message>, closing: Closing) {
        let (code, reason) = closing.frame();
        last.push(Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })));
        let farewell = async {
            let mut last = stream::iter(last.into_iter().map(Ok));
            let sent = self.outbound.sink.send_all(&mut last).await;
            while sent.is_ok() && matches!(self.inbound.stream.next().await, Some(Ok(_))) {}
            if self.inbound.broken {
                // Unread bytes reset the connection when it closes: not before the frame is read.
                pending().await
            }
        };
        // A browser that does not answer has had its time.
        let _ = timeout(FAREWELL, farewell).await;
    }
}

impl Inbound {
    /// The next message. Nothing is lost if this is dropped before it is ready.
    pub(super) async fn receive(&mut self) -> Received {
        loop {
            let Ok(message) = timeout_at(self.last_heard + SILENCE, self.stream.next()).await
            else {
                return Received::Left;
            };
            self.last_heard = Instant::now();
            match message {
                Some(Ok(Message::Text(text))) => return Received::Text(text),
                Some(Ok(Message::Binary(bytes))) => return Received::Binary(bytes),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => (),
                Some(Ok(Message::Close(_))) | None => return Received::Left,
                Some(Err(_)) => {
                    self.broken = true;
                    return Received::Broken;
                }
            }
        }
    }
}

impl Outbound {
    /// Waits for the network to take the message, so nothing piles up here.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), Error> {
        timeout(PATIENCE, self.sink.send(message))
            .await
            .unwrap_or_else(|elapsed| Err(Error::new(elapsed)))
    }

    /// Sends a ping each time one is due. Dropped before it is ready, it loses a ping at most.
    pub(super) async fn ping_when_due(&mut self) -> Result<(), Error> {
        self.ping.tick().await;
        self.send(Message::Ping(Bytes::new())).await
    }
}
