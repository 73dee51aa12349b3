//! One task for each living session: it owns the supervisor and the session's object.
//!
//! ```text
//!              Order, ending                  watch: Session
//!  LocalRuntime ----------> task <-> supervisor   task ----------> LocalRuntime
//!                            |  Event
//!                            `-> store
//! ```

mod lifetime;
mod supervisor;

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use streamspace_api::{BackendError, Expected};
use streamspace_protocol::Code;
use streamspace_resources::{Session, SessionChange, SessionStats};
use streamspace_signaling::{Dial, Endpoint, turn::MediaAddresses};
use streamspace_traces::Tracer;
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    time::{Instant, MissedTickBehavior, interval},
};

use crate::{
    audience::Audience,
    change::{Changes, Edit, changed},
    leftovers::Leftovers,
    order::{EndCause, Ending, Event, Order, Told, Viewing, file},
    process::{Family, Mark, ProcessTable},
    status,
    store::Store,
    supervisor::END_LIMIT,
    sweep,
};
use lifetime::Lifetime;
pub(crate) use supervisor::Supervisor;

/// What a supervisor may take to remove a session's files.
const REMOVAL_LIMIT: Duration = Duration::from_secs(17);
/// Past this a supervisor that was asked to stop hangs, and is killed.
const STOP_LIMIT: Duration = END_LIMIT.saturating_add(REMOVAL_LIMIT);

/// Changes that wait for the task; whoever brings one more waits.
const EDITS: usize = 16;

/// How often a session's processes are noted. It costs a look at all of `/proc`, some milliseconds.
const LOOK_PERIOD: Duration = Duration::from_secs(5);

/// A living session as others see it.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    session: watch::Receiver<Session>,
    pub(crate) endpoint: Endpoint,
    ending: Arc<watch::Sender<Option<Ending>>>,
    edits: mpsc::Sender<Edit>,
    activity: Arc<Notify>,
    viewing: Audience,
}

impl Live {
    pub(crate) fn session(&self) -> Session {
        self.session.borrow().clone()
    }

    pub(crate) fn stats(&self) -> SessionStats {
        self.viewing.stats()
    }

    pub(crate) fn ask_to_end(&self, how: Ending) {
        ask_to_end(&self.ending, how);
    }

    /// Somebody is there, or does something.
    pub(crate) fn note_activity(&self) {
        self.activity.notify_one();
    }

    /// Nothing if the session ends in this moment: then it is for the store to say what became of it.
    pub(crate) async fn edit(
        &self,
        change: SessionChange,
        expected: Expected,
    ) -> Option<Result<Session, BackendError>> {
        let (reply, answer) = oneshot::channel();
        let edit = Edit {
            change,
            expected,
            reply,
        };
        self.edits.send(edit).await.ok()?;
        answer.await.ok()
    }

    /// Returns when nothing of the session is left.
    pub(crate) async fn ended(&mut self) {
        while self.session.changed().await.is_ok() {}
    }

    /// Returns when the session is no longer `Pending`.
    pub(crate) async fn settled(&mut self) {
        let pending = streamspace_resources::Phase::Pending;
        // A closed channel means that it has ended, which is settled as well.
        let _ = self
            .session
            .wait_for(|session| status::phase(session) != pending)
            .await;
    }
}

/// The task's side of a living session.
#[derive(Debug)]
pub(crate) struct Task {
    session: watch::Sender<Session>,
    asks: Arc<watch::Sender<Option<Ending>>>,
    ending: watch::Receiver<Option<Ending>>,
    edits: mpsc::Receiver<Edit>,
    activity: Arc<Notify>,
    lifetime: Lifetime,
    changes: Changes,
    viewing: Audience,
    store: Store,
    mark: Mark,
    leftovers: Leftovers,
    tracer: Tracer,
}

/// Both sides of a session that is about to start, or has come from another server.
pub(crate) fn new(
    session: Session,
    order: &Order,
    store: Store,
    changes: Changes,
    tracer: Tracer,
) -> (Live, Task) {
    let (sender, receiver) = watch::channel(session);
    let (ending, ending_receiver) = watch::channel(None);
    let (ending, activity) = (Arc::new(ending), Arc::new(Notify::new()));
    let (edits, edits_receiver) = mpsc::channel(EDITS);
    let viewing = Audience::default();
    let live = Live {
        session: receiver,
        endpoint: endpoint(order),
        ending: Arc::clone(&ending),
        edits,
        activity: Arc::clone(&activity),
        viewing: viewing.clone(),
    };
    let task = Task {
        session: sender,
        asks: ending,
        ending: ending_receiver,
        edits: edits_receiver,
        activity,
        lifetime: Lifetime::default(),
        changes,
        viewing,
        store,
        mark: order.mark(),
        leftovers: Leftovers::of(order, None),
        tracer,
    };
    (live, task)
}

fn endpoint(order: &Order) -> Endpoint {
    Endpoint {
        streamer: Dial::Socket(order.file(file::STREAMER_SOCKET)),
        streamer_key: order.streamer_key.clone(),
        vnc: Dial::Socket(order.file(file::VNC_SOCKET)),
        vnc_password: order.vnc_password.clone(),
        vnc_view_password: order.vnc_view_password.clone(),
        vnc_limits: order.vnc_limits,
        policy: order.policy.clone(),
        media: MediaAddresses {
            addresses: order.ice.addresses.clone(),
            ports: order.ice.ports,
            public: order.ice.public_addresses.clone(),
        },
    }
}

