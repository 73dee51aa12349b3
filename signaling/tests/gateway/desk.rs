//! A gateway with one session, and browsers that call it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use streamspace_protocol::{
    Code, Hello, PROTOCOL_VERSION, Person, PersonId, PersonName, Policy, Role, Secret,
    ServerSignal, SessionId, ShareId, VncLimits, Wire,
};
use streamspace_signaling::{
    Dial, DialError, Directory, Endpoint, Gateway, Limits, Scheme,
    ticket::{self, Issuer},
    turn::{MediaAddresses, Turn},
};
use streamspace_traces::Tracer;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest, http::Response},
};

pub(crate) const STREAMER_KEY: &str = "streamer-key";
pub(crate) const VNC_PASSWORD: &str = "s3cret12";
pub(crate) const VNC_VIEW_PASSWORD: &str = "l00k0nly";
/// Far more than anything here takes; a test that hits it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Desk {
    pub(crate) gateway: Gateway,
    pub(crate) session: SessionId,
    /// How often somebody was said to be active.
    pub(crate) activity: watch::Receiver<u32>,
    issuer: Issuer,
    address: SocketAddr,
}

/// Knows one session, and counts what is said of its activity.
struct OneSession(SessionId, Endpoint, watch::Sender<u32>);

#[async_trait]
impl Directory for OneSession {
    async fn endpoint(&self, session: &SessionId) -> Result<Endpoint, DialError> {
        if *session == self.0 {
            Ok(self.1.clone())
        } else {
            Err(DialError::NotFound(session.clone()))
        }
    }

    fn note_activity(&self, session: &SessionId) {
        assert_eq!(*session, self.0);
        self.2.send_modify(|count| *count += 1);
    }
}

impl Desk {
    /// `folder` holds the session's sockets, `streamer` and `vnc`.
    pub(crate) async fn open(folder: &Path, vnc_password: &str, limits: Limits) -> Self {
        Self::with_vnc(folder, vnc_password, limits, VncLimits::default()).await
    }

    pub(crate) async fn with_vnc(
        folder: &Path,
        vnc_password: &str,
        limits: Limits,
        vnc_limits: VncLimits,
    ) -> Self {
        Self::start(folder, vnc_password, limits, vnc_limits, None).await
    }

    /// Whose viewers may relay. The session's streamer takes media on the loopback device.
    pub(crate) async fn with_turn(folder: &Path, turn: Turn) -> Self {
        let (limits, vnc_limits) = (Limits::default(), VncLimits::default());
        Self::start(folder, VNC_PASSWORD, limits, vnc_limits, Some(turn)).await
    }

    async fn start(
        folder: &Path,
        vnc_password: &str,
        limits: Limits,
        vnc_limits: VncLimits,
        turn: Option<Turn>,
    ) -> Self {
        let session: SessionId = "desk".parse().expect("a valid name");
        let endpoint = Endpoint {
            streamer: Dial::Socket(folder.join("streamer")),
            streamer_key: Secret::new(STREAMER_KEY),
            vnc: Dial::Socket(folder.join("vnc")),
            vnc_password: Secret::new(vnc_password),
            vnc_view_password: Secret::new(VNC_VIEW_PASSWORD),
            vnc_limits,
            policy: Policy::default(),
            media: MediaAddresses {
                addresses: vec![Ipv4Addr::LOCALHOST.into()],
                ..MediaAddresses::default()
            },
        };
        let (issuer, redeemer) = ticket::pair(&[7; 32], 100);
        let (counter, activity) = watch::channel(0);
        let directory = Arc::new(OneSession(session.clone(), endpoint, counter));
        let gateway = Gateway::new(
            directory,
            redeemer,
            limits,
            Scheme::Http,
            turn,
            Tracer::default(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let router = gateway.router::<()>();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            gateway,
            session,
            activity,
            issuer,
            address,
        }
    }

    pub(crate) fn token(&self, role: Role) -> Secret {
        let person = Person {
            id: PersonId::new([1; 16]),
            name: PersonName::cleaned("Ada").expect("a name"),
            share: Some(ShareId::new([2; 8])),
            until_unix_ms: None,
        };
        self.issuer
            .issue(&self.session, role, person, Timestamp::now())
    }

    pub(crate) async fn browser(&self, socket: &str) -> Browser {
        let path = format!("/sessions/{}/{socket}", self.session);
        Browser::connect(&format!("ws://{}{path}", self.address)).await
    }

    /// What the server answers to a WebSocket that a page of `origin` opens.
    pub(crate) async fn status_for_origin(&self, origin: &str) -> u16 {
        let address = format!("ws://{}/sessions/{}/signal", self.address, self.session);
        let mut request = address.into_client_request().expect("an address");
        let origin = origin.replace("{address}", &self.address.to_string());
        request
            .headers_mut()
            .insert("origin", origin.parse().expect("a header"));
        let response: Response<_> = match tokio_tungstenite::connect_async(request).await {
            Ok((_, response)) => response,
            Err(tungstenite::Error::Http(response)) => *response,
            Err(error) => panic!("no answer: {error}"),
        };
        response.status().as_u16()
    }

    /// A browser that has said hello with a good token.
    pub(crate) async fn greeted(&self, socket: &str, role: Role) -> Browser {
        let mut browser = self.browser(socket).await;
        browser.hello(self.token(role)).await;
        browser
    }
}

pub(crate) struct Browser(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Browser {
    async fn connect(address: &str) -> Self {
        let (socket, _) = tokio_tungstenite::connect_async(address)
            .await
            .expect("the gateway listens");
        Self(socket)
    }

    pub(crate) async fn hello(&mut self, token: Secret) {
        let version = PROTOCOL_VERSION;
        self.text(&Hello { version, token }.encode()).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    pub(crate) async fn binary(&mut self, bytes: &[u8]) {
        self.0
            .send(Message::binary(bytes.to_vec()))
            .await
            .expect("sent");
    }

    /// Says `text` over and over, until nobody has taken it for a while.
    pub(crate) async fn text_until_stuck(&mut self, text: &str) {
        let while_taken = Duration::from_secs(1);
        loop {
            let sending = self.0.send(Message::text(text));
            match tokio::time::timeout(while_taken, sending).await {
                Ok(sent) => sent.expect("the gateway keeps the connection"),
                Err(_elapsed) => return,
            }
        }
    }

    pub(crate) async fn leave(mut self) {
        self.0.close(None).await.expect("closed");
    }

    /// The next message that is no ping.
    pub(crate) async fn next(&mut self) -> Message {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match message
                .expect("in time")
                .expect("a message")
                .expect("readable")
            {
                Message::Ping(_) | Message::Pong(_) => (),
                message => return message,
            }
        }
    }

    pub(crate) async fn next_wire<T: Wire>(&mut self) -> T {
        let message = self.next().await;
        let text = message.to_text().expect("text");
        T::decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Code of the reason, and whether to try again; the close frame that follows says the same.
    pub(crate) async fn refused(&mut self) -> (Code, bool) {
        let signal = self.next_wire().await;
        let ServerSignal::Error { code, retry, .. } = signal else {
            panic!("not an error: {signal:?}");
        };
        let close_code = if retry { 4001 } else { 4000 };
        assert_eq!(self.closed().await, (close_code, code.to_string()));
        (code, retry)
    }

    /// Code and reason of the close frame, which is next.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        match self.next().await {
            Message::Close(Some(frame)) => (frame.code.into(), frame.reason.to_string()),
            other => panic!("not a close frame: {other:?}"),
        }
    }
}
