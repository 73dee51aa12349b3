//! The server by TLS, as a client that knows its certificate meets it.

use std::{net::SocketAddr, path::Path, sync::Arc};

use rcgen::generate_simple_self_signed;
use streamspace_api::{ApiConfig, Scheme, TlsFiles, TlsIdentity, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, ServerName},
        version::{TLS12, TLS13},
    },
};

use crate::{backend::MapBackend, client::Server};

struct Secure {
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    server: Server,
    _end: oneshot::Sender<()>,
    _folder: tempfile::TempDir,
}

impl Secure {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, files) = identity(folder.path());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let mut config = ApiConfig::new(address, "/nowhere".into());
        config.scheme = Scheme::Https;
        config.tls = Some(Arc::new(TlsIdentity::load(files).expect("an identity")));
        let server = Server::with(config, MapBackend::default()).await;
        let (end, ended) = oneshot::channel();
        let api = server.api.clone();
        tokio::spawn(async move { serve(listener, &api, async { drop(ended.await) }).await });
        Self {
            address,
            certificate,
            server,
            _end: end,
            _folder: folder,
        }
    }

    /// The answer to a request, and by which version of TLS it came.
    async fn ask(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        request: &str,
    ) -> (String, ProtocolVersion) {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).expect("a certificate");
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = TcpStream::connect(self.address).await.expect("open");
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let mut stream = stream.await.expect("trusted");
        let (_, session) = stream.get_ref();
        assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
        let version = session.protocol_version().expect("agreed on");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        (answer, version)
    }
}

fn identity(folder: &Path) -> (CertificateDer<'static>, TlsFiles) {
    let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let files = TlsFiles {
        certificate: folder.join("cert.pem"),
        key: folder.join("key.pem"),
    };
    std::fs::write(&files.certificate, made.cert.pem()).expect("written");
    std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("written");
    (made.cert.der().clone(), files)
}

#[tokio::test]
async fn answers_by_tls_tell_browsers_to_come_by_nothing_else() {
    let secure = Secure::start().await;
    let request = format!(
        "GET /api/v1/version HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        secure.address
    );
    for (offered, expected) in [
        (&[&TLS12][..], ProtocolVersion::TLSv1_2),
        (&[&TLS12, &TLS13], ProtocolVersion::TLSv1_3),
    ] {
        let (answer, version) = secure.ask(offered, &request).await;
        assert_eq!(version, expected);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(
            answer.contains("strict-transport-security: max-age="),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn cookies_are_for_tls_only() {
    let secure = Secure::start().await;
    let token = secure.server.token().await;
    let body = format!(r#"{{"token":"{}"}}"#, token.expose());
    let request = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: {host}\r\norigin: https://{host}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}",
        host = secure.address,
        length = body.len(),
    );
    let (answer, _) = secure.ask(&[&TLS13], &request).await;
    let cookie = answer
        .lines()
        .find(|line| line.starts_with("set-cookie:"))
        .expect("signed in");
    assert!(cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_sent_away_and_the_next_one_is_answered() {
    let secure = Secure::start().await;
    let mut plain = TcpStream::connect(secure.address).await.expect("open");
    plain
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("sent");
    let mut answer = Vec::new();
    // An alert, or an end.
    drop(plain.read_to_end(&mut answer).await);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let request = format!(
        "GET /api/v1/version HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        secure.address
    );
    let (answer, _) = secure.ask(&[&TLS13], &request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
