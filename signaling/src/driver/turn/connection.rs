//! TURN over TCP and TLS: one task a connection.

use std::{convert::Infallible, future::pending, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_rustls::TlsAcceptor;

use super::{
    now,
    relay::{Happened, Relay},
};
use crate::turn::{Client, Effect, Framer, Rules, TurnLimits};

/// How long a connection may take to make an allocation, the TLS handshake included.
const ALLOCATE_TIME: Duration = Duration::from_secs(10);
/// How long a client may take to read anything at all.
const STUCK_TIME: Duration = Duration::from_secs(30);
const READ_BYTES: usize = 8 * 1024;
/// While so much waits to be sent, peers' datagrams are left in the kernel, which drops what is too much.
const MEDIA_WAITING_BYTES: usize = 16 * 1024;
/// While so much does, nothing more is read of the client.
const WAITING_BYTES: usize = 64 * 1024;

/// For connections, over TCP and TLS together.
#[derive(Clone)]
pub(super) struct Room(Arc<Semaphore>);

impl Room {
    pub(super) fn new(limits: TurnLimits) -> Self {
        let places = limits.connections.min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(places)))
    }
}

/// Serves everyone who connects. When there is no room, they wait in the kernel's queue.
pub(super) async fn serve(
    mut listener: TcpListener,
    tls: Option<TlsAcceptor>,
    rules: Arc<Rules>,
    room: Room,
) -> Infallible {
    let mut tasks = JoinSet::new();
    loop {
        let place = Arc::clone(&room.0).acquire_owned().await;
        let place = place.expect("it is never closed");
        let (stream, address) = Listener::accept(&mut listener).await;
        let (client, tls) = (Client::new(rules.clone(), address), tls.clone());
        tasks.spawn(async move {
            if let Err(error) = attend(stream, tls, client).await {
                tracing::debug!(%error, "a TURN connection broke");
            }
            drop(place);
        });
        while tasks.try_join_next().is_some() {}
    }
}

async fn attend(stream: TcpStream, tls: Option<TlsAcceptor>, client: Client) -> io::Result<()> {
    let allocate_by = Instant::now() + ALLOCATE_TIME;
    stream.set_nodelay(true)?;
    match tls {
        None => Connection::new(stream).run(client, allocate_by).await,
        Some(tls) => {
            let mut stream = timeout(ALLOCATE_TIME, tls.accept(stream)).await??;
            // What waits there is as late as what waits here.
            let (_, session) = stream.get_mut();
            session.set_buffer_limit(Some(MEDIA_WAITING_BYTES));
            Connection::new(stream).run(client, allocate_by).await
        }
    }
}

struct Connection<Stream> {
    reader: ReadHalf<Stream>,
    writer: Writer<Stream>,
    framer: Framer,
}

impl<Stream: AsyncRead + AsyncWrite> Connection<Stream> {
    fn new(stream: Stream) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader,
            writer: Writer::new(writer),
            framer: Framer::default(),
        }
    }

    async fn run(mut self, client: Client, allocate_by: Instant) -> io::Result<()> {
        let Some(mut relay) = self.until_allocated(client, allocate_by).await? else {
            return self.writer.finish().await;
        };
        self.take_messages(&mut relay)?;
        let mut buffer = vec![0; READ_BYTES];
        loop {
            tokio::select! {
                read = self.reader.read(&mut buffer), if self.writer.waiting() < WAITING_BYTES => {
                    match read? {
                        0 => return Ok(()),
                        length => self.framer.push(&buffer[..length]),
                    }
                    self.take_messages(&mut relay)?;
                }
                wrote = self.writer.advance() => wrote?,
                happened = relay.next(), if self.writer.waiting() < MEDIA_WAITING_BYTES => {
                    match happened {
                        Happened::Datagram { from, bytes } => {
                            self.pass_on(&mut relay, (from, bytes));
                        }
                        Happened::Ended => break,
                    }
                }
            }
        }
        // First, so that whoever sees the end finds the place free.
        drop(relay);
        self.writer.finish().await
    }

    /// Talks with a client until it has an allocation, or has had time enough; `None` if it gets none.
    async fn until_allocated(
        &mut self,
        mut client: Client,
        allocate_by: Instant,
    ) -> io::Result<Option<Relay>> {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            while let Some(message) = self.framer.next_message().map_err(io::Error::other)? {
                match client.receive(&message, now()) {
                    Some(Effect::Reply(answer)) => self.writer.push(&answer),
                    Some(Effect::Open(ip)) => {
                        let (relay, answer) = Relay::open(client, ip).await;
                        answer.iter().for_each(|answer| self.writer.push(answer));
                        return Ok(relay);
                    }
                    Some(Effect::Relay { .. }) | None => (),
                }
            }
            tokio::select! {
                read = self.reader.read(&mut buffer), if self.writer.waiting() < WAITING_BYTES => {
                    match read? {
                        0 => return Ok(None),
                        length => self.framer.push(&buffer[..length]),
                    }
                }
                wrote = self.writer.advance() => wrote?,
                () = sleep_until(allocate_by) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }

    fn take_messages(&mut self, relay: &mut Relay) -> io::Result<()> {
        while let Some(message) = self.framer.next_message().map_err(io::Error::other)? {
            match relay.client.receive(&message, now()) {
                Some(Effect::Reply(answer)) => self.writer.push(&answer),
                Some(Effect::Relay { peer, data }) => relay.send(data, peer),
                Some(Effect::Open(_)) | None => (),
            }
        }
        Ok(())
    }

    /// Passes on what a peer has sent, and what came right behind it, as far as it can be sent.
    fn pass_on(&mut self, relay: &mut Relay, first: (SocketAddr, usize)) {
        let mut next = Some(first);
        while let Some((from, bytes)) = next {
            if let Some(wrapped) = relay.wrapped(from, bytes) {
                self.writer.push(&wrapped);
            }
            let has_room = self.writer.waiting() < MEDIA_WAITING_BYTES;
            next = if has_room { relay.next_at_once() } else { None };
        }
    }
}

