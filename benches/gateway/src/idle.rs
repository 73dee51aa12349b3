//! Many WebSockets that say no more than they must.

use std::{net::SocketAddr, time::Instant};

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use streamspace_protocol::{Hello, PROTOCOL_VERSION, Secret, Wire};
use tokio::{net::TcpStream, sync::Semaphore, task::JoinSet};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{SESSION, issuer, say, token, wait_for_end};

/// Connections that are being opened at the same time.
const AT_ONCE: usize = 64;

/// Opens them and prints `{"open": …, "seconds": …, "failure": …}`; each answers pings until the end.
pub(crate) fn run(address: SocketAddr, count: usize, bare: bool) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let began = Instant::now();
    let (sockets, failure) = runtime.block_on(open_all(address, count, bare));
    let seconds = began.elapsed().as_secs_f64();
    let open = sockets.len();
    for mut socket in sockets {
        // Reading is what answers pings.
        runtime.spawn(async move { while let Some(Ok(_)) = socket.next().await {} });
    }
    let failure = failure.map(|error| format!("{error:#}"));
    say(&json!({ "open": open, "seconds": seconds, "failure": failure }).to_string())?;
    wait_for_end()
}

type Client = WebSocketStream<TcpStream>;

/// Those that could be opened, and why the first of the others could not.
async fn open_all(
    address: SocketAddr,
    count: usize,
    bare: bool,
) -> (Vec<Client>, Option<anyhow::Error>) {
    let (issuer, room) = (issuer(), std::sync::Arc::new(Semaphore::new(AT_ONCE)));
    let (mut opening, mut open, mut failure) = (JoinSet::new(), Vec::new(), None);
    for _ in 0..count {
        let place = room.clone().acquire_owned().await.expect("never closed");
        while let Some(outcome) = opening.try_join_next() {
            keep(outcome, &mut open, &mut failure);
        }
        if failure.is_some() {
            break;
        }
        let token = (!bare).then(|| token(&issuer));
        opening.spawn(async move {
            let opened = open_one(address, token).await;
            drop(place);
            opened
        });
    }
    while let Some(outcome) = opening.join_next().await {
        keep(outcome, &mut open, &mut failure);
    }
    (open, failure)
}

type Outcome = Result<anyhow::Result<Client>, tokio::task::JoinError>;

fn keep(outcome: Outcome, open: &mut Vec<Client>, failure: &mut Option<anyhow::Error>) {
    match outcome.map_err(Into::into).and_then(|opened| opened) {
        Ok(client) => open.push(client),
        Err(error) => _ = failure.get_or_insert(error),
    }
}

/// As far as the streamer's welcome, or, without a token, the VNC server's greeting.
async fn open_one(address: SocketAddr, token: Option<Secret>) -> anyhow::Result<Client> {
    let path = match token {
        Some(_) => format!("/sessions/{SESSION}/signal"),
        None => "/".into(),
    };
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    let origin = format!("http://{address}").parse()?;
    request.headers_mut().insert("origin", origin);
    let stream = TcpStream::connect(address).await?;
    let (mut socket, _) = client_async(request, stream).await?;
    if let Some(token) = token {
        let version = PROTOCOL_VERSION;
        let hello = Hello { version, token }.encode();
        socket.send(Message::text(hello)).await?;
    }
    match socket.next().await.context("closed at once")?? {
        Message::Text(text) if text.as_str().contains("\"welcome\"") => Ok(socket),
        Message::Binary(_) => Ok(socket),
        other => bail!("no welcome: {other}"),
    }
}