impl Task {
    /// Runs the session from its start to its end; afterwards its object says how it went.
    ///
    /// Keep the task itself until nothing looks for the session any more: dropping it tells
    /// [`Live::ended`].
    pub(crate) async fn run(&mut self, supervisor: &Path, order: &Order) {
        match Supervisor::start(supervisor, order).await {
            Ok(supervisor) => self.follow(supervisor).await,
            Err(error) => {
                let message = format!("{} cannot be started: {error}", supervisor.display());
                self.apply(Event::Failed {
                    code: Code::Internal,
                    message,
                })
                .await;
            }
        }
    }

    /// Goes on with a session to its end.
    pub(crate) async fn follow(&mut self, mut supervisor: Supervisor) {
        let mut family = Family::of(supervisor.process);
        let finished = self.events(&mut supervisor, &mut family).await;
        supervisor.end().await;
        // A supervisor gives up on processes that the kernel held too long.
        if !finished || sweep::is_needed(&self.mark) {
            let known = self.known_processes(family.ancestor.pid);
            let leftovers = self.leftovers.clone();
            let leftovers = match self.is_to_hibernate() {
                true => leftovers.but_home(),
                false => leftovers,
            };
            sweep::session(&self.mark, &family, known, leftovers).await;
        }
        if !finished {
            self.apply(self.broken_off()).await;
        }
    }

    fn is_to_hibernate(&self) -> bool {
        *self.ending.borrow() == Some(Ending::Hibernate)
    }

    /// What became of a session whose supervisor was killed.
    fn broken_off(&self) -> Event {
        match self.is_to_hibernate() {
            true => Event::Ended {
                cause: EndCause::Hibernated,
            },
            false => Event::Failed {
                code: Code::Internal,
                message: "the session's supervisor was killed".to_owned(),
            },
        }
    }

    /// Takes events until the supervisor has gone; says whether it has finished its work.
    async fn events(&mut self, supervisor: &mut Supervisor, family: &mut Family) -> bool {
        let mut finished = false;
        let mut stop_by = None;
        let mut looks = interval(LOOK_PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let line = tokio::select! {
                line = supervisor.next_line(stop_by) => line,
                ending = asked(&mut self.ending), if stop_by.is_none() => {
                    stop_by = Some(Instant::now() + STOP_LIMIT);
                    supervisor.end_session(ending).await;
                    continue;
                }
                Some(edit) = self.edits.recv() => {
                    self.edit(edit).await;
                    continue;
                }
                _ = looks.tick() => {
                    look(family);
                    continue;
                }
                () = self.activity.notified() => {
                    self.active().await;
                    continue;
                }
                () = self.lifetime.due(&self.session), if stop_by.is_none() => {
                    self.expire().await;
                    continue;
                }
            };
            let Some(line) = line else { return finished };
            match serde_json::from_str::<Told>(&line) {
                Ok(Told::Event(event)) => {
                    look(family);
                    finished |= matches!(event, Event::Failed { .. } | Event::Ended { .. });
                    self.apply(event).await;
                }
                Ok(Told::Viewing(Viewing::Steps { report })) => self.tracer.report(&report),
                Ok(Told::Viewing(viewing)) => self.viewing.note(viewing),
                Err(error) => tracing::warn!(%error, "a supervisor's event cannot be read"),
            }
        }
    }

    async fn edit(&self, edit: Edit) {
        let edited = changed(&self.session.borrow(), &edit.change, &edit.expected);
        let outcome = match edited {
            Ok(session) => self.keep(session).await,
            Err(error) => Err(error),
        };
        // Whoever asked may have gone.
        let _ = edit.reply.send(outcome);
    }

    /// What cannot be stored has not happened.
    async fn keep(&self, session: Session) -> Result<Session, BackendError> {
        self.store.update(&session).await?;
        self.session.send_replace(session.clone());
        self.changes.note();
        Ok(session)
    }

    async fn apply(&self, event: Event) {
        let id = self.session.borrow().metadata.name.clone();
        tracing::info!(session = %id, ?event, "session changed");
        let mut session = self.session.borrow().clone();
        if matches!(event, Event::StreamerRestarted { .. }) {
            self.viewing.clear();
        }
        status::apply(&mut session, &event);
        if let Err(error) = self.store.update(&session).await {
            tracing::warn!(session = %id, %error, "a session's status could not be stored");
        }
        self.session.send_replace(session);
        self.changes.note();
    }

    fn known_processes(&self, supervisor: u32) -> BTreeSet<u32> {
        let session = self.session.borrow();
        let parts = status::processes(&session)
            .into_iter()
            .flat_map(|processes| {
                [
                    processes.display,
                    processes.sound,
                    processes.streamer,
                    processes.program,
                ]
            });
        parts.flatten().chain([supervisor]).collect()
    }
}

/// An end that was asked for already stays what it is, but that hibernation may turn into an end.
fn ask_to_end(asks: &watch::Sender<Option<Ending>>, how: Ending) {
    asks.send_if_modified(|ending| {
        let is_new = ending.is_none() || (how == Ending::End && *ending != Some(how));
        if is_new {
            *ending = Some(how);
        }
        is_new
    });
}

/// Returns when an end is asked for.
async fn asked(ending: &mut watch::Receiver<Option<Ending>>) -> Ending {
    let asked = ending.wait_for(Option::is_some).await.map(|ending| *ending);
    match asked {
        Ok(ending) => ending.unwrap_or(Ending::End),
        // Nobody can ask any more.
        Err(_) => std::future::pending().await,
    }
}

/// What cannot be seen now may be seen at the next look.
fn look(family: &mut Family) {
    if let Ok(table) = ProcessTable::read() {
        family.look(&table);
    }
}
