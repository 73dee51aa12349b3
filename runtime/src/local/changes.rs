//! Changing sessions, whether they live or hibernate.

use streamspace_api::{Backend, BackendError, Expected};
use streamspace_protocol::SessionId;
use streamspace_resources::{DesiredState, Phase, Session, SessionChange};

use super::{LocalRuntime, blocking};
use crate::{
    change::changed,
    live::{self, Live},
    order::{Ending, Order},
    plan::Plan,
    status,
};

impl LocalRuntime {
    pub(super) async fn carry_out(
        self,
        id: SessionId,
        change: SessionChange,
        expected: Expected,
    ) -> Result<Session, BackendError> {
        loop {
            let live = self.0.state().live.get(&id).cloned();
            let Some(live) = live else {
                return self.change_at_rest(&id, &change, &expected).await;
            };
            if change.state == Some(DesiredState::Running) && is_ending(&live) {
                self.gone(live).await;
                continue;
            }
            match live.edit(change.clone(), expected.clone()).await {
                Some(Ok(_)) if change.state == Some(DesiredState::Hibernated) => {
                    live.ask_to_end(Ending::Hibernate);
                    self.gone(live).await;
                    return self.stored(&id).await;
                }
                Some(outcome) => return outcome,
                None => self.gone(live).await,
            }
        }
    }

    /// Returns when nothing of the living session is left but its object.
    async fn gone(&self, mut live: Live) {
        live.ended().await;
    }

    async fn stored(&self, id: &SessionId) -> Result<Session, BackendError> {
        let found = self.0.store.get(id).await?;
        found.ok_or_else(|| BackendError::SessionNotFound(id.clone()))
    }

    /// Of a session without processes. One at a time, so that none is started twice.
    async fn change_at_rest(
        &self,
        id: &SessionId,
        change: &SessionChange,
        expected: &Expected,
    ) -> Result<Session, BackendError> {
        let _one = self.0.at_rest.lock().await;
        let living = self.0.state().live.get(id).map(Live::session);
        if let Some(session) = living {
            // Somebody else has just woken it; what it is now the caller has not seen.
            return match expected {
                Expected::Any if change.tags.is_none() && change.user.is_none() => Ok(session),
                _ => Err(BackendError::Changed),
            };
        }
        let session = self.stored(id).await?;
        if status::phase(&session) != Phase::Hibernated {
            return Err(BackendError::Ended);
        }
        let session = changed(&session, change, expected)?;
        match session.spec.state {
            DesiredState::Running => self.wake(id, session).await,
            DesiredState::Hibernated | DesiredState::Terminated => {
                self.0.store.update(&session).await?;
                self.0.changes.note();
                Ok(session)
            }
        }
    }

    async fn wake(&self, id: &SessionId, mut session: Session) -> Result<Session, BackendError> {
        let order = self.order_again(id, &session).await?;
        status::pending(&mut session, jiff::Timestamp::now());
        let (store, changes) = (self.0.store.clone(), self.0.changes.clone());
        let (live, task) = live::new(
            session.clone(),
            &order,
            store,
            changes,
            self.0.config.tracer.clone(),
        );
        self.0.admit(id, live)?;
        if let Err(error) = self.0.store.update(&session).await {
            self.0.state().live.remove(id);
            return Err(error.into());
        }
        self.0.changes.note();
        self.spawn(task, order);
        Ok(session)
    }

    async fn order_again(&self, id: &SessionId, session: &Session) -> Result<Order, BackendError> {
        let (config, spec, id) = (self.0.config.clone(), session.spec.clone(), id.clone());
        let catalog = self.catalog().await?;
        blocking(move || Plan::order(&config, &catalog, &spec, id)).await
    }
}

fn is_ending(live: &Live) -> bool {
    live.session().spec.state != DesiredState::Running
}
