//! What a living session does by itself: it hibernates when nobody uses it, and ends at its age.

use std::time::Duration;

use jiff::Timestamp;
use streamspace_resources::{
    Session, SessionStatus,
    lifecycle::{self, Action, Due},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use super::{Task, ask_to_end};
use crate::{order::Ending, status};

/// What is due is looked for at least so often: the clock may have been set, or the machine have slept.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
/// When what could not be stored is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// When somebody last did something, and when there is something to do.
#[derive(Debug, Default)]
pub(super) struct Lifetime {
    /// Later than what the session's object says of it, which is coarse.
    active: Option<Timestamp>,
    not_before: Option<Instant>,
}

impl Lifetime {
    /// Returns when something is due. Costs nothing until then. May be dropped and called again.
    pub(super) async fn due(&self, session: &watch::Sender<Session>) {
        if let Some(moment) = self.not_before {
            sleep_until(moment).await;
        }
        loop {
            let now = Timestamp::now();
            let due = due_at(now, &session.borrow());
            match due {
                Due::Now(_) => return,
                Due::Never => std::future::pending().await,
                Due::At(then) => {
                    let left = Duration::try_from(then.duration_since(now)).unwrap_or_default();
                    sleep(left.min(LONGEST_SLEEP)).await;
                }
            }
        }
    }
}

fn due_at(now: Timestamp, session: &Session) -> Due {
    let status = session.status.as_ref();
    let due = |status: &SessionStatus| lifecycle::due(&session.spec, status, now);
    status.map_or(Due::Never, due)
}

impl Task {
    /// Somebody does something; written down now and then.
    pub(super) async fn active(&mut self) {
        let now = Timestamp::now();
        self.lifetime.active = Some(now);
        let session = self.session.borrow().clone();
        let status = session.status.as_ref();
        if status.is_some_and(|status| lifecycle::is_activity_due(&session.spec, status, now)) {
            self.write_activity(session, now).await;
        }
    }

    async fn write_activity(&mut self, mut session: Session, at: Timestamp) {
        status::active(&mut session, at);
        self.keep_or_retry(session).await;
    }

    /// Does what is due, unless somebody has done something since that was last written down.
    pub(super) async fn expire(&mut self) {
        let mut session = self.session.borrow().clone();
        let written = session
            .status
            .as_ref()
            .and_then(|status| status.last_activity);
        let newer = self
            .lifetime
            .active
            .filter(|active| Some(*active) > written);
        let Due::Now(action) = due_at(Timestamp::now(), &session) else {
            return;
        };
        if let (Some(active), Action::Hibernate) = (newer, action) {
            return self.write_activity(session, active).await;
        }
        status::expired(&mut session, action);
        tracing::info!(session = %session.metadata.name, ?action, "a session has reached its limit");
        if self.keep_or_retry(session).await {
            let ending = match action {
                Action::Hibernate => Ending::Hibernate,
                Action::End => Ending::End,
            };
            ask_to_end(&self.asks, ending);
        }
    }

    /// Whether it is stored; what is not is tried again later.
    async fn keep_or_retry(&mut self, session: Session) -> bool {
        let outcome = self.keep(session).await;
        self.lifetime.not_before = outcome.is_err().then(|| Instant::now() + RETRY);
        if let Err(error) = &outcome {
            tracing::warn!(%error, "a session's activity could not be stored");
        }
        outcome.is_ok()
    }
}
