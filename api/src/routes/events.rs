//! Live changes of sessions, as server-sent events.
//!
//! Whoever listens is told the state, not what led to it: one that reads slowly is told less often, and
//! what waits for it is never more than one look at all sessions.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt, stream};
use serde_json::json;
use streamspace_resources::Session;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::sessions::is_seen;
use crate::{Api, ApiError, User, listeners::ListenerPlace};

/// After that the browser asks again, and it is looked again at who it is.
const LENGTH: Duration = Duration::from_secs(10 * 60);
/// Sessions may change many times while they start.
const REST: Duration = Duration::from_millis(100);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(crate) async fn watch(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let place = api.listeners().place(&user.name);
    let place = place.ok_or(ApiError::TooManyListeners)?;
    let listener = Listener {
        changes: api.backend().changes(),
        closing: api.closing(),
        until: Instant::now() + LENGTH,
        user,
        told: BTreeMap::new(),
        looks: 0,
        api,
        _place: place,
    };
    let events = stream::unfold(listener, async |mut listener| {
        let news = listener.news().await?;
        Some((stream::iter(news.into_iter().map(Ok)), listener))
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events.flatten()).keep_alive(keep_alive))
}

struct Listener {
    api: Api,
    user: User,
    changes: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    until: Instant,
    /// What has been told, by session: its version.
    told: BTreeMap<String, Option<String>>,
    looks: u64,
    _place: ListenerPlace,
}

impl Listener {
    /// What has changed since the last time; nothing when it is over.
    async fn news(&mut self) -> Option<Vec<Event>> {
        if self.looks > 0 {
            tokio::select! {
                changed = self.changes.changed() => changed.ok()?,
                _ = self.closing.wait_for(|closing| *closing) => return None,
                () = sleep_until(self.until) => return None,
            }
            tokio::time::sleep(REST).await;
        }
        self.changes.mark_unchanged();
        if !self.is_still_who_asked().await {
            return None;
        }
        let sessions = match self.api.backend().sessions().await {
            Ok(sessions) => sessions,
            Err(error) => {
                tracing::warn!(%error, "whoever watches the sessions has to ask again");
                return None;
            }
        };
        self.looks += 1;
        let seen = sessions
            .into_iter()
            .filter(|session| is_seen(session, &self.user));
        let mut events = self.differences(seen.collect());
        if self.looks == 1 {
            events.push(Event::default().event("listed").data("{}"));
        }
        Some(events)
    }

    /// Another role and removal hold from now on.
    async fn is_still_who_asked(&self) -> bool {
        let user = self.api.accounts().user(&self.user.name).await;
        user.is_ok_and(|user| user.as_ref() == Some(&self.user))
    }

    fn differences(&mut self, sessions: Vec<Session>) -> Vec<Event> {
        let mut before = std::mem::take(&mut self.told);
        let mut events = Vec::new();
        for session in sessions {
            let Session { metadata, .. } = &session;
            let version = metadata.resource_version.clone();
            let known = before.remove(&metadata.name);
            if known.as_ref() != Some(&version) {
                let data = serde_json::to_string(&session).expect("a session is JSON");
                events.push(Event::default().event("session").data(data));
            }
            self.told.insert(session.metadata.name, version);
        }
        let gone = before.into_keys().map(|name| {
            let data = json!({ "name": name }).to_string();
            Event::default().event("gone").data(data)
        });
        events.extend(gone);
        events
    }
}
