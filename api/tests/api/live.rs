//! A real server on a port: WebSockets, and how it stops.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use streamspace_api::{Api, ApiConfig, serve};
use streamspace_protocol::{
    Code, DisplaySize, FrameDecoder, Hello, Join, LinkHello, PROTOCOL_VERSION, ServerSignal, Wire,
    encode_frame,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{backend::MapBackend, client::Server};

/// Far more than anything here takes; a test that hits it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

type WebSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

struct Live {
    server: Server,
    address: SocketAddr,
    streamer: UnixListener,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    _folder: TempDir,
}

impl Live {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut backend = MapBackend::default();
        backend.folder = folder.path().into();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let config = ApiConfig::new(address, folder.path().into());
        let server = Server::with(config, backend).await;
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(run(listener, server.api.clone(), stopped));
        Self {
            streamer: UnixListener::bind(folder.path().join("streamer")).expect("a socket"),
            server,
            address,
            stop,
            serving,
            _folder: folder,
        }
    }

    async fn join(&self) -> Join {
        let headers = [("host", self.address.to_string())];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let line = "POST /api/v1/sessions/desk/connect";
        let answer = self
            .server
            .call_with(self.server.key().await, line, &headers, "")
            .await;
        answer.json()
    }

    async fn open(&self, join: &Join) -> WebSocket {
        let address = format!("ws://{}{}", self.address, join.signal_path);
        let (mut socket, _) = connect_async(address).await.expect("the server listens");
        let hello = Hello {
            version: PROTOCOL_VERSION,
            token: join.token.clone(),
        };
        socket
            .send(Message::text(hello.encode()))
            .await
            .expect("sent");
        socket
    }

    /// The streamer's side of the next link, which takes the viewer in.
    async fn welcome(&self) -> UnixStream {
        let (mut link, _) = self.streamer.accept().await.expect("a link");
        let mut decoder = FrameDecoder::default();
        let hello = loop {
            if let Some(payload) = decoder.next_frame().expect("a frame") {
                break LinkHello::decode(&payload).expect("a hello");
            }
            let mut buffer = [0; 1024];
            let length = link.read(&mut buffer).await.expect("readable");
            decoder.push(&buffer[..length]);
        };
        let welcome = ServerSignal::Welcome {
            session: "desk".parse().expect("a valid name"),
            viewer: hello.viewer,
            role: hello.role,
            display: DisplaySize {
                width: 640,
                height: 480,
            },
            ice_servers: Vec::new(),
            resume: None,
        };
        link.write_all(&encode_frame(&welcome)).await.expect("sent");
        link
    }
}

async fn run(
    listener: TcpListener,
    api: Api,
    stopped: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    // A test that panics drops the sender, which stops the server as well.
    let shutdown = async { drop(stopped.await) };
    serve(listener, &api, shutdown).await
}

async fn signal(socket: &mut WebSocket) -> ServerSignal {
    let message = timeout(PATIENCE, socket.next()).await.expect("in time");
    let message = message.expect("a message").expect("readable");
    let text = message.to_text().expect("text");
    ServerSignal::decode(text.as_bytes()).expect("a signal")
}

#[tokio::test]
async fn a_server_that_starts_ends_the_sign_ins_of_the_one_before_unless_others_share_them() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let served = serve(listener, &server.api, async {}).await;
    served.expect("no error");
    let me = server.call(cookie, "GET /api/v1/auth/me", None).await;
    match server.accounts.is_shared() {
        true => assert_eq!(me.status, 200),
        false => assert_eq!(me.problem(), (401, Code::Unauthenticated)),
    }
}

#[tokio::test]
async fn a_join_token_opens_one_socket() {
    let live = Live::start().await;
    let join = live.join().await;
    let mut first = live.open(&join).await;
    let _link = live.welcome().await;
    assert!(matches!(
        signal(&mut first).await,
        ServerSignal::Welcome { .. }
    ));

    let mut replay = live.open(&join).await;
    let refused = signal(&mut replay).await;
    assert!(
        matches!(
            refused,
            ServerSignal::Error {
                code: Code::TokenUsed,
                ..
            }
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_server_that_stops_ends_its_sockets_and_returns() {
    let live = Live::start().await;
    let mut socket = live.open(&live.join().await).await;
    let mut link = live.welcome().await;
    signal(&mut socket).await;

    live.stop.send(()).expect("the server runs");
    let last = timeout(PATIENCE, socket.next()).await.expect("in time");
    let Some(Ok(Message::Close(Some(frame)))) = last else {
        panic!("not a close frame: {last:?}");
    };
    assert_eq!(u16::from(frame.code), 1001);
    drop(socket);
    let stopped = timeout(PATIENCE, live.serving).await.expect("in time");
    stopped.expect("no panic").expect("no error");
    let rest = link.read(&mut [0; 64]).await.expect("readable");
    assert_eq!(rest, 0, "the streamer's link is over");
    assert!(TcpStream::connect(live.address).await.is_err());
}
