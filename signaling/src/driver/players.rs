//! Viewers without a WebSocket: standard players, by WHEP (draft-ietf-wish-whep).
//!
//! ```text
//!   POST offer ─▶ dial the streamer ─▶ answer, candidates ─▶ 201
//!                        │
//!                        └── a task keeps the link ──▶ DELETE, the streamer, or the server's end
//! ```

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom, SystemRandom};
use streamspace_protocol::{
    Candidate, ClientSignal, IceServer, Person, Role, Screen, Secret, ServerSignal, SessionId,
    ShareId, ViewerPath, Wire,
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout, timeout_at},
};
use tracing::Instrument;

use super::{
    gateway::{Connection, Gateway},
    link::Link,
    slots::ViewerSlot,
};
use crate::{Refusal, relay::WELCOME_TIME, ticket::Claims, turn::Pass, whep};

/// How long candidates are waited for after the answer, in all and after each.
const CANDIDATES_TIME: Duration = Duration::from_secs(2);
const NEXT_CANDIDATE_TIME: Duration = Duration::from_millis(150);

/// A player that has been let in.
#[derive(Debug)]
pub struct Player {
    /// By which it is ended; nobody can guess it.
    pub id: String,
    /// SDP with all candidates.
    pub answer: Secret,
    /// The link by which a guest came.
    pub share: Option<ShareId>,
    /// For players that can relay.
    pub ice_servers: Vec<IceServer>,
}

/// Those that watch now, and how each is told to leave.
#[derive(Debug, Default)]
pub(super) struct Players(Mutex<BTreeMap<String, (SessionId, oneshot::Sender<()>)>>);

