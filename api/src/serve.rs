//! The server on its port: how many it serves at once, for how long it waits, and how it ends.

mod connections;
mod open_files;
mod placed_stream;

use std::{io, time::Duration};

use jiff::Timestamp;
use tokio::{net::TcpListener, time::timeout};

use self::connections::Connections;
use crate::Api;

/// How long requests and WebSockets under way get to finish.
const GRACE: Duration = Duration::from_secs(10);
/// Connections that there is room for besides the gateway's WebSockets.
const REQUESTS: usize = 1024;

/// Answers requests until `shutdown` is ready; then ends the WebSockets, lets requests under way
/// finish, and returns after ten seconds at most.
///
/// Browsers that were signed in at a former server have to sign in again.
///
/// # Errors
/// A full or broken disk, before the first request is answered.
pub async fn serve(
    listener: TcpListener,
    api: &Api,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let places = api.config().limits.connections.saturating_add(REQUESTS);
    open_files::raise_limit(places);
    let accounts = api.accounts();
    accounts
        .end_sign_ins(Timestamp::now())
        .await
        .map_err(io::Error::other)?;
    let mut connections = Connections::new(api.router(), places);
    tokio::select! {
        never = connections.take_from(listener) => match never {},
        () = shutdown => (),
    }
    api.close();
    let ended = async { tokio::join!(api.gateway().close(), connections.finish()) };
    if timeout(GRACE, ended).await.is_err() {
        tracing::warn!("requests under way did not finish in time");
    }
    Ok(())
}
