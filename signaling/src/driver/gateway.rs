//! Routes, and what all connections share.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    Router,
    extract::{
        Path, Request, State, WebSocketUpgrade,
        rejection::PathRejection,
        ws::{WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use jiff::Timestamp;
use streamspace_protocol::{Code, SessionId, ShareId, ViewerId};
use streamspace_traces::{OpenSpan, SpanKind, Tracer};
use tokio::sync::watch;
use tracing::Instrument;

use super::{
    browser::Browser,
    link,
    origin::{Scheme, same_origin},
    players::Players,
    signal,
    slots::{ConnectionSlot, Limits, Slots, ViewerSlot},
    vnc,
};
use crate::{
    Directory, Endpoint, Refusal, problem_response,
    ticket::{Claims, Redeemer, TicketError},
    turn::{Pass, Turn},
};

/// What a connection reads into, for as long as it lives: browsers say little, and most say nothing most of the time.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Lets browsers into sessions. Clones are the same gateway.
#[derive(Clone)]
pub struct Gateway(Arc<Shared>);

struct Shared {
    directory: Arc<dyn Directory>,
    redeemer: Mutex<Redeemer>,
    slots: Arc<Slots>,
    scheme: Scheme,
    turn: Option<Turn>,
    tracer: Tracer,
    next_viewer: AtomicU32,
    players: Players,
    /// Turns true when the server stops; each connection holds a receiver for as long as it lives.
    stopping: watch::Sender<bool>,
}

/// What one connection's task works with.
pub(super) struct Connection {
    pub(super) session: SessionId,
    pub(super) viewer: ViewerId,
    gateway: Gateway,
    pub(super) stopping: Stopping,
    _slot: ConnectionSlot,
}

/// Tells a connection that the server stops; [`Gateway::close`] waits for all of them to be dropped.
#[derive(Clone)]
pub(super) struct Stopping(watch::Receiver<bool>);

impl Gateway {
    /// `directory` finds the sessions; `redeemer` knows the key of the tokens' issuer; browsers reach
    /// the gateway by `scheme`, and are told of a TURN server if there is one.
    pub fn new(
        directory: Arc<dyn Directory>,
        redeemer: Redeemer,
        limits: Limits,
        scheme: Scheme,
        turn: Option<Turn>,
        tracer: Tracer,
    ) -> Self {
        Self(Arc::new(Shared {
            directory,
            redeemer: Mutex::new(redeemer),
            slots: Arc::new(Slots::new(limits)),
            scheme,
            turn,
            tracer,
            next_viewer: AtomicU32::new(1),
            players: Players::default(),
            stopping: watch::Sender::new(false),
        }))
    }

    /// `/sessions/{id}/signal` and `/sessions/{id}/vnc`, for whoever mounts them.
    ///
    /// They take a join token, not a signed-in user, and answer pages of other origins with 403.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new()
            .route("/sessions/{id}/signal", get(open_signal))
            .route("/sessions/{id}/vnc", get(open_vnc))
            .route_layer(middleware::from_fn_with_state(
                self.0.scheme,
                refuse_foreign_origin,
            ))
            .with_state(self.clone())
    }

    /// How many WebSockets there are.
    pub fn connections(&self) -> usize {
        self.0.slots.connections()
    }

    /// Ends the guests of a share link that is good no longer; returns when their streamer knows.
    ///
    /// Whoever has a connection to the session has one to its streamer as well, through this gateway
    /// or another. So it is the streamer that ends them, and gateways need not know of one another.
    ///
    /// # Errors
    /// The streamer does not answer. It then has no guests either, but by VNC perhaps.
    pub async fn revoke(&self, session: &SessionId, share: ShareId) -> Result<(), Refusal> {
        let endpoint = self.0.directory.endpoint(session).await?;
        link::revoke(&endpoint, share).await.map_err(|error| {
            tracing::warn!(%session, %error, "a streamer was not told of a withdrawn link");
            Refusal::StreamerUnreachable
        })
    }

    /// Ends every connection, and each that is still to come; returns when none is left.
    pub async fn close(&self) {
        self.0.stopping.send_replace(true);
        self.0.stopping.closed().await;
    }

    pub(super) fn players(&self) -> &Players {
        &self.0.players
    }

    pub(super) fn connection(&self, session: SessionId) -> Result<Connection, Refusal> {
        let slot = self.0.slots.connection()?;
        Ok(Connection {
            session,
            viewer: ViewerId(self.0.next_viewer.fetch_add(1, Ordering::Relaxed)),
            gateway: self.clone(),
            stopping: Stopping(self.0.stopping.subscribe()),
            _slot: slot,
        })
    }
}

impl Connection {
    /// Uses a join token up.
    pub(super) fn redeem(&self, token: &str) -> Result<Claims, TicketError> {
        let redeemer = &self.gateway.0.redeemer;
        redeemer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .redeem(token, &self.session, Timestamp::now())
    }

    /// Begins the span of a viewer's coming in, where that is traced.
    pub(super) fn begin(&self, claims: &Claims) -> Option<OpenSpan> {
        self.gateway.0.tracer.begin(claims.trace, SpanKind::Server)
    }

    /// Takes one of the session's places and finds out where the session is.
    pub(super) async fn locate(&self) -> Result<(ViewerSlot, Endpoint), Refusal> {
        let slot = self.gateway.0.slots.viewer(&self.session)?;
        let endpoint = self.gateway.0.directory.endpoint(&self.session).await?;
        Ok((slot, endpoint))
    }

    /// The viewer does something in the session.
    pub(super) fn note_activity(&self) {
        self.gateway.0.directory.note_activity(&self.session);
    }

    /// Lets the viewer relay to the session's streamer, if there is a TURN server.
    pub(super) fn relay(&self, claims: &Claims, endpoint: &Endpoint) -> Option<Pass> {
        let turn = self.gateway.0.turn.as_ref()?;
        let until = claims.person.until_unix_ms;
        let until = until.and_then(|until| Timestamp::from_millisecond(until).ok());
        let media = endpoint.media.clone();
        Some(turn.admit(&self.session, self.viewer, media, until, Timestamp::now()))
    }
}

impl Stopping {
    /// Ready when the server stops.
    pub(super) async fn stopped(&mut self) {
        // An error means that the gateway is gone, which is no different.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }
}

async fn refuse_foreign_origin(
    State(scheme): State<Scheme>,
    request: Request,
    next: Next,
) -> Response {
    if same_origin(request.headers(), scheme) {
        return next.run(request).await;
    }
    problem_response(
        StatusCode::FORBIDDEN,
        Code::Forbidden,
        "Not allowed",
        "the page that opens this connection belongs to another server".into(),
    )
}

type SessionPath = Result<Path<String>, PathRejection>;
type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

async fn open_signal(state: State<Gateway>, path: SessionPath, upgrade: Upgrade) -> Response {
    let max_message_bytes = signal::MAX_MESSAGE_BYTES;
    open(state, path, upgrade, max_message_bytes, signal::run)
}

async fn open_vnc(state: State<Gateway>, path: SessionPath, upgrade: Upgrade) -> Response {
    let max_message_bytes = vnc::MAX_MESSAGE_BYTES;
    open(state, path, upgrade, max_message_bytes, vnc::run)
}

/// Upgrades and goes on in a task of its own: with `run`, or with a refusal where there is no room,
/// because a browser cannot see why an upgrade failed.
fn open<Run>(
    State(gateway): State<Gateway>,
    path: SessionPath,
    upgrade: Upgrade,
    max_message_bytes: usize,
    run: fn(WebSocket, Connection) -> Run,
) -> Response
where
    Run: Future<Output = ()> + Send + 'static,
{
    let session = path.ok().and_then(|Path(id)| id.parse::<SessionId>().ok());
    let Some(session) = session else {
        let (code, detail) = (Code::SessionNotFound, "there is no session of this name");
        return problem_response(
            StatusCode::NOT_FOUND,
            code,
            "No such session",
            detail.into(),
        );
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            let (code, detail) = (Code::RequestInvalid, "this address takes WebSockets only");
            return problem_response(rejection.status(), code, "Invalid request", detail.into());
        }
    };
    let upgrade = upgrade
        .max_message_size(max_message_bytes)
        .max_frame_size(max_message_bytes)
        .read_buffer_size(READ_BUFFER_BYTES);
    match gateway.connection(session) {
        Ok(connection) => {
            let Connection {
                session, viewer, ..
            } = &connection;
            let span = tracing::info_span!("viewer", %session, %viewer);
            upgrade.on_upgrade(move |socket| run(socket, connection).instrument(span))
        }
        Err(refusal) => {
            upgrade.on_upgrade(async move |socket| Browser::new(socket).refuse(&refusal).await)
        }
    }
}
