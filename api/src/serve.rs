use std::{io, time::Duration};

use axum::serve::ListenerExt;
use tokio::{net::TcpListener, sync::oneshot, time::sleep};

use crate::Api;

/// How long requests under way get to finish.
const GRACE: Duration = Duration::from_secs(10);

/// Answers requests until `shutdown` is ready; then ends the WebSockets, lets requests under way
/// finish for at most ten seconds, and returns.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    api: &Api,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Keys and pointer moves are small and cannot wait for more.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY is not to be had");
        }
    });
    let gateway = api.gateway().clone();
    let (stopped, has_stopped) = oneshot::channel();
    let stop = async move {
        shutdown.await;
        gateway.close().await;
        // The receiver waits in the same call, unless the listener has failed.
        let _ = stopped.send(());
    };
    let served = axum::serve(listener, api.router()).with_graceful_shutdown(stop);
    let out_of_time = async {
        match has_stopped.await {
            Ok(()) => sleep(GRACE).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        outcome = served => outcome,
        () = out_of_time => {
            tracing::warn!("requests under way did not finish in time");
            Ok(())
        }
    }
}
