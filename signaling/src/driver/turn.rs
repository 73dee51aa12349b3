//! The TURN server's sockets: one task for each allocation over UDP and for each connection over TCP
//! or TLS. They share limits and grants, and nothing else.

mod connection;
mod datagrams;
mod listen;
mod relay;

use std::{
    convert::Infallible,
    future::pending,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use self::{connection::Room, listen::Listeners};
use crate::{
    ticket::KeyError,
    tls::{TlsError, TlsFiles},
    turn::{Grants, Moment, Rules, SharedSecret, Turn, TurnLimits},
};
use jiff::Timestamp;
use tokio::net::{TcpListener, UdpSocket};

/// What a TURN server is told at its start.
#[derive(Debug, Clone)]
pub struct TurnConfig {
    /// For UDP and TCP. Port 0 picks a free one.
    pub listen: Option<SocketAddr>,
    pub tls: Option<TurnTls>,
    /// The name or address by which browsers reach it; for TLS the one in the certificate.
    pub host: String,
    /// Addresses of this machine to send to sessions from.
    pub relay_addresses: Vec<IpAddr>,
    pub limits: TurnLimits,
}

/// TURN over TLS.
#[derive(Debug, Clone)]
pub struct TurnTls {
    pub listen: SocketAddr,
    pub files: TlsFiles,
}

#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    #[error("cannot listen for TURN on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("TURN cannot speak TLS: {0}")]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A TURN server on its ports. It answers while [`TurnServer::run`] is polled; dropped, it ends with
/// everything that goes through it.
pub struct TurnServer {
    rules: Arc<Rules>,
    plain: Option<(Arc<UdpSocket>, TcpListener)>,
    tls: Option<listen::Tls>,
    turn: Turn,
}

impl TurnServer {
    /// Opens the ports.
    ///
    /// # Errors
    /// A port that is taken, or files that hold no certificate and key.
    pub async fn bind(config: TurnConfig) -> Result<Self, TurnError> {
        let listeners = Listeners::open(&config).await?;
        let urls = listeners.urls(&config.host);
        let secret = SharedSecret::random()?;
        let grants = Arc::new(Grants::new(config.limits));
        let rules = Rules::new(secret.clone(), grants.clone(), &config.relay_addresses)?;
        Ok(Self {
            rules: Arc::new(rules),
            plain: listeners.plain,
            tls: listeners.tls,
            turn: Turn::built_in(urls, secret, grants),
        })
    }

    /// What a gateway needs to let its viewers relay here.
    pub fn turn(&self) -> Turn {
        self.turn.clone()
    }

    /// Relays until it is dropped.
    pub async fn run(self) -> Infallible {
        let room = Room::new(self.rules.grants().limits());
        let rules = self.rules;
        let plain = async {
            let Some((socket, listener)) = self.plain else {
                return pending().await;
            };
            tokio::select! {
                never = datagrams::serve(socket, rules.clone()) => never,
                never = connection::serve(listener, None, rules.clone(), room.clone()) => never,
            }
        };
        let tls = async {
            let Some(listen::Tls {
                listener,
                acceptor,
                identity,
            }) = self.tls
            else {
                return pending().await;
            };
            tokio::select! {
                never = connection::serve(listener, Some(acceptor), rules.clone(), room.clone()) => never,
                never = identity.follow() => never,
            }
        };
        tokio::select! {
            never = plain => never,
            never = tls => never,
        }
    }
}

fn now() -> Moment {
    Moment {
        instant: std::time::Instant::now(),
        unix_s: Timestamp::now().as_second(),
    }
}
