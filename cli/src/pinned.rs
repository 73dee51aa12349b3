//! TLS to a server whose certificate is known: it is the one in this file, whoever has vouched for it and
//! whatever name it has.

use std::{
    io::{Read, Write},
    path::Path,
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, StreamOwned,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use streamspace_protocol::Code;
use streamspace_signaling::Pin;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

use crate::failure::Failure;

/// Wraps connections to addresses with `https` in TLS.
#[derive(Debug)]
pub(crate) struct PinnedConnector(Arc<ClientConfig>);

impl PinnedConnector {
    /// Trusts the first certificate of a PEM file, and no other.
    pub(crate) fn to(file: &Path) -> Result<Self, Failure> {
        let refused = |error: String| {
            let message = format!("{} holds no certificate: {error}", file.display());
            Failure::new(Code::StorageFailed, message)
        };
        let pinned =
            CertificateDer::from_pem_file(file).map_err(|error| refused(error.to_string()))?;
        let provider = Arc::new(default_provider());
        let verifier = Pin::new(pinned, &provider);
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

impl<In: Transport> Connector<In> for PinnedConnector {
    type Out = Either<In, PinnedTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() {
            return Ok(Some(Either::A(transport)));
        }
        // The certificate says who it is; this name only picks among several, of which there is one.
        let name = ServerName::try_from("localhost").map_err(|_| ureq::Error::HostNotFound)?;
        let connection = ClientConnection::new(self.0.clone(), name)
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        let mut socket = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        socket.set_timeout(details.timeout);
        let config = details.config;
        let (input, output) = (config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Either::B(PinnedTransport {
            buffers: LazyBuffers::new(input, output),
            stream: StreamOwned::new(connection, socket),
        })))
    }
}

pub(crate) struct PinnedTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl std::fmt::Debug for PinnedTransport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PinnedTransport")
    }
}

impl Transport for PinnedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let output = &self.buffers.output()[..amount];
        Ok(self.stream.write_all(output)?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, net::TcpListener, thread};

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::{ServerConfig, ServerConnection, Stream};
    use tempfile::TempDir;
    use ureq::{
        Agent,
        unversioned::{resolver::DefaultResolver, transport::TcpConnector},
    };

    use super::*;

    fn identity() -> CertifiedKey<rcgen::KeyPair> {
        generate_simple_self_signed(["desk.example.org".to_owned()]).expect("a certificate")
    }

    /// Answers one request, if the client trusts it.
    fn serve(identity: &CertifiedKey<rcgen::KeyPair>) -> String {
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![identity.cert.der().clone()], key.into())
            .expect("a pair");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        thread::spawn(move || {
            let (mut socket, _) = listener.accept().expect("a client");
            let mut connection = ServerConnection::new(Arc::new(config)).expect("a connection");
            let mut stream = Stream::new(&mut connection, &mut socket);
            if stream.read(&mut [0; 1024]).is_ok() {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
                stream.write_all(answer).expect("sent");
            }
        });
        format!("https://{address}/")
    }

    fn ask(address: &str, trusted: &CertifiedKey<rcgen::KeyPair>) -> Result<String, ureq::Error> {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("cert.pem");
        fs::write(&file, trusted.cert.pem()).expect("written");
        let connector = PinnedConnector::to(&file).expect("a certificate");
        let connector = TcpConnector::default().chain(connector);
        let agent = Agent::with_parts(
            Agent::config_builder().build(),
            connector,
            DefaultResolver::default(),
        );
        agent.get(address).call()?.body_mut().read_to_string()
    }

    #[test]
    fn the_certificate_of_the_file_is_trusted_whatever_its_name() {
        let identity = identity();
        let answer = ask(&serve(&identity), &identity).expect("trusted");
        assert_eq!(answer, "hi");
    }

    #[test]
    fn another_certificate_of_the_same_name_is_not() {
        let refused = ask(&serve(&identity()), &identity()).expect_err("not trusted");
        assert!(refused.to_string().contains("certificate"), "{refused}");
    }
}
