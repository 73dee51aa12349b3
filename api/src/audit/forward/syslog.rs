//! Ways to a syslog server: datagrams, or a stream with octet counting, plain or by TLS.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket, UnixDatagram, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::ClientConfig};

use super::{
    syslog_line::{counted, host_name, line},
    target::SyslogAddress,
};
use crate::AuditEvent;

/// How long a server may take to let us in, and to read a batch.
const PATIENCE: Duration = Duration::from_secs(10);
/// Nobody acknowledges syslog. A server that has gone is found out by what comes back right after a batch: then the
/// batch is sent again.
const SETTLE: Duration = Duration::from_millis(250);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(super) struct Syslog {
    address: SyslogAddress,
    host: String,
    /// Of a stream that stands.
    stream: Option<Box<dyn Stream>>,
}

impl Syslog {
    pub(super) fn new(address: SyslogAddress) -> Self {
        Self {
            address,
            host: host_name(),
            stream: None,
        }
    }

    pub(super) async fn send(&mut self, events: &[AuditEvent]) -> io::Result<()> {
        let lines: Vec<String> = events.iter().map(|event| line(event, &self.host)).collect();
        let sent = async {
            match &self.address {
                SyslogAddress::Unix(path) => {
                    let socket = UnixDatagram::unbound()?;
                    socket.connect(path)?;
                    for line in &lines {
                        socket.send(line.as_bytes()).await?;
                    }
                    Ok(())
                }
                SyslogAddress::Udp(server) => send_datagrams(server, &lines).await,
                SyslogAddress::Tcp(_) | SyslogAddress::Tls { .. } => self.stream(&lines).await,
            }
        };
        timeout(PATIENCE, sent).await?
    }

    /// Kept only if all of it went well.
    async fn stream(&mut self, lines: &[String]) -> io::Result<()> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(&self.address).await?,
        };
        let batch: String = lines.iter().map(|line| counted(line)).collect();
        stream.write_all(batch.as_bytes()).await?;
        stream.flush().await?;
        match timeout(SETTLE, stream.read(&mut [0; 64])).await {
            Err(_elapsed) => {
                self.stream = Some(stream);
                Ok(())
            }
            Ok(Ok(0)) => Err(io::ErrorKind::UnexpectedEof.into()),
            // Servers have nothing to say; one that does is no worse for it.
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error),
        }
    }
}

async fn send_datagrams(server: &str, lines: &[String]) -> io::Result<()> {
    let server = resolve(server).await?;
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    for line in lines {
        socket.send(line.as_bytes()).await?;
    }
    Ok(())
}

async fn connect(address: &SyslogAddress) -> io::Result<Box<dyn Stream>> {
    match address {
        SyslogAddress::Tls { server, trusted } => {
            let stream = TcpStream::connect(resolve(server).await?).await?;
            by_tls(server, trusted, stream).await
        }
        SyslogAddress::Tcp(server) => {
            Ok(Box::new(TcpStream::connect(resolve(server).await?).await?))
        }
        SyslogAddress::Unix(_) | SyslogAddress::Udp(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

async fn by_tls(
    server: &str,
    trusted: &Arc<ClientConfig>,
    stream: TcpStream,
) -> io::Result<Box<dyn Stream>> {
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    let connector = TlsConnector::from(trusted.clone());
    Ok(Box::new(connector.connect(name, stream).await?))
}

async fn resolve(server: &str) -> io::Result<SocketAddr> {
    let mut found = lookup_host(server).await?;
    found.next().ok_or_else(|| io::ErrorKind::NotFound.into())
}
