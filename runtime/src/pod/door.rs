//! The Pod's port: lets gateways in, and each to the part that it asks for.

use std::{future::pending, io, path::PathBuf, sync::Arc, time::Duration};

use streamspace_signaling::pod::{PodIdentity, Service};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    audience::Audience,
    order::{Order, file},
};

/// More viewers than a streamer takes, each with a link and a VNC connection. Whoever comes then is let go.
const MOST_CONNECTIONS: usize = 512;
/// Of those who have not shown the certificate yet: anybody who reaches the port.
const MOST_STRANGERS: usize = 64;
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);

pub(super) struct Door {
    listener: Option<TcpListener>,
    rooms: Rooms,
    strangers: Arc<Semaphore>,
}

/// What is behind the door.
#[derive(Clone)]
struct Rooms {
    identity: PodIdentity,
    streamer: PathBuf,
    vnc: PathBuf,
    audience: Audience,
    places: Arc<Semaphore>,
}

impl Door {
    pub(super) fn new(identity: PodIdentity, order: &Order, audience: Audience) -> Self {
        Self {
            listener: None,
            rooms: Rooms {
                identity,
                streamer: order.file(file::STREAMER_SOCKET),
                vnc: order.file(file::VNC_SOCKET),
                audience,
                places: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
            },
            strangers: Arc::new(Semaphore::new(MOST_STRANGERS)),
        }
    }

    /// From now on gateways are let in.
    pub(super) fn open(&mut self, listener: TcpListener) {
        self.listener = Some(listener);
    }

    pub(super) fn is_open(&self) -> bool {
        self.listener.is_some()
    }

    /// Lets the next one in. May be dropped and called again.
    pub(super) async fn serve(&self) {
        let Some(listener) = &self.listener else {
            return pending().await;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a gateway could not be let in");
                return;
            }
        };
        let Ok(stranger) = self.strangers.clone().try_acquire_owned() else {
            tracing::warn!(limit = MOST_STRANGERS, "a connection is let go");
            return;
        };
        let rooms = self.rooms.clone();
        tokio::spawn(async move {
            if let Err(error) = rooms.receive(stream, stranger).await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
}

impl Rooms {
    async fn receive(self, stream: TcpStream, stranger: OwnedSemaphorePermit) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let accepted = timeout(HANDSHAKE_LIMIT, self.identity.accept(stream)).await;
        let (mut stream, service) = accepted.unwrap_or(Err(io::ErrorKind::TimedOut.into()))?;
        drop(stranger);
        let _place = self.places.try_acquire().map_err(io::Error::other)?;
        let socket = match service {
            Service::Streamer => self.streamer,
            Service::Vnc => self.vnc,
            Service::Stats => {
                let stats = serde_json::to_vec(&self.audience.stats())?;
                stream.write_all(&stats).await?;
                return stream.shutdown().await;
            }
        };
        let mut part = UnixStream::connect(socket).await?;
        copy_bidirectional(&mut stream, &mut part).await.map(drop)
    }
}
