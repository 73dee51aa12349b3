//! One VNC WebSocket: hello, both handshakes, then bytes both ways.

use std::{
    convert::Infallible,
    io,
    time::{Duration, Instant},
};

use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
};
use streamspace_protocol::{ClipboardPolicy, Role, Secret, VncLimits};
use tokio::{
    io::{AsyncReadExt, AsyncWrite, ReadHalf, WriteHalf},
    sync::mpsc,
    time::{sleep_until, timeout},
};

use super::{
    admission::Admission,
    browser::{Browser, Inbound, Outbound, Received},
    gateway::Connection,
    link,
    pieces::Pieces,
    slots::ViewerSlot,
};
use crate::{
    Closing, Endpoint, Refusal, SessionStream,
    relay::{HELLO_TIME, read_hello},
    rfb::{
        Accepting, Access, CLIENT_INIT_SHARED, ClientFilter, ClientLimits, Dialing, ServerError,
        Throttle, is_input,
    },
    ticket::Claims,
};

/// Room for a clipboard text of the extended clipboard; keys and pointer take 12 bytes.
pub(super) const MAX_MESSAGE_BYTES: usize = 2 * 1024 * 1024;
/// How long each handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Pieces of copied text that wait for the browser.
const COPIED_PIECES: usize = 4;
/// The least time between two words that a viewer acts.
const ACTIVITY_INTERVAL: Duration = Duration::from_secs(1);

/// Why a connection ends before its time.
enum End {
    BrowserLeft,
    Stopped,
    Refused(Refusal),
}

impl<E: Into<Refusal>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

pub(super) async fn run(socket: WebSocket, connection: Connection) {
    let mut browser = Browser::new(socket);
    let mut stopping = connection.stopping.clone();
    let end = tokio::select! {
        end = relay(&mut browser, &connection) => end,
        () = stopping.stopped() => End::Stopped,
    };
    match end {
        End::BrowserLeft => browser.close(Closing::Normal).await,
        End::Stopped => browser.close(Closing::GoingAway).await,
        End::Refused(refusal) => {
            tracing::info!(%refusal, "VNC ended");
            browser.refuse(&refusal).await;
        }
    }
}

/// All of a connection's life.
async fn relay(browser: &mut Browser, connection: &Connection) -> End {
    match let_in(browser, connection).await {
        Ok(viewer) => {
            tracing::info!(role = ?viewer.admission.role, "viewer joined VNC");
            let end = viewer.pump(browser, connection).await;
            tracing::info!("viewer left VNC");
            end
        }
        Err(end) => end,
    }
}

/// A viewer after both handshakes.
struct Viewer<'a> {
    server: SessionStream,
    limits: VncLimits,
    clipboard: ClipboardPolicy,
    admission: Admission<'a>,
    /// What the browser said right after its handshake.
    first: Vec<u8>,
    _slot: ViewerSlot,
}

async fn let_in<'a>(browser: &mut Browser, connection: &'a Connection) -> Result<Viewer<'a>, End> {
    let token = hello(&mut browser.inbound).await?;
    let claims = connection.redeem(token.expose())?;
    let Dialed {
        mut server,
        slot,
        limits,
        clipboard,
        admission,
    } = timeout(HANDSHAKE_TIME, dial(connection, claims))
        .await
        .map_err(|_elapsed| Refusal::VncUnreachable)??;
    let first = timeout(HANDSHAKE_TIME, accept(browser))
        .await
        .map_err(|_elapsed| Refusal::NoHello)??;
    write(&mut server, &CLIENT_INIT_SHARED).await?;
    Ok(Viewer {
        server,
        limits,
        clipboard,
        admission,
        first,
        _slot: slot,
    })
}

