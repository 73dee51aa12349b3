//! The runtime itself: the API's backend and the gateway's directory on one machine.

mod adoption;
mod changes;
mod earlier;
mod opening;

use std::{
    collections::BTreeMap,
    fs::File,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use rustix::process::{getpid, set_child_subreaper};
use streamspace_api::{Backend, BackendError, Expected, TemplateEdit};
use streamspace_protocol::SessionId;
use streamspace_resources::{
    Catalog, DesiredState, NewSession, Phase, Session, SessionChange, SessionStats, Template,
    TemplateVersion,
};
use streamspace_signaling::{DialError, Directory, Endpoint};
use streamspace_traces::{carried, current};
use tokio::{sync::watch, time::timeout};

use self::opening::{canonical_folder, open_store, take_folder};
use crate::{
    catalog::read_catalog,
    change::Changes,
    config::RuntimeConfig,
    error::OpenError,
    leftovers,
    live::{self, Live, Task},
    order::{Ending, Order},
    plan::Plan,
    status,
    store::Store,
};

/// How long a viewer that comes early waits for its session: longer than any part may take to start.
const SETTLE_LIMIT: Duration = Duration::from_secs(20);

/// Runs sessions as process trees on this machine. Clones share everything.
#[derive(Debug, Clone)]
pub struct LocalRuntime(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: RuntimeConfig,
    store: Store,
    state: Mutex<State>,
    changes: Changes,
    /// Held while a session without processes is changed.
    at_rest: tokio::sync::Mutex<()>,
    /// Turns true when sessions are left to the next runtime; each of their tasks holds a receiver.
    leaving: watch::Sender<bool>,
    /// Locked as long as this runtime uses the data folder.
    _lock: File,
}

#[derive(Debug, Default)]
struct State {
    live: BTreeMap<SessionId, Live>,
    closed: bool,
}

impl State {
    fn check_open(&self) -> Result<(), BackendError> {
        match self.closed {
            true => Err(BackendError::Invalid(
                "the server is stopping; start it again".into(),
            )),
            false => Ok(()),
        }
    }
}

impl LocalRuntime {
    /// Takes the data folder over. Sessions that wait for the next runtime go on; what else an earlier one has
    /// left is ended and forgotten.
    ///
    /// Makes the calling process a child subreaper (prctl(2)), so that the processes of a session
    /// whose supervisor is killed become its children and can be ended.
    ///
    /// # Errors
    /// Another runtime uses the folder, or it cannot be written to.
    pub async fn open(mut config: RuntimeConfig) -> Result<Self, OpenError> {
        config.data = canonical_folder(&config.data)?;
        let lock = take_folder(&config)?;
        set_child_subreaper(Some(getpid())).map_err(|error| OpenError::Processes(error.into()))?;
        let store = open_store(&config).await?;
        let inner = Inner {
            config,
            store,
            state: Mutex::default(),
            changes: Changes::default(),
            at_rest: tokio::sync::Mutex::default(),
            leaving: watch::Sender::new(false),
            _lock: lock,
        };
        let adopted = inner.sweep_earlier().await?;
        let runtime = Self(Arc::new(inner));
        adopted
            .into_iter()
            .for_each(|session| runtime.go_on(session));
        Ok(runtime)
    }

    /// Starts no more sessions, and leaves those there are to the next runtime: they wait for it as long as
    /// they were told to.
    pub async fn leave(&self) {
        self.0.state().closed = true;
        self.0.leaving.send_replace(true);
        self.0.leaving.closed().await;
        self.0.store.close().await;
    }

    /// Ends all sessions and starts no more; returns when nothing is left of any.
    pub async fn shutdown(&self) {
        let living: Vec<Live> = {
            let mut state = self.0.state();
            state.closed = true;
            state.live.values().cloned().collect()
        };
        for live in &living {
            live.ask_to_end(Ending::End);
        }
        for mut live in living {
            live.ended().await;
        }
        self.0.store.close().await;
    }

    /// How many sessions are starting or running.
    pub fn running(&self) -> usize {
        self.0.state().live.len()
    }

    async fn start(self, user: String, request: NewSession) -> Result<Session, BackendError> {
        self.0.state().check_open()?;
        let config = self.0.config.clone();
        let catalog = self.catalog().await?;
        let plan = blocking(move || Plan::new(&config, &catalog, &user, request)).await?;
        let Plan { spec, order } = plan;
        let mut session = Session::new(order.session.to_string(), spec, order.since);
        status::pending(&mut session, order.since);
        let (store, changes) = (self.0.store.clone(), self.0.changes.clone());
        let (live, task) = live::new(
            session.clone(),
            &order,
            store,
            changes,
            self.0.config.tracer.clone(),
        );
        self.0.admit(&order.session, live)?;
        match self.0.store.insert(&session).await {
            Ok(forgotten) => self.0.remove_logs(forgotten).await,
            Err(error) => {
                self.0.state().live.remove(&order.session);
                return Err(error.into());
            }
        }
        self.0.changes.note();
        self.spawn(task, order);
        Ok(session)
    }

    fn spawn(&self, mut task: Task, mut order: Order) {
        order.trace = self.0.config.tracer.is_on().then(current).flatten();
        let (runtime, leaving) = (self.clone(), self.0.leaving.subscribe());
        tokio::spawn(async move {
            let work = task.run(&runtime.0.config.supervisor, &order);
            runtime.until_left(work, &order.session, leaving).await;
        });
    }

    /// Works for a session until its end, or until it is left to the next runtime. `leaving` is of the time when
    /// the work was accepted.
    async fn until_left(
        &self,
        work: impl Future<Output = ()>,
        session: &SessionId,
        mut leaving: watch::Receiver<bool>,
    ) {
        tokio::select! {
            () = work => {}
            _ = leaving.wait_for(|leaving| *leaving) => {}
        }
        self.0.state().live.remove(session);
        self.0.changes.note();
    }

    async fn stop(self, id: SessionId) -> Result<(), BackendError> {
        let live = self.0.state().live.get(&id).cloned();
        if let Some(mut live) = live {
            live.ask_to_end(Ending::End);
            live.ended().await;
        }
        let _one = self.0.at_rest.lock().await;
        if !self.0.store.delete(&id).await? {
            return Err(BackendError::SessionNotFound(id));
        }
        self.0.remove_logs([id.to_string()]).await;
        // Of one that has hibernated.
        let home = self.0.config.scratch_home(id.as_str());
        let removal = blocking(move || {
            leftovers::remove_folder(&home);
            Ok(())
        });
        removal.await?;
        self.0.changes.note();
        Ok(())
    }
}

#[async_trait]
impl Backend for LocalRuntime {
    async fn catalog(&self) -> Result<Catalog, BackendError> {
        let files = self.0.template_files().await?;
        Ok(self.0.store.templates().over(files).await?)
    }

    async fn save_template(
        &self,
        name: &SessionId,
        edit: TemplateEdit,
        expected: Expected,
    ) -> Result<Template, BackendError> {
        // One at a time, so that what is looked at is what is changed.
        let _one = self.0.at_rest.lock().await;
        let now = self.catalog().await?;
        self.0
            .store
            .templates()
            .save(&now, name, edit, &expected)
            .await
    }

    async fn template_history(
        &self,
        name: &SessionId,
    ) -> Result<Vec<(TemplateVersion, Option<Template>)>, BackendError> {
        let files = self.0.template_files().await?;
        self.0.store.templates().history(files, name).await
    }

    async fn sessions(&self) -> Result<Vec<Session>, BackendError> {
        let mut sessions = self.0.store.current().await?;
        // The store is behind where it could not be written.
        let state = self.0.state();
        for session in &mut sessions {
            let live = session
                .metadata
                .name
                .parse()
                .ok()
                .and_then(|id: SessionId| state.live.get(&id));
            if let Some(live) = live {
                *session = live.session();
            }
        }
        Ok(sessions)
    }

    async fn session(&self, id: &SessionId) -> Result<Session, BackendError> {
        let live = self.0.state().live.get(id).map(Live::session);
        match live {
            Some(session) => Ok(session),
            None => self
                .0
                .store
                .get(id)
                .await?
                .ok_or_else(|| BackendError::SessionNotFound(id.clone())),
        }
    }

    async fn stats(&self, id: &SessionId) -> Result<SessionStats, BackendError> {
        let live = self.0.state().live.get(id).map(Live::stats);
        match live {
            Some(stats) => Ok(stats),
            None => self.session(id).await.map(|_ended| SessionStats::default()),
        }
    }

    async fn create(&self, user: &str, request: NewSession) -> Result<Session, BackendError> {
        // In a task, because a caller that goes away must not leave half a session.
        let start = tokio::spawn(carried(self.clone().start(user.to_owned(), request)));
        start.await.map_err(broken_off)?
    }

    async fn change(
        &self,
        id: &SessionId,
        change: SessionChange,
        expected: Expected,
    ) -> Result<Session, BackendError> {
        if change.state == Some(DesiredState::Terminated) {
            let message = "end a session by deleting it";
            return Err(BackendError::Invalid(message.into()));
        }
        let carried_out = self.clone().carry_out(id.clone(), change, expected);
        tokio::spawn(carried(carried_out))
            .await
            .map_err(broken_off)?
    }

    async fn heartbeat(&self, id: &SessionId) -> Result<(), BackendError> {
        let live = self.0.state().live.get(id).cloned();
        match live {
            Some(live) => live.note_activity(),
            None => drop(self.session(id).await?),
        }
        Ok(())
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.watch()
    }

    async fn end(&self, id: &SessionId) -> Result<(), BackendError> {
        let stop = tokio::spawn(self.clone().stop(id.clone()));
        stop.await.map_err(broken_off)?
    }
}

#[async_trait]
impl Directory for LocalRuntime {
    /// A session that is starting is waited for.
    async fn endpoint(&self, id: &SessionId) -> Result<Endpoint, DialError> {
        let live = self.0.state().live.get(id).cloned();
        let Some(mut live) = live else {
            return Err(match self.0.store.get(id).await {
                Ok(None) => DialError::NotFound(id.clone()),
                Ok(Some(_)) | Err(_) => DialError::NotRunning(id.clone()),
            });
        };
        let settled = timeout(SETTLE_LIMIT, live.settled()).await;
        if settled.is_ok() && status::phase(&live.session()) == Phase::Running {
            Ok(live.endpoint)
        } else {
            Err(DialError::NotRunning(id.clone()))
        }
    }

    fn note_activity(&self, id: &SessionId) {
        if let Some(live) = self.0.state().live.get(id) {
            live.note_activity();
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn template_files(&self) -> Result<Catalog, BackendError> {
        let folder = self.config.templates.clone();
        blocking(move || Ok(read_catalog(&folder))).await
    }

    fn admit(&self, id: &SessionId, live: Live) -> Result<(), BackendError> {
        let mut state = self.state();
        state.check_open()?;
        if state.live.contains_key(id) {
            return Err(BackendError::Changed);
        }
        if state.live.len() >= self.config.max_sessions {
            return Err(BackendError::TooMany {
                limit: self.config.max_sessions,
            });
        }
        state.live.insert(id.clone(), live);
        Ok(())
    }

    /// Of sessions that are forgotten, so that nobody can ask for their logs any more.
    async fn remove_logs(&self, sessions: impl IntoIterator<Item = String>) {
        for session in sessions {
            let log = self.config.log_file(&session);
            let _ = tokio::fs::remove_file(log.with_extension("log.1")).await;
            let _ = tokio::fs::remove_file(log).await;
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackendError> + Send + 'static,
) -> Result<T, BackendError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(broken_off)?
}

fn broken_off(error: tokio::task::JoinError) -> BackendError {
    BackendError::Storage(Box::new(error))
}
