//! How the gateway reaches a part of a session: by a socket on the same machine, or at a Pod's port.

use std::{io, net::SocketAddr, path::PathBuf};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

use crate::pod::{PodIdentity, Service};

/// Bytes both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// A connection to a part of a session. Whoever writes flushes: there may be TLS beneath.
pub type SessionStream = Box<dyn Duplex>;

/// Where a part of a session listens.
#[derive(Debug, Clone)]
pub enum Dial {
    /// A Unix socket, in a folder that only its owner can enter.
    Socket(PathBuf),
    /// A Pod's port, where TLS tells the parts apart.
    Pod {
        address: SocketAddr,
        identity: PodIdentity,
        service: Service,
    },
}

impl Dial {
    /// # Errors
    /// Nobody answers there, or somebody who is not the session.
    pub async fn connect(&self) -> io::Result<SessionStream> {
        match self {
            Self::Socket(path) => Ok(Box::new(UnixStream::connect(path).await?)),
            Self::Pod {
                address,
                identity,
                service,
            } => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(identity.connect(stream, *service).await?))
            }
        }
    }
}