async fn hello(inbound: &mut Inbound) -> Result<Secret, End> {
    match timeout(HELLO_TIME, inbound.receive()).await {
        Ok(Received::Text(text)) => Ok(read_hello(text.as_str())?),
        Ok(Received::Binary(_)) => Err(Refusal::OutOfOrder("VNC before its hello").into()),
        Ok(Received::Broken) => Err(Refusal::WrongMessage.into()),
        Ok(Received::Left) => Err(End::BrowserLeft),
        Err(_elapsed) => Err(Refusal::NoHello.into()),
    }
}

struct Dialed<'a> {
    server: SessionStream,
    slot: ViewerSlot,
    limits: VncLimits,
    clipboard: ClipboardPolicy,
    admission: Admission<'a>,
}

/// Takes a place in the session and gets let in by its streamer, which knows the people, and by its
/// VNC server.
async fn dial(connection: &Connection, claims: Claims) -> Result<Dialed<'_>, Refusal> {
    let (slot, endpoint) = connection.locate().await?;
    let limits = endpoint.vnc_limits;
    let clipboard = endpoint.policy.clipboard.clone();
    if !limits.enabled {
        return Err(Refusal::VncDisabled);
    }
    let admission = Admission::ask(connection, endpoint.clone(), claims).await?;
    let server = log_in(&endpoint, admission.role).await?;
    Ok(Dialed {
        server,
        slot,
        limits,
        clipboard,
        admission,
    })
}

/// What the role allows is for the VNC server to enforce, by the password; [`ClientFilter`] is a
/// second layer. Only the server can keep the clipboard from a viewer who watches.
async fn log_in(endpoint: &Endpoint, role: Role) -> Result<SessionStream, Refusal> {
    let password = match role {
        Role::View => &endpoint.vnc_view_password,
        Role::Control | Role::Own => &endpoint.vnc_password,
    };
    let mut server = link::connect(&endpoint.vnc).await.map_err(unreachable)?;
    let mut dialing = Dialing::new(password.clone());
    let mut buffer = [0; 1024];
    loop {
        let length = server.read(&mut buffer).await.map_err(unreachable)?;
        if length == 0 {
            return Err(Refusal::VncLeft);
        }
        let progress = dialing.receive(&buffer[..length])?;
        write(&mut server, &progress.send).await?;
        match progress.rest {
            None => (),
            Some(rest) if rest.is_empty() => return Ok(server),
            Some(_) => return Err(ServerError::TooMuch.into()),
        }
    }
}

fn unreachable(error: io::Error) -> Refusal {
    tracing::info!(%error, "the VNC server does not answer");
    Refusal::VncUnreachable
}

/// Lets the browser's VNC client in, and gives what it said right after.
async fn accept(browser: &mut Browser) -> Result<Vec<u8>, End> {
    let (mut accepting, greeting) = Accepting::start();
    send(&mut browser.outbound, greeting).await?;
    loop {
        let bytes = binary(&mut browser.inbound).await?;
        let progress = accepting.receive(&bytes)?;
        send(&mut browser.outbound, progress.send).await?;
        if let Some(rest) = progress.rest {
            return Ok(rest);
        }
    }
}

impl Viewer<'_> {
    /// Carries bytes both ways until either side ends.
    async fn pump(mut self, browser: &mut Browser, connection: &Connection) -> End {
        let limits = ClientLimits::of(self.limits, &self.clipboard);
        let filter = match self.admission.role {
            Role::View => Some(ClientFilter::new(Access::Watch, limits)),
            Role::Control | Role::Own if limits != ClientLimits::default() => {
                Some(ClientFilter::new(Access::Act, limits))
            }
            Role::Control | Role::Own => None,
        };
        let hands = match self.admission.role {
            Role::View => None,
            Role::Control | Role::Own => Some(Hands::of(connection)),
        };
        let throttle = self.limits.max_bytes_per_second.map(Throttle::new);
        let (from_server, to_server) = tokio::io::split(self.server);
        let (copying, copied) = mpsc::channel(COPIED_PIECES);
        let outcome = tokio::select! {
            refusal = self.admission.sent_away(&copying) => return refusal.into(),
            outcome = pump_up(&mut browser.inbound, to_server, filter, hands, self.first) => outcome,
            outcome = pump_down(from_server, throttle, copied, &mut browser.outbound) => outcome,
        };
        match outcome {
            Err(end) => end,
        }
    }
}

