//! A session's side in a Pod: its display, sound and streamer, behind the Pod's one port.
//!
//! ```text
//! gateway ── TLS, the session's own certificate ──▶ door ─┬─▶ streamer.sock
//!                                                         ├─▶ vnc.sock
//!                                                         └─▶ what viewers tell of their pictures
//! ```
//!
//! The same supervisor as on one machine runs the parts; the program is in another container, where it can
//! reach none of this but the X server and the sound server.

mod door;
mod keys;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use streamspace_protocol::{IceSettings, Policy, SessionId, VncLimits};
use streamspace_resources::Display;
use tokio::net::TcpListener;

pub use self::keys::KeysError;
use self::{door::Door, keys::Keys};
use crate::{
    audience::Audience,
    config::Environment,
    environment::{self, path_of},
    live::Supervisor,
    order::{Ending, Event, Home, Order, Told, file},
    program::find_program,
    status::is_up,
};

/// What the display container of a session is told.
#[derive(Debug, Clone)]
pub struct PodConfig {
    pub session: SessionId,
    /// The folder of the session's Secret.
    pub keys: PathBuf,
    /// The Pod's port, for gateways.
    pub listen: SocketAddr,
    pub display: Display,
    /// What may be carried into the session and out of it.
    pub policy: Policy,
    pub ice: IceSettings,
    /// The volume that the program knows as its home.
    pub home: PathBuf,
    /// For sockets and logs; nothing else is written to.
    pub run: PathBuf,
    /// A folder that the program's container has too: there it finds the cookie of display `:0`, and the sound
    /// server. Nothing where the program is started by hand.
    pub share: Option<PathBuf>,
    /// Whether to start a window manager, for a program that is no desktop.
    pub window_manager: bool,
    /// The `streamspace-streamer` program.
    pub streamer: PathBuf,
    /// A program with the subcommands `supervise` and `exec-child`: `streamspace` itself.
    pub supervisor: PathBuf,
    pub environment: Environment,
}

/// Why a session's side in a Pod ended before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum PodError {
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("the session's processes cannot be started: {0}")]
    Supervisor(#[source] std::io::Error),
    #[error("the folder of a former life of the container cannot be removed: {0}")]
    Run(#[source] std::io::Error),
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    #[error("{0}")]
    Failed(String),
}

/// Runs the session's side until it fails, or until `stop`; then nothing of it is left.
///
/// # Errors
/// What failed. The container is started again then, and viewers come back.
pub async fn serve_pod(config: PodConfig, stop: impl Future<Output = ()>) -> Result<(), PodError> {
    let keys = Keys::read(&config.keys)?;
    let order = order(&config, &keys);
    remove_former(&order.folder).map_err(PodError::Run)?;
    let mut supervisor = Supervisor::start(&config.supervisor, &order)
        .await
        .map_err(PodError::Supervisor)?;
    let lived = live(&config, keys, &order, &mut supervisor, stop).await;
    supervisor.end().await;
    lived
}

async fn live(
    config: &PodConfig,
    keys: Keys,
    order: &Order,
    supervisor: &mut Supervisor,
    stop: impl Future<Output = ()>,
) -> Result<(), PodError> {
    let audience = Audience::default();
    let mut door = Door::new(keys.identity, order, audience.clone());
    let mut stop = std::pin::pin!(stop);
    let mut is_asked_to_stop = false;
    loop {
        let line = tokio::select! {
            line = supervisor.next_line(None) => line,
            () = door.serve() => continue,
            () = &mut stop, if !is_asked_to_stop => {
                is_asked_to_stop = true;
                supervisor.end_session(Ending::End).await;
                continue;
            }
        };
        let Some(line) = line else {
            return Err(PodError::Failed("the supervisor was killed".into()));
        };
        let event = match serde_json::from_str(&line) {
            Ok(Told::Event(event)) => event,
            Ok(Told::Viewing(viewing)) => {
                audience.note(viewing);
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, "the supervisor's event cannot be read");
                continue;
            }
        };
        tracing::info!(?event, "session changed");
        match event {
            Event::Failed { message, .. } => return Err(PodError::Failed(message)),
            Event::Ended { .. } => return Ok(()),
            Event::StreamerRestarted { .. } => audience.clear(),
            event if is_up(&event) && !door.is_open() => {
                door.open(listen(config.listen).await?);
            }
            _ => {}
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, PodError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| PodError::Listen(address, error))
}

/// A container that was killed has left its sockets and keys in the volume.
fn remove_former(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn order(config: &PodConfig, keys: &Keys) -> Order {
    let environment = environment::for_parts(&config.environment);
    Order {
        session: config.session.clone(),
        since: jiff::Timestamp::now(),
        folder: config.run.join("session").join(config.session.as_str()),
        data: config.run.clone(),
        log: config.run.join(file::LOG),
        display: config.display.clone(),
        policy: config.policy.clone(),
        streamer: config.streamer.clone(),
        streamer_key: keys.streamer.clone(),
        vnc_password: keys.vnc.clone(),
        vnc_view_password: keys.vnc_view.clone(),
        // Gateways keep to the template's.
        vnc_limits: VncLimits::default(),
        ice: config.ice.clone(),
        home: Home::Mounted(config.home.clone()),
        program: None,
        share: config.share.clone(),
        window_manager: window_manager(config, &environment),
        environment,
        keep_s: 0,
        trace: None,
    }
}

fn window_manager(config: &PodConfig, environment: &Environment) -> Option<PathBuf> {
    let wanted = config.window_manager;
    wanted.then(|| find_program("openbox", path_of(environment), Path::new("/")))?
}
