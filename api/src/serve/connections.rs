//! One task a connection, and no more of them than there is room for.
//!
//! `axum::serve` does the same without a limit on their number and on how long a request's head may
//! take.

use std::{convert::Infallible, io, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, header},
    middleware::{self, Next},
    response::Response,
    serve::Listener,
};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use super::placed_stream::PlacedStream;
use crate::guesses::PeerAddress;

/// How long the head of a request may take, from the connection's start or the last answer on. So it
/// is also how long a connection may idle; browsers open a new one without a word.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a TLS handshake may take. Meanwhile it has a place like any connection, so that there are no
/// more of them than there is room for.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

pub(super) struct Connections {
    router: Router,
    tls: Option<TlsAcceptor>,
    room: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Connections {
    /// At most `places` connections at once, WebSockets among them.
    pub(super) fn new(router: Router, tls: Option<TlsAcceptor>, places: usize) -> Self {
        Self {
            router: router.layer(middleware::from_fn(end_after_pieces)),
            tls,
            room: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            stopping: watch::Sender::new(false),
            tasks: JoinSet::new(),
        }
    }

    /// Serves everyone who connects. When there is no room, they wait in the kernel's queue.
    pub(super) async fn take_from(&mut self, mut listener: TcpListener) -> Infallible {
        loop {
            let place = Arc::clone(&self.room).acquire_owned().await;
            let place = place.expect("it is never closed");
            let (stream, peer) = Listener::accept(&mut listener).await;
            // Keys and pointer moves are small and cannot wait for more.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY is not to be had");
            }
            let visit = Visit {
                place,
                peer: peer.ip(),
                router: self.router.clone(),
                stopping: self.stopping.subscribe(),
            };
            let tls = self.tls.clone();
            self.tasks.spawn(async move {
                if let Err(error) = visit.begin(stream, tls).await {
                    tracing::debug!(%error, "connection broken");
                }
            });
            // What came of those that have ended does not matter; it must not pile up either.
            while self.tasks.try_join_next().is_some() {}
        }
    }

