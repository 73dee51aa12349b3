//! The relay's port of one allocation.

use std::{
    borrow::Cow,
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{net::UdpSocket, sync::watch};

use super::now;
use crate::turn::{Client, FRAME_HEAD_BYTES, MAX_MESSAGE_BYTES, Opened, Peers};

/// A client that relays, and its port.
pub(super) struct Relay {
    pub(super) client: Client,
    socket: UdpSocket,
    peers: watch::Receiver<Peers>,
    frame: Box<[u8]>,
}

/// What happened at a relay's port.
pub(super) enum Happened {
    /// A datagram of so many bytes came.
    Datagram { from: SocketAddr, bytes: usize },
    /// The allocation has ended, or its viewer is gone.
    Ended,
}

impl Relay {
    /// Opens a port for a client that has asked for one; gives the answer in any case.
    pub(super) async fn open(mut client: Client, ip: IpAddr) -> (Option<Self>, Option<Vec<u8>>) {
        let opened = match bind(ip).await {
            Ok((socket, address)) => Some((socket, address)),
            Err(error) => {
                tracing::warn!(%ip, %error, "no port for a TURN relay");
                None
            }
        };
        let outcome = opened
            .as_ref()
            .map_or(Opened::NoPort, |(_, at)| Opened::At(*at));
        let answer = client.opened(outcome, now());
        let relay = opened.zip(client.peers()).map(|((socket, _), peers)| Self {
            client,
            socket,
            peers,
            // One byte more, to tell a datagram that is too long from one that is not.
            frame: vec![0; MAX_MESSAGE_BYTES + 1].into_boxed_slice(),
        });
        (relay, answer)
    }

    /// Waits for something to happen. Nothing is lost if this is dropped before it is ready.
    pub(super) async fn next(&mut self) -> Happened {
        loop {
            let Some(deadline) = self.client.deadline() else {
                return Happened::Ended;
            };
            tokio::select! {
                received = self.socket.recv_from(&mut self.frame[FRAME_HEAD_BYTES..]) => {
                    if let Ok((bytes, from)) = received {
                        return Happened::Datagram { from, bytes };
                    }
                    // A port that a peer has closed is its own affair.
                }
                changed = self.peers.changed() => if changed.is_err() {
                    return Happened::Ended;
                },
                () = tokio::time::sleep_until(deadline.into()) => self.client.tick(now()),
            }
        }
    }

    /// Another datagram that has come already.
    pub(super) fn next_at_once(&mut self) -> Option<(SocketAddr, usize)> {
        let received = self
            .socket
            .try_recv_from(&mut self.frame[FRAME_HEAD_BYTES..]);
        received.ok().map(|(bytes, from)| (from, bytes))
    }

    /// What the last datagram is for the client.
    pub(super) fn wrapped(&mut self, from: SocketAddr, bytes: usize) -> Option<Cow<'_, [u8]>> {
        let end = FRAME_HEAD_BYTES + bytes;
        if end > MAX_MESSAGE_BYTES {
            return None;
        }
        self.client
            .take_from_peer(from, &mut self.frame[..end], now())
    }

    /// Sends to a peer; what the network does not take at once is lost, as it would be there.
    pub(super) fn send(&self, data: &[u8], peer: SocketAddr) {
        if let Err(error) = self.socket.try_send_to(data, peer) {
            tracing::trace!(%error, "a relayed datagram is lost");
        }
    }
}

async fn bind(ip: IpAddr) -> io::Result<(UdpSocket, SocketAddr)> {
    let socket = UdpSocket::bind(SocketAddr::new(ip, 0)).await?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}
