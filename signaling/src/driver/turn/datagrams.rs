//! TURN over UDP: one port for all clients, told apart by where they send from.

use std::{collections::HashMap, convert::Infallible, net::SocketAddr, sync::Arc};

use tokio::{net::UdpSocket, sync::mpsc, task::JoinSet};

use super::{
    now,
    relay::{Happened, Relay},
};
use crate::turn::{Client, Effect, MAX_MESSAGE_BYTES, Rules};

/// Datagrams that wait for one client's task; more are lost.
const WAITING: usize = 64;
/// Datagrams of a peer that are passed on before anything else is looked at.
const AT_ONCE: usize = 32;

/// Answers strangers itself; who has an allocation has a task.
pub(super) async fn serve(socket: Arc<UdpSocket>, rules: Arc<Rules>) -> Infallible {
    let mut clients = HashMap::<SocketAddr, mpsc::Sender<Vec<u8>>>::new();
    let mut tasks = JoinSet::new();
    let mut buffer = vec![0; MAX_MESSAGE_BYTES + 1];
    loop {
        let received = tokio::select! {
            received = socket.recv_from(&mut buffer) => received,
            Some(_ended) = tasks.join_next() => {
                clients.retain(|_, client| !client.is_closed());
                continue;
            }
        };
        let (bytes, from) = match received {
            Ok((length, from)) => (&buffer[..length], from),
            Err(error) => {
                tracing::debug!(%error, "the TURN port");
                continue;
            }
        };
        if let Some(client) = clients.get(&from) {
            // A queue that is full loses datagrams, as a network does.
            let _ = client.try_send(bytes.to_vec());
            continue;
        }
        let client = Client::new(rules.clone(), from);
        if let Some(relay) = greet(client, bytes, &socket, from).await {
            let (inbox, datagrams) = mpsc::channel(WAITING);
            clients.insert(from, inbox);
            tasks.spawn(attend(relay, datagrams, socket.clone(), from));
        }
    }
}

/// Answers somebody who has no allocation; gives the relay of one who gets it by that.
async fn greet(
    mut client: Client,
    bytes: &[u8],
    socket: &UdpSocket,
    address: SocketAddr,
) -> Option<Relay> {
    let (relay, answer) = match client.receive(bytes, now())? {
        Effect::Reply(answer) => (None, Some(answer)),
        Effect::Open(ip) => Relay::open(client, ip).await,
        Effect::Relay { .. } => return None,
    };
    if let Some(answer) = answer {
        // One that gets lost is asked for again.
        let _ = socket.try_send_to(&answer, address);
    }
    relay
}

/// Serves one client until its allocation ends.
async fn attend(
    mut relay: Relay,
    mut inbox: mpsc::Receiver<Vec<u8>>,
    socket: Arc<UdpSocket>,
    address: SocketAddr,
) {
    loop {
        tokio::select! {
            happened = relay.next() => match happened {
                Happened::Datagram { from, bytes } => {
                    pass_on(&mut relay, (from, bytes), &socket, address).await;
                }
                Happened::Ended => return,
            },
            Some(datagram) = inbox.recv() => match relay.client.receive(&datagram, now()) {
                Some(Effect::Reply(answer)) => {
                    let _ = socket.send_to(&answer, address).await;
                }
                Some(Effect::Relay { peer, data }) => relay.send(data, peer),
                Some(Effect::Open(_)) | None => (),
            },
        }
    }
}

/// Passes on what a peer has sent, and what came right behind it.
async fn pass_on(
    relay: &mut Relay,
    first: (SocketAddr, usize),
    socket: &UdpSocket,
    address: SocketAddr,
) {
    let (mut next, mut left) = (Some(first), AT_ONCE);
    while let Some((from, bytes)) = next {
        if let Some(wrapped) = relay.wrapped(from, bytes) {
            // Waits while the network takes no more; what is too much is lost at the relay's port.
            let _ = socket.send_to(&wrapped, address).await;
        }
        left -= 1;
        next = if left > 0 { relay.next_at_once() } else { None };
    }
}