/// What waits to be sent. Waiting for the client to read keeps nothing else from being done.
struct Writer<Stream> {
    stream: WriteHalf<Stream>,
    bytes: Vec<u8>,
    sent: usize,
    /// TLS keeps what it has taken until it is told.
    is_flushed: bool,
    /// When the client has to have read something.
    stuck_by: Instant,
}

impl<Stream: AsyncWrite> Writer<Stream> {
    fn new(stream: WriteHalf<Stream>) -> Self {
        Self {
            stream,
            bytes: Vec::new(),
            sent: 0,
            is_flushed: true,
            stuck_by: Instant::now(),
        }
    }

    fn waiting(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// In a stream, messages are padded (RFC 8656, section 12.5).
    fn push(&mut self, message: &[u8]) {
        if self.is_idle() {
            self.stuck_by = Instant::now() + STUCK_TIME;
        }
        self.bytes.drain(..std::mem::take(&mut self.sent));
        self.bytes.extend_from_slice(message);
        let padding = message.len().next_multiple_of(4) - message.len();
        self.bytes.extend_from_slice(&[0; 4][..padding]);
    }

    /// Sends a piece. Never ready while nothing waits; nothing is lost if it is dropped before it is.
    async fn advance(&mut self) -> io::Result<()> {
        if self.is_idle() {
            return pending().await;
        }
        timeout_at(self.stuck_by, self.step()).await??;
        self.stuck_by = Instant::now() + STUCK_TIME;
        Ok(())
    }

    async fn step(&mut self) -> io::Result<()> {
        if self.waiting() == 0 {
            self.stream.flush().await?;
            self.is_flushed = true;
        } else {
            self.sent += self.stream.write(&self.bytes[self.sent..]).await?;
            self.is_flushed = false;
        }
        Ok(())
    }

    fn is_idle(&self) -> bool {
        self.waiting() == 0 && self.is_flushed
    }

    /// Sends what is left, and the end.
    async fn finish(mut self) -> io::Result<()> {
        while !self.is_idle() {
            self.advance().await?;
        }
        timeout(STUCK_TIME, self.stream.shutdown()).await?
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;
    use crate::turn::{Grants, SharedSecret};

    fn stranger() -> Client {
        let secret = SharedSecret::random().expect("randomness");
        let grants = Arc::new(Grants::new(TurnLimits::default()));
        let rules = Rules::new(secret, grants, &[]).expect("randomness");
        Client::new(Arc::new(rules), ([192, 0, 2, 1], 5000).into())
    }

    /// On the tests' clock, which jumps ahead when nothing else happens.
    #[tokio::test(start_paused = true)]
    async fn whoever_connects_and_makes_no_allocation_is_let_go() {
        let (mut client, server) = duplex(4096);
        let start = Instant::now();
        let connection = Connection::new(server);
        let serving = tokio::spawn(connection.run(stranger(), start + ALLOCATE_TIME));
        let binding = b"\0\x01\0\0\x21\x12\xa4\x42transaction.";
        client.write_all(binding).await.expect("sent");
        let mut answer = [0; 32];
        client.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(answer[..2], [1, 1]);
        let error = serving.await.expect("no panic").expect_err("let go");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed(), ALLOCATE_TIME);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_reads_nothing_is_let_go_and_whoever_reads_slowly_is_not() {
        let (mut client, server) = duplex(64);
        let (_reader, writer) = tokio::io::split(server);
        let mut writer = Writer::new(writer);
        writer.push(&[7; 200]);
        for _ in 0..3 {
            writer.advance().await.expect("a piece is sent");
            tokio::time::advance(STUCK_TIME - Duration::from_secs(1)).await;
            client
                .read_exact(&mut [0; 64])
                .await
                .expect("a piece is read");
        }
        writer.push(&[7; 199]);
        writer
            .advance()
            .await
            .expect("as much as there is room for");
        let start = Instant::now();
        let error = writer.advance().await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed(), STUCK_TIME);
    }
}
