//! Requests to other servers: identity providers, webhooks.
//!
//! Where they go is said by settings and by what other servers tell, so a hostile one could try to reach what only this
//! machine can. Hence: every address that a name stands for is judged when the connection is made,
//! redirects are not followed, a proxy of the environment is not asked, and time and size have bounds.
//! Rare requests need no pool of connections.

mod addresses;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{body::Body, http::uri::Scheme};
use hyper::{
    Request, Response, Uri,
    body::Bytes,
    client::conn::http1,
    header::{HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::roots::{RootsError, trusting};

/// From the name to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of an answer's body.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// Of an answer's status and headers.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Sends requests. Clones share it.
#[derive(Clone)]
pub struct Outbound {
    allowed: Arc<[IpNet]>,
    tls: TlsConnector,
}

#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    #[error("{0} is not an address of http or https with a host")]
    Address(Uri),
    #[error("the name {name} cannot be resolved: {reason}")]
    Name { name: String, reason: io::Error },
    #[error(
        "{name} is at an address that is no public one; --outbound-allow names the private networks that \
         may be reached"
    )]
    Forbidden { name: String },
    #[error("http without TLS goes only to the networks of --outbound-allow; use https for {name}")]
    Unencrypted { name: String },
    #[error("{name} cannot be reached: {reason}")]
    Connection { name: String, reason: io::Error },
    #[error("{name} does not speak HTTP: {reason}")]
    Http { name: String, reason: hyper::Error },
    #[error("{name} answered more than {MAX_ANSWER_BYTES} bytes, or broke off")]
    Answer { name: String },
    #[error("{name} took longer than {} seconds", PATIENCE.as_secs())]
    Slow { name: String },
    #[error(transparent)]
    Roots(#[from] RootsError),
}

/// Where a request goes.
struct Target {
    name: String,
    port: u16,
    is_encrypted: bool,
}

impl Outbound {
    /// Trusts who the system trusts, and the certificates in `roots` (PEM). Goes to public addresses, and to
    /// those in `allowed`.
    ///
    /// # Errors
    /// Certificates in `roots` that are none.
    pub fn new(allowed: Vec<IpNet>, roots: &[u8]) -> Result<Self, OutboundError> {
        Ok(Self {
            allowed: allowed.into(),
            tls: TlsConnector::from(trusting(roots)?),
        })
    }

    /// Sends a request and returns the whole answer, whatever its status.
    ///
    /// # Errors
    /// An address that may not be reached; a server that cannot be, or that answers too much or too late.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OutboundError> {
        let target = Target::of(request.uri())?;
        let name = target.name.clone();
        timeout(PATIENCE, self.exchange(target, request))
            .await
            .unwrap_or(Err(OutboundError::Slow { name }))
    }

    async fn exchange(
        &self,
        target: Target,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, OutboundError> {
        let stream = self.connect(&target).await?;
        let name = target.name;
        if !target.is_encrypted {
            return converse(name, stream, request).await;
        }
        let failed = |reason: io::Error| OutboundError::Connection {
            name: name.clone(),
            reason,
        };
        let server =
            ServerName::try_from(name.clone()).map_err(|error| failed(io::Error::other(error)))?;
        let stream = self.tls.connect(server, stream).await.map_err(failed)?;
        converse(name, stream, request).await
    }

    /// The addresses are looked at here and used at once, so that a name cannot stand for another one in
    /// between.
    async fn connect(&self, target: &Target) -> Result<TcpStream, OutboundError> {
        let name = || target.name.clone();
        let found = lookup_host((target.name.as_str(), target.port)).await;
        let found: Vec<SocketAddr> = match found {
            Ok(found) => found.collect(),
            Err(reason) => {
                return Err(OutboundError::Name {
                    name: name(),
                    reason,
                });
            }
        };
        let is_allowed = |address: &SocketAddr| addresses::is_in(&self.allowed, address.ip());
        let reachable: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| is_allowed(address) || addresses::is_public(address.ip()))
            .collect();
        if reachable.is_empty() {
            return Err(OutboundError::Forbidden { name: name() });
        }
        if !target.is_encrypted && !reachable.iter().all(is_allowed) {
            return Err(OutboundError::Unencrypted { name: name() });
        }
        TcpStream::connect(reachable.as_slice())
            .await
            .map_err(|reason| OutboundError::Connection {
                name: name(),
                reason,
            })
    }
}

impl Target {
    fn of(uri: &Uri) -> Result<Self, OutboundError> {
        let refused = || OutboundError::Address(uri.clone());
        let is_encrypted = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(refused()),
        };
        let authority = uri.authority().ok_or_else(refused)?;
        // Names and passwords in an address would be sent nowhere, but end in logs.
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(refused());
        }
        let host = authority.host();
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        Ok(Self {
            name: bare.unwrap_or(host).to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if is_encrypted { 443 } else { 80 }),
            is_encrypted,
        })
    }
}

async fn converse<S>(
    name: String,
    stream: S,
    mut request: Request<Bytes>,
) -> Result<Response<Bytes>, OutboundError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let failed = |reason| OutboundError::Http {
        name: name.clone(),
        reason,
    };
    let host = request
        .uri()
        .authority()
        .map(|authority| HeaderValue::from_str(authority.as_str()));
    if let Some(Ok(host)) = host {
        request.headers_mut().insert(HOST, host);
    }
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .parse();
    *request.uri_mut() = path.unwrap_or_else(|_| Uri::from_static("/"));
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    let answered = async {
        let answer = sender
            .send_request(request.map(Body::from))
            .await
            .map_err(failed)?;
        let (head, body) = answer.into_parts();
        let body = axum::body::to_bytes(Body::new(body), MAX_ANSWER_BYTES)
            .await
            .map_err(|_| OutboundError::Answer { name: name.clone() })?;
        Ok(Response::from_parts(head, body))
    };
    // The connection moves only while it is polled, and it goes with this request.
    tokio::pin!(connection);
    tokio::pin!(answered);
    tokio::select! {
        answer = &mut answered => answer,
        // What came before the end may be all; if it was not, the answer says so.
        _ended = &mut connection => answered.await,
    }
}

#[cfg(test)]
mod tests;
