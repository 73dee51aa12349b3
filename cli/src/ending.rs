//! Why and when a server ends.

use std::{future::pending, time::Duration};

use streamspace_runtime::LocalRuntime;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::{Instant, interval},
};

use crate::failure::Failure;

/// How long a server that should end when empty waits for its first session.
const FIRST_SESSION: Duration = Duration::from_secs(30);
/// And how long it goes on after its last one.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By Ctrl+C: somebody has had enough.
    Interrupted,
    /// By SIGTERM: a service manager may be about to start it again.
    Terminated,
    /// The last session has ended.
    Empty,
}

/// Ready when a signal asks to end, or when the last session of `when_empty` has ended.
pub(crate) fn watch(
    when_empty: Option<LocalRuntime>,
) -> Result<impl Future<Output = Ending>, Failure> {
    let watch = |kind| {
        signal(kind)
            .map_err(|error| Failure::internal(format!("signals cannot be watched: {error}")))
    };
    let mut interrupt = watch(SignalKind::interrupt())?;
    let mut terminate = watch(SignalKind::terminate())?;
    Ok(async move {
        let ending = tokio::select! {
            _ = interrupt.recv() => Ending::Interrupted,
            _ = terminate.recv() => Ending::Terminated,
            () = emptiness(when_empty) => Ending::Empty,
        };
        tracing::info!(?ending, "ending");
        ending
    })
}

/// Ready when no session has run for a while: clients still ask how the last one ended.
async fn emptiness(runtime: Option<LocalRuntime>) {
    let Some(runtime) = runtime else {
        return pending().await;
    };
    let mut ticks = interval(Duration::from_millis(250));
    let mut deadline = Instant::now() + FIRST_SESSION;
    loop {
        ticks.tick().await;
        if runtime.running() > 0 {
            deadline = Instant::now() + LAST_ANSWERS;
        } else if Instant::now() > deadline {
            return;
        }
    }
}
