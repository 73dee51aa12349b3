//! What is between a browser and a streamer, and meddles with what passes.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{net::UdpSocket, sync::watch, task::JoinHandle};

/// What becomes of the datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meddling {
    Nothing,
    /// Each that goes to the streamer comes twice, and cut off, and with flipped bits, and among others
    /// that nobody has sealed.
    Forgery,
    /// The browser's reports are lost: RTCP, by its packet types (RFC 5761).
    NoReports,
    /// Nothing reaches the browser any more.
    Deafness,
}

/// A relay over UDP; dropping it cuts the wire.
pub(super) struct Wire {
    meddling: watch::Sender<Meddling>,
    relay: JoinHandle<()>,
    carried: Arc<AtomicUsize>,
    /// Where the browser finds the streamer.
    pub(super) port: u16,
}

impl Wire {
    pub(super) async fn to(streamer: SocketAddr) -> Self {
        let browsers = socket().await;
        let streamers = socket().await;
        let port = browsers.local_addr().expect("it is bound").port();
        let (meddling, how) = watch::channel(Meddling::Nothing);
        let carried = Arc::<AtomicUsize>::default();
        let relay = tokio::spawn(relay(browsers, streamers, streamer, how, carried.clone()));
        Self {
            meddling,
            relay,
            carried,
            port,
        }
    }

    /// How many datagrams have come for the browser.
    pub(super) fn carried(&self) -> usize {
        self.carried.load(Ordering::SeqCst)
    }

    pub(super) fn meddle(&self, meddling: Meddling) {
        self.meddling.send_replace(meddling);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

async fn socket() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port of the loopback device")
}

async fn relay(
    browsers: UdpSocket,
    streamers: UdpSocket,
    streamer: SocketAddr,
    how: watch::Receiver<Meddling>,
    carried: Arc<AtomicUsize>,
) {
    let (mut from_browser, mut from_streamer) = ([0; 2048], [0; 2048]);
    let mut browser = None;
    loop {
        tokio::select! {
            Ok((length, address)) = browsers.recv_from(&mut from_browser) => {
                browser = Some(address);
                let meddling = *how.borrow();
                for datagram in passing(&from_browser[..length], meddling) {
                    // Loopback sockets lose what they have no room for, like any network.
                    let _ = streamers.send_to(&datagram, streamer).await;
                }
            }
            Ok((length, _)) = streamers.recv_from(&mut from_streamer) => {
                carried.fetch_add(1, Ordering::SeqCst);
                let is_heard = *how.borrow() != Meddling::Deafness;
                if let Some(browser) = browser.filter(|_| is_heard) {
                    let _ = browsers.send_to(&from_streamer[..length], browser).await;
                }
            }
        }
    }
}

/// What comes out where this goes in.
fn passing(datagram: &[u8], meddling: Meddling) -> Vec<Vec<u8>> {
    match meddling {
        Meddling::Nothing | Meddling::Deafness => vec![datagram.to_vec()],
        Meddling::NoReports if is_report(datagram) => vec![],
        Meddling::NoReports => vec![datagram.to_vec()],
        Meddling::Forgery => forgeries(datagram),
    }
}

fn is_report(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, 192..=223, ..])
}

fn forgeries(datagram: &[u8]) -> Vec<Vec<u8>> {
    let cut = |length: usize| datagram[..length.min(datagram.len())].to_vec();
    let flipped = |index: usize| {
        let mut flipped = datagram.to_vec();
        if let Some(byte) = flipped.get_mut(index) {
            *byte ^= 0x55;
        }
        flipped
    };
    let unsealed = |kind: u8| [&[0x80, kind][..], &[0xa5; 60]].concat();
    vec![
        datagram.to_vec(),
        datagram.to_vec(),
        cut(datagram.len() / 2),
        cut(1),
        vec![],
        flipped(datagram.len().saturating_sub(1)),
        flipped(datagram.len() / 2),
        flipped(1),
        unsealed(102),
        unsealed(200),
        unsealed(205),
        vec![0xff; 1200],
    ]
}
