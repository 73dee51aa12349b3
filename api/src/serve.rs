//! The server on its port: how many it serves at once, for how long it waits, and how it ends.

mod connections;
mod open_files;
mod placed_stream;

use std::{convert::Infallible, future::pending, io, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};

use self::connections::Connections;
use crate::{Api, TlsIdentity, quotas};

/// How long requests and WebSockets under way get to finish.
const GRACE: Duration = Duration::from_secs(10);
/// Connections that there is room for besides the gateway's WebSockets.
const REQUESTS: usize = 1024;

/// Answers requests until `shutdown` is ready; then readiness says no, for as long as the configuration says
/// that balancers need to hear it. Then takes no more connections, ends the WebSockets, which browsers open
/// again elsewhere, lets requests under way finish, and returns after ten seconds at most.
///
/// Browsers that were signed in at a former server have to sign in again, unless other servers share the
/// accounts.
///
/// # Errors
/// A full or broken disk, before the first request is answered.
pub async fn serve(
    listener: TcpListener,
    api: &Api,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let places = api.config().limits.connections.saturating_add(REQUESTS);
    open_files::raise_limit(places);
    let accounts = api.accounts();
    if !accounts.is_shared() && !api.config().keeps_sign_ins {
        let ended = accounts.end_sign_ins(Timestamp::now()).await;
        ended.map_err(io::Error::other)?;
    }
    let tls = api.config().tls.clone();
    let acceptor = tls.as_ref().map(|tls| tls.acceptor(&[b"http/1.1"]));
    let acceptor = acceptor.transpose().map_err(io::Error::other)?;
    let mut connections = Connections::new(api.router(), acceptor, places);
    tokio::select! {
        never = connections.take_from(listener) => match never {},
        never = quotas::keep_usage(api) => match never {},
        never = renewals(tls) => match never {},
        () = drained(api, shutdown) => (),
    }
    api.close();
    let ended = async { tokio::join!(api.gateway().close(), connections.finish()) };
    if timeout(GRACE, ended).await.is_err() {
        tracing::warn!("requests under way did not finish in time");
    }
    Ok(())
}

/// Shows new certificates as they come.
async fn renewals(tls: Option<Arc<TlsIdentity>>) -> Infallible {
    match tls {
        Some(tls) => tls.follow().await,
        None => pending().await,
    }
}

/// Ready when the server has been asked to end, and everybody has had time to hear of it.
async fn drained(api: &Api, shutdown: impl Future<Output = ()>) {
    shutdown.await;
    api.stop();
    sleep(api.config().drain).await;
}