impl Players {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (SessionId, oneshot::Sender<()>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway {
    /// Lets a player in that watches, and does nothing else.
    ///
    /// # Errors
    /// No room, no such session, no streamer, or an offer that the streamer does not answer.
    pub async fn play(
        &self,
        session: SessionId,
        person: Person,
        offer: Secret,
    ) -> Result<Player, Refusal> {
        let connection = self.connection(session)?;
        let claims = Claims::without_token(connection.session.clone(), Role::View, person);
        self.play_as(connection, claims, offer).await
    }

    /// The same for whoever has a join token, which is used up.
    ///
    /// # Errors
    /// A token that is no good, and those of [`Self::play`].
    pub async fn play_by_token(
        &self,
        session: SessionId,
        token: &str,
        offer: Secret,
    ) -> Result<Player, Refusal> {
        let connection = self.connection(session)?;
        let claims = Claims {
            role: Role::View,
            ..connection.redeem(token)?
        };
        self.play_as(connection, claims, offer).await
    }

    /// Ends a player's stay; whether there was such a one.
    pub fn stop_playing(&self, session: &SessionId, id: &str) -> bool {
        let mut players = self.players().lock();
        let is_there = players.get(id).is_some_and(|(of, _)| of == session);
        // A task that is over needs no word.
        is_there
            && players
                .remove(id)
                .is_some_and(|(_, stop)| stop.send(()).is_ok())
    }

    async fn play_as(
        &self,
        connection: Connection,
        claims: Claims,
        offer: Secret,
    ) -> Result<Player, Refusal> {
        let share = claims.person.share.clone();
        let span = tracing::info_span!("player", session = %connection.session, viewer = %connection.viewer);
        let opened = timeout(WELCOME_TIME, Play::open(connection, claims, offer));
        let (play, answer, ice_servers) = opened
            .instrument(span.clone())
            .await
            .map_err(|_elapsed| Refusal::StreamerUnreachable)??;
        let id = random_id()?;
        let (stop, stopped) = oneshot::channel();
        let session = play.connection.session.clone();
        self.players().lock().insert(id.clone(), (session, stop));
        let (gateway, own_id) = (self.clone(), id.clone());
        let playing = async move {
            play.run(stopped).await;
            gateway.players().lock().remove(&own_id);
        };
        tokio::spawn(playing.instrument(span));
        Ok(Player {
            id,
            share,
            answer,
            ice_servers,
        })
    }
}

/// One player's link.
struct Play {
    connection: Connection,
    link: Link,
    pass: Option<Pass>,
    _slot: ViewerSlot,
}

impl Play {
    async fn open(
        connection: Connection,
        claims: Claims,
        offer: Secret,
    ) -> Result<(Self, Secret, Vec<IceServer>), Refusal> {
        let (slot, endpoint) = connection.locate().await?;
        let viewer = connection.viewer;
        let link = Link::open(&endpoint, viewer, &claims, ViewerPath::Webrtc, None).await?;
        let mut play = Self {
            pass: connection.relay(&claims, &endpoint),
            connection,
            link,
            _slot: slot,
        };
        let ServerSignal::Welcome { ice_servers, .. } = play.next().await? else {
            return Err(Refusal::StreamerMalformed);
        };
        let offer = ClientSignal::Offer {
            sdp: offer,
            screen: Screen::First,
            resume: None,
        };
        let sent = play.link.send(&offer).await;
        sent.map_err(|_| Refusal::StreamerLeft)?;
        let mut candidates = Vec::new();
        let answer = loop {
            match play.next().await? {
                ServerSignal::Answer { sdp } => break sdp,
                ServerSignal::Candidate(candidate) => candidates.push(candidate),
                ServerSignal::Welcome { .. }
                | ServerSignal::Copied { .. }
                | ServerSignal::Active
                | ServerSignal::Error { .. } => return Err(Refusal::StreamerMalformed),
            }
        };
        play.gather(&mut candidates).await?;
        tracing::info!("player joined");
        let answer = whep::complete(&answer, &candidates);
        Ok((play, answer, ice_servers))
    }

    /// What the streamer says next; an error is a refusal.
    async fn next(&mut self) -> Result<ServerSignal, Refusal> {
        let frame = self.link.next_frame().await.ok_or(Refusal::StreamerLeft)?;
        let mut signal = ServerSignal::decode(&frame).map_err(|_| Refusal::StreamerMalformed)?;
        if let Some(pass) = &self.pass {
            pass.accompany(&mut signal);
        }
        match signal {
            ServerSignal::Error {
                code,
                message,
                retry,
            } => Err(Refusal::NotLetIn {
                code,
                message,
                retry,
            }),
            signal => Ok(signal),
        }
    }

    /// Streamers tell candidates one by one, and not their end.
    async fn gather(&mut self, candidates: &mut Vec<Candidate>) -> Result<(), Refusal> {
        let deadline = Instant::now() + CANDIDATES_TIME;
        loop {
            let next = match candidates.is_empty() {
                true => deadline,
                false => deadline.min(Instant::now() + NEXT_CANDIDATE_TIME),
            };
            match timeout_at(next, self.next()).await {
                Ok(Ok(ServerSignal::Candidate(candidate))) => candidates.push(candidate),
                Ok(Ok(_)) => return Err(Refusal::StreamerMalformed),
                Ok(Err(refusal)) => return Err(refusal),
                Err(_elapsed) => return Ok(()),
            }
        }
    }

    /// Until the player leaves, or has to. Whoever watches goes on when the server ends.
    async fn run(mut self, stopped: oneshot::Receiver<()>) {
        let mut stopping = self.connection.stopping.clone();
        tokio::select! {
            _ = stopped => {
                // A streamer that has gone needs no farewell.
                drop(self.link.send(&ClientSignal::Bye).await);
            }
            () = stopping.stopped() => {}
            () = self.over() => {}
        }
        tracing::info!("player left");
    }

    async fn over(&mut self) {
        while self.next().await.is_ok() {}
    }
}

fn random_id() -> Result<String, Refusal> {
    let mut bytes = [0; 18];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Refusal::StreamerUnreachable)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
