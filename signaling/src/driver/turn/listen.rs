//! Opening the ports.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::net::{TcpListener, TcpSocket, UdpSocket};
use tokio_rustls::TlsAcceptor;

use super::{TurnConfig, TurnError};
use crate::tls::TlsIdentity;

/// Connections that the kernel keeps until they are accepted.
const BACKLOG: u32 = 256;
/// How much may wait in the kernel for a slow connection: late video is worth nothing, and what waits
/// here no flow control sees. It carries 20 Mbit/s over 100 ms.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;
/// Where any free port will do, it has to be free for UDP and for TCP.
const TRIES: usize = 16;

pub(super) struct Listeners {
    pub(super) plain: Option<(Arc<UdpSocket>, TcpListener)>,
    pub(super) tls: Option<Tls>,
}

pub(super) struct Tls {
    pub(super) listener: TcpListener,
    pub(super) acceptor: TlsAcceptor,
    pub(super) identity: TlsIdentity,
}

impl Listeners {
    pub(super) async fn open(config: &TurnConfig) -> Result<Self, TurnError> {
        let plain = match config.listen {
            Some(address) => Some(plain(address).await.map_err(not_listening(address))?),
            None => None,
        };
        let tls = match &config.tls {
            Some(settings) => {
                let identity = TlsIdentity::load(settings.files.clone())?;
                let address = settings.listen;
                Some(Tls {
                    listener: tcp(address).map_err(not_listening(address))?,
                    acceptor: identity.acceptor(&[])?,
                    identity,
                })
            }
            None => None,
        };
        Ok(Self { plain, tls })
    }

    /// As browsers are told, the best way first.
    pub(super) fn urls(&self, host: &str) -> Vec<String> {
        let host = match host.parse::<std::net::Ipv6Addr>() {
            Ok(ip) => format!("[{ip}]"),
            Err(_) => host.to_owned(),
        };
        let port = |listener: &TcpListener| listener.local_addr().map_or(0, |at| at.port());
        let mut urls = Vec::new();
        if let Some((_, listener)) = &self.plain {
            let port = port(listener);
            urls.push(format!("turn:{host}:{port}?transport=udp"));
            urls.push(format!("turn:{host}:{port}?transport=tcp"));
        }
        if let Some(tls) = &self.tls {
            let port = port(&tls.listener);
            urls.push(format!("turns:{host}:{port}?transport=tcp"));
        }
        urls
    }
}

fn not_listening(address: SocketAddr) -> impl FnOnce(io::Error) -> TurnError {
    move |source| TurnError::Listen { address, source }
}

/// One port for both.
async fn plain(address: SocketAddr) -> io::Result<(Arc<UdpSocket>, TcpListener)> {
    let mut tries = if address.port() == 0 { TRIES } else { 1 };
    loop {
        tries -= 1;
        let listener = tcp(address)?;
        match UdpSocket::bind(listener.local_addr()?).await {
            Ok(socket) => return Ok((Arc::new(socket), listener)),
            Err(error) if tries == 0 => return Err(error),
            Err(_) => (),
        }
    }
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    // Connections have it from their listener.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
