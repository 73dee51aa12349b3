//! One task for each living session: it owns the supervisor and the session's object.
//!
//! ```text
//!              Order, "stop"                  watch: Session
//!  LocalRuntime ----------> task <-> supervisor   task ----------> LocalRuntime
//!                            |  Event
//!                            `-> store
//! ```

use std::{
    collections::BTreeSet, fs::OpenOptions, io, path::Path, process::Stdio, sync::Arc,
    time::Duration,
};

use streamspace_protocol::Code;
use streamspace_resources::{Session, SessionStats};
use streamspace_signaling::{Endpoint, turn::MediaAddresses};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{Notify, watch},
    time::{Instant, MissedTickBehavior, interval, timeout, timeout_at},
};

use crate::{
    audience::Audience,
    leftovers::Leftovers,
    order::{Event, Order, STOP, Told, file},
    process::{Family, Mark, Process, ProcessTable, Supervisors},
    status,
    store::Store,
    supervisor::END_LIMIT,
    sweep,
};

/// What a supervisor may take to remove a session's files.
const REMOVAL_LIMIT: Duration = Duration::from_secs(17);
/// Past this a supervisor that was asked to stop hangs, and is killed.
const STOP_LIMIT: Duration = END_LIMIT.saturating_add(REMOVAL_LIMIT);

/// A supervisor that tells nothing more has only to exit.
const EXIT_LIMIT: Duration = Duration::from_secs(5);

/// How often a session's processes are noted. It costs a look at all of `/proc`, some milliseconds.
const LOOK_PERIOD: Duration = Duration::from_secs(5);

/// A living session as others see it.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    session: watch::Receiver<Session>,
    pub(crate) endpoint: Endpoint,
    stop: Arc<Notify>,
    viewing: Audience,
}

impl Live {
    pub(crate) fn session(&self) -> Session {
        self.session.borrow().clone()
    }

    pub(crate) fn stats(&self) -> SessionStats {
        self.viewing.stats()
    }

    pub(crate) fn ask_to_stop(&self) {
        self.stop.notify_one();
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
    stop: Arc<Notify>,
    viewing: Audience,
    store: Store,
    mark: Mark,
    leftovers: Leftovers,
}

/// Both sides of a session that is about to start.
pub(crate) fn new(session: Session, order: &Order, store: Store) -> (Live, Task) {
    let (sender, receiver) = watch::channel(session);
    let stop = Arc::new(Notify::new());
    let viewing = Audience::default();
    let live = Live {
        session: receiver,
        endpoint: endpoint(order),
        stop: Arc::clone(&stop),
        viewing: viewing.clone(),
    };
    let task = Task {
        session: sender,
        stop,
        viewing,
        store,
        mark: order.mark(),
        leftovers: Leftovers::of(order, None),
    };
    (live, task)
}

fn endpoint(order: &Order) -> Endpoint {
    Endpoint {
        streamer: order.file(file::STREAMER_SOCKET),
        streamer_key: order.streamer_key.clone(),
        vnc: order.file(file::VNC_SOCKET),
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
    pub(crate) async fn run(&self, supervisor: &Path, order: &Order) {
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

    async fn follow(&self, mut supervisor: Supervisor) {
        let mut family = Family::of(supervisor.process);
        let finished = self.events(&mut supervisor, &mut family).await;
        supervisor.end().await;
        // A supervisor gives up on processes that the kernel held too long.
        if !finished || sweep::is_needed(&self.mark) {
            let known = self.known_processes(family.ancestor.pid);
            sweep::session(&self.mark, &family, known, self.leftovers.clone()).await;
        }
        if !finished {
            let message = "the session's supervisor was killed".to_owned();
            self.apply(Event::Failed {
                code: Code::Internal,
                message,
            })
            .await;
        }
    }

    /// Takes events until the supervisor has gone; says whether it has finished its work.
    async fn events(&self, supervisor: &mut Supervisor, family: &mut Family) -> bool {
        let mut finished = false;
        let mut stop_by = None;
        let mut looks = interval(LOOK_PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let line = tokio::select! {
                line = supervisor.next_line(stop_by) => line,
                () = self.stop.notified(), if stop_by.is_none() => {
                    stop_by = Some(Instant::now() + STOP_LIMIT);
                    supervisor.stop().await;
                    continue;
                }
                _ = looks.tick() => {
                    look(family);
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
                Ok(Told::Viewing(viewing)) => self.viewing.note(viewing),
                Err(error) => tracing::warn!(%error, "a supervisor's event cannot be read"),
            }
        }
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

/// A running supervisor.
struct Supervisor {
    process: Process,
    child: Child,
    stdin: ChildStdin,
    events: Lines<BufReader<ChildStdout>>,
}

impl Supervisor {
    async fn start(program: &Path, order: &Order) -> io::Result<Self> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&order.log)?;
        let mut command = Command::new(program);
        command
            .arg("supervise")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        let (mut child, process) = spawn_registered(&mut command)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both are pipes");
        };
        let mut supervisor = Self {
            process,
            child,
            stdin,
            events: BufReader::new(stdout).lines(),
        };
        let line = serde_json::to_string(order)? + "\n";
        // A supervisor that has gone already is noticed by the end of its events.
        let _ = supervisor.stdin.write_all(line.as_bytes()).await;
        Ok(supervisor)
    }

    /// The next event, or nothing when the supervisor has gone or, once asked to stop, hangs. May be
    /// dropped and called again.
    async fn next_line(&mut self, stop_by: Option<Instant>) -> Option<String> {
        let line = self.events.next_line();
        let line = match stop_by {
            Some(stop_by) => timeout_at(stop_by, line).await.ok()?,
            None => line.await,
        };
        line.ok().flatten()
    }

    async fn stop(&mut self) {
        // Should it have gone already, its events end as well.
        let _ = self.stdin.write_all(format!("{STOP}\n").as_bytes()).await;
    }

    /// Makes sure that the process has gone.
    async fn end(mut self) {
        drop(self.stdin);
        if timeout(EXIT_LIMIT, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
        Supervisors::lock().remove(self.process.pid);
    }
}

/// What cannot be seen now may be seen at the next look.
fn look(family: &mut Family) {
    if let Ok(table) = ProcessTable::read() {
        family.look(&table);
    }
}

fn spawn_registered(command: &mut Command) -> io::Result<(Child, Process)> {
    let mut supervisors = Supervisors::lock();
    let child = command.spawn()?;
    // It is there at least as a zombie until it is waited for.
    let process = child
        .id()
        .and_then(Process::read)
        .ok_or(io::ErrorKind::NotFound)?;
    supervisors.add(process.pid);
    Ok((child, process))
}