/// Notices that a viewer acts, and says so now and then.
struct Hands<'a> {
    connection: &'a Connection,
    told: Option<Instant>,
}

impl<'a> Hands<'a> {
    fn of(connection: &'a Connection) -> Self {
        Self {
            connection,
            told: None,
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        let is_due = self
            .told
            .is_none_or(|told| told.elapsed() >= ACTIVITY_INTERVAL);
        if is_due && is_input(bytes) {
            self.told = Some(Instant::now());
            self.connection.note_activity();
        }
    }
}

async fn pump_up(
    inbound: &mut Inbound,
    mut server: WriteHalf<SessionStream>,
    mut filter: Option<ClientFilter>,
    mut hands: Option<Hands<'_>>,
    first: Vec<u8>,
) -> Result<Infallible, End> {
    let mut bytes = Bytes::from(first);
    loop {
        if let Some(hands) = &mut hands {
            hands.note(&bytes);
        }
        match &mut filter {
            Some(filter) => write(&mut server, &filter.pass(&bytes)?).await?,
            None => write(&mut server, &bytes).await?,
        }
        bytes = binary(inbound).await?;
    }
}

/// Reads on only when the browser has taken what was read before.
async fn pump_down(
    mut server: ReadHalf<SessionStream>,
    mut throttle: Option<Throttle>,
    mut copied: mpsc::Receiver<String>,
    outbound: &mut Outbound,
) -> Result<Infallible, End> {
    let mut pieces = Pieces::new(throttle.as_ref().map_or(usize::MAX, Throttle::piece));
    loop {
        tokio::select! {
            piece = read_when_ready(&mut server, throttle.as_ref(), &mut pieces) => {
                let piece = piece.map_err(|_| Refusal::VncLeft)?;
                if piece.is_empty() {
                    return Err(Refusal::VncLeft.into());
                }
                if let Some(throttle) = &mut throttle {
                    throttle.spend(piece.len(), Instant::now());
                }
                send(outbound, piece).await?;
            }
            Some(piece) = copied.recv() => {
                if let Some(throttle) = &mut throttle {
                    throttle.spend(piece.len(), Instant::now());
                }
                let sent = outbound.send(Message::text(piece)).await;
                sent.map_err(|_| End::BrowserLeft)?;
            }
            pinged = outbound.ping_when_due() => pinged.map_err(|_| End::BrowserLeft)?,
        }
    }
}

/// Safe to cancel: what is not read stays with the server, which notices that it waits.
async fn read_when_ready(
    server: &mut ReadHalf<SessionStream>,
    throttle: Option<&Throttle>,
    pieces: &mut Pieces,
) -> io::Result<Bytes> {
    if let Some(throttle) = throttle {
        sleep_until(throttle.ready(Instant::now()).into()).await;
    }
    pieces.next(server).await
}

async fn binary(inbound: &mut Inbound) -> Result<Bytes, End> {
    match inbound.receive().await {
        Received::Binary(bytes) => Ok(bytes),
        Received::Text(_) | Received::Broken => Err(Refusal::WrongMessage.into()),
        Received::Left => Err(End::BrowserLeft),
    }
}

async fn send(outbound: &mut Outbound, bytes: impl Into<Bytes>) -> Result<(), End> {
    let bytes = bytes.into();
    if bytes.is_empty() {
        return Ok(());
    }
    let sent = outbound.send(Message::binary(bytes)).await;
    sent.map_err(|_| End::BrowserLeft)
}

async fn write(server: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), Refusal> {
    link::write(server, bytes)
        .await
        .map_err(|_| Refusal::VncLeft)
}
