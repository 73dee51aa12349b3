//! The one port of a session's Pod: TLS 1.3, where gateway and session show each other the same
//! certificate. Its key is in a Secret that nobody else reads, so each knows that the other is who it
//! should be, and neither needs an authority.

use std::{fmt, io, sync::Arc};

use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor, TlsConnector, client,
    rustls::{self, ClientConfig, ServerConfig, crypto::ring::default_provider, version::TLS13},
    server,
};

use crate::Pin;

/// A part of a session that can be asked for at its Pod's port (by ALPN, RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Links (`protocol::LinkHello` first).
    Streamer,
    /// The X server's RFB side.
    Vnc,
    /// What the session's viewers tell of their pictures, as one JSON object.
    Stats,
}

impl Service {
    const ALL: [Self; 3] = [Self::Streamer, Self::Vnc, Self::Stats];

    fn protocol(self) -> &'static [u8] {
        match self {
            Self::Streamer => b"streamspace-streamer",
            Self::Vnc => b"streamspace-vnc",
            Self::Stats => b"streamspace-stats",
        }
    }
}

/// What a session and its gateways have in common, and nobody else.
#[derive(Clone)]
pub struct PodIdentity {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
}

impl fmt::Debug for PodIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PodIdentity")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PodIdentityError {
    #[error("the certificate cannot be read: {0}")]
    Certificate(rustls_pki_types::pem::Error),
    #[error("the private key cannot be read: {0}")]
    Key(rustls_pki_types::pem::Error),
    #[error("certificate and private key do not go together: {0}")]
    Pair(#[from] rustls::Error),
}

impl PodIdentity {
    /// # Errors
    /// The texts hold no certificate, no key, or ones that do not go together.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, PodIdentityError> {
        let certificate =
            CertificateDer::from_pem_slice(certificate).map_err(PodIdentityError::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(PodIdentityError::Key)?;
        let provider = Arc::new(default_provider());
        let pin = Arc::new(Pin::new(certificate.clone(), &provider));
        let client = ClientConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(pin.clone())
            .with_client_auth_cert(vec![certificate.clone()], key.clone_key())?;
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(pin)
            .with_single_cert(vec![certificate], key)?;
        server.alpn_protocols = Service::ALL
            .map(|service| service.protocol().to_vec())
            .into();
        Ok(Self {
            client: Arc::new(client),
            server: Arc::new(server),
        })
    }

    /// The gateway's side.
    pub(crate) async fn connect(
        &self,
        stream: TcpStream,
        service: Service,
    ) -> io::Result<client::TlsStream<TcpStream>> {
        let mut config = ClientConfig::clone(&self.client);
        config.alpn_protocols = vec![service.protocol().to_vec()];
        // Nobody looks at the name: the certificate says who it is.
        let name = ServerName::try_from("session").map_err(io::Error::other)?;
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }

    /// The session's side: who has come, and what for.
    ///
    /// # Errors
    /// A peer that is no gateway, or asks for something that there is not.
    pub async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(server::TlsStream<TcpStream>, Service)> {
        let stream = TlsAcceptor::from(self.server.clone())
            .accept(stream)
            .await?;
        let protocol = stream.get_ref().1.alpn_protocol();
        let service = Service::ALL
            .into_iter()
            .find(|service| Some(service.protocol()) == protocol)
            .ok_or(io::ErrorKind::InvalidData)?;
        Ok((stream, service))
    }
}

#[cfg(test)]
mod tests;