    /// Returns when the requests under way are answered. Dropped before, it breaks them off.
    pub(super) async fn finish(mut self) {
        self.stopping.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// One connection, from its first byte to its last or until it becomes a WebSocket.
struct Visit {
    place: OwnedSemaphorePermit,
    peer: IpAddr,
    router: Router,
    stopping: watch::Receiver<bool>,
}

impl Visit {
    async fn begin(self, stream: TcpStream, tls: Option<TlsAcceptor>) -> io::Result<()> {
        match tls {
            None => self.answer(stream).await,
            Some(tls) => {
                let stream = timeout(HANDSHAKE_TIME, tls.accept(stream)).await??;
                self.answer(stream).await
            }
        }
    }

    /// Answers requests until either side has enough.
    async fn answer<Stream>(mut self, stream: Stream) -> io::Result<()>
    where
        Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = PlacedStream {
            stream,
            _place: self.place,
        };
        let peer = self.peer;
        let router = TowerToHyperService::new(self.router);
        let service = service_fn(|mut request: Request<Incoming>| {
            request.extensions_mut().insert(PeerAddress(peer));
            router.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let stopped = async { drop(self.stopping.wait_for(|stopping| *stopping).await) };
        let outcome = tokio::select! {
            outcome = connection.as_mut() => outcome,
            () = stopped => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        outcome.map_err(io::Error::other)
    }
}

/// A body in pieces may come with a length as well, of which we take no notice and a proxy in front of us may.
/// What follows such a request on its connection could then be another one's beginning to the two
/// (RFC 9112, section 6.1), so nothing may follow.
async fn end_after_pieces(request: Request<Body>, next: Next) -> Response {
    let is_in_pieces = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    if is_in_pieces {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::{extract::WebSocketUpgrade, routing::get};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        task::JoinHandle,
        time::Instant,
    };
    use tokio_rustls::rustls::{
        ServerConfig, crypto::ring::default_provider, server::ResolvesServerCertUsingSni,
    };

    use super::*;

    /// On the tests' clock, which jumps ahead when nothing else happens.
    const LONG: Duration = Duration::from_secs(3600);

    const REQUEST: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    async fn start(places: usize) -> (SocketAddr, JoinHandle<Infallible>) {
        start_with(None, places).await
    }

    async fn start_with(
        tls: Option<TlsAcceptor>,
        places: usize,
    ) -> (SocketAddr, JoinHandle<Infallible>) {
        let socket = async |upgrade: WebSocketUpgrade| {
            upgrade.on_upgrade(async |mut socket| while socket.recv().await.is_some() {})
        };
        let router = Router::new()
            .route("/", get(async || "hello"))
            .route("/socket", get(socket));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let mut connections = Connections::new(router, tls, places);
        let serving = tokio::spawn(async move { connections.take_from(listener).await });
        (address, serving)
    }

    async fn connect(address: SocketAddr, say: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.expect("the port is open");
        stream.write_all(say.as_bytes()).await.expect("sent");
        stream
    }

    async fn everything(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        let read = timeout(LONG, stream.read_to_string(&mut text)).await;
        read.expect("in time").expect("text");
        text
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_is_not_waited_for() {
        let (address, _serving) = start(10).await;
        for beginning in ["", "GET / HTTP/1.1\r\nhost: "] {
            let mut slow = connect(address, beginning).await;
            let rest = timeout(LONG, slow.read(&mut [0; 1])).await;
            assert!(matches!(rest.expect("in time"), Ok(0) | Err(_)));
        }
    }

    /// After each comes a second request, which a proxy may have taken for a part of the first.
    #[tokio::test(start_paused = true)]
    async fn no_request_is_smuggled_in_behind_another_one() {
        let (address, _serving) = start(10).await;
        for (head, answers) in [
            (
                "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "405",
            ),
            (
                "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
                "405",
            ),
            (
                "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 0\r\n\r\n",
                "400",
            ),
            (
                "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +0\r\n\r\n",
                "400",
            ),
            (
                "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n",
                "400",
            ),
            (
                "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n",
                "400",
            ),
            (
                "POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "400",
            ),
            (
                "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n",
                "400",
            ),
            ("POST / HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n", "400"),
        ] {
            let mut stream = connect(address, &format!("{head}{REQUEST}")).await;
            let answered = everything(&mut stream).await;
            assert!(
                answered.starts_with("HTTP/1.") && answered[9..].starts_with(answers),
                "{head}: {answered}"
            );
            assert_eq!(answered.matches("HTTP/1.").count(), 1, "{head}: {answered}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_handshake_that_does_not_end_keeps_its_place_for_a_while_only() {
        let tls = TlsAcceptor::from(Arc::new(
            ServerConfig::builder_with_provider(Arc::new(default_provider()))
                .with_safe_default_protocol_versions()
                .expect("versions")
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new())),
        ));
        let (address, _serving) = start_with(Some(tls), 1).await;
        let started = Instant::now();
        // The beginning of a hello, and nothing more of it.
        let mut slow = TcpStream::connect(address).await.expect("open");
        slow.write_all(&[0x16, 3, 1, 2, 0]).await.expect("sent");
        let mut next = TcpStream::connect(address).await.expect("open");
        next.write_all(b"no TLS at all").await.expect("sent");
        let answer = timeout(LONG, next.read(&mut [0; 64])).await;
        assert!(answer.is_ok(), "the second one got its turn");
        assert_eq!(started.elapsed().as_secs(), HANDSHAKE_TIME.as_secs());
        let rest = timeout(LONG, slow.read(&mut [0; 1])).await;
        assert!(matches!(rest.expect("in time"), Ok(0) | Err(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_finds_no_place_waits_for_one() {
        let (address, _serving) = start(1).await;
        let started = Instant::now();
        let _idle = connect(address, "").await;
        let mut next = connect(address, REQUEST).await;
        assert!(everything(&mut next).await.ends_with("hello"));
        assert!(started.elapsed() >= HEAD_TIME, "the first one had its time");
    }

    #[tokio::test(start_paused = true)]
    async fn a_websocket_keeps_its_place_until_it_ends() {
        let (address, _serving) = start(1).await;
        let upgrade = "GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\
            upgrade: websocket\r\nsec-websocket-version: 13\r\n\
            sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let mut socket = connect(address, upgrade).await;
        let mut answer = [0; 12];
        socket.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 101");

        let mut next = connect(address, REQUEST).await;
        let early = timeout(LONG, next.read(&mut [0; 1])).await;
        assert!(early.is_err(), "answered without a place");
        drop(socket);
        assert!(everything(&mut next).await.ends_with("hello"));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_connections_do_not_hold_up_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = Router::new().route("/", get(async || "hello"));
        let mut connections = Connections::new(router, None, 10);
        let idle = async {
            let mut idle = connect(address, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
            let mut answer = [0; 12];
            idle.read_exact(&mut answer).await.expect("an answer");
            idle
        };
        let idle = tokio::select! {
            idle = idle => idle,
            never = connections.take_from(listener) => match never {},
        };
        let started = Instant::now();
        connections.finish().await;
        assert!(started.elapsed() < HEAD_TIME);
        drop(idle);
    }
}
