use axum::{Router, http::StatusCode, response::Redirect, routing::get};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls_pki_types::PrivateKeyDer;
use tokio::{io::AsyncReadExt, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
};

use super::*;

fn loopback() -> Vec<IpNet> {
    vec!["127.0.0.0/8".parse().expect("a network")]
}

fn asks(allowed: Vec<IpNet>) -> Outbound {
    Outbound::new(allowed, b"").expect("certificates")
}

fn get_from(uri: &str) -> Request<Bytes> {
    Request::get(uri).body(Bytes::new()).expect("a request")
}

/// A server on a free port, until the test ends.
async fn server() -> SocketAddr {
    let routes = Router::new()
        .route(
            "/",
            get(|headers: axum::http::HeaderMap| async move {
                headers[HOST].to_str().expect("text").to_owned()
            }),
        )
        .route(
            "/elsewhere",
            get(|| async { Redirect::temporary("http://169.254.169.254/") }),
        )
        .route("/much", get(|| async { vec![b'x'; MAX_ANSWER_BYTES + 1] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

#[tokio::test]
async fn an_answer_comes_whole_and_redirects_are_not_followed() {
    let address = server().await;
    let asks = asks(loopback());
    let answer = asks
        .send(get_from(&format!("http://{address}/")))
        .await
        .expect("an answer");
    assert_eq!(answer.body(), address.to_string().as_bytes());
    let answer = asks
        .send(get_from(&format!("http://{address}/elsewhere")))
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    let answer = asks.send(get_from(&format!("http://{address}/much"))).await;
    assert!(
        matches!(answer, Err(OutboundError::Answer { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn this_machine_and_its_networks_are_out_of_reach() {
    let port = server().await.port();
    let asks = asks(vec![]);
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "2130706433",
        "0x7f.1",
        "169.254.169.254",
        "[fe80::1]",
    ] {
        let answer = asks
            .send(get_from(&format!("https://{host}:{port}/")))
            .await;
        let is_refused = matches!(
            answer,
            Err(OutboundError::Forbidden { .. }
                | OutboundError::Name { .. }
                | OutboundError::Address(_))
        );
        assert!(is_refused, "{host}: {answer:?}");
    }
}

#[tokio::test]
async fn other_schemes_and_passwords_in_addresses_are_refused() {
    let asks = asks(loopback());
    for uri in [
        "ftp://127.0.0.1/",
        "/only/a/path",
        "http://name:password@127.0.0.1/",
    ] {
        let answer = asks.send(get_from(uri)).await;
        assert!(
            matches!(answer, Err(OutboundError::Address(_))),
            "{uri}: {answer:?}"
        );
    }
    let answer = asks.send(get_from("http://1.1.1.1/")).await;
    assert!(
        matches!(answer, Err(OutboundError::Unencrypted { .. })),
        "{answer:?}"
    );
}

/// Shows a certificate for `localhost` to whoever comes, and answers one request.
async fn tls_server() -> (SocketAddr, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 1024];
            let _read = stream.read(&mut request).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            let _sent = tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await;
        }
    });
    (address, cert.pem())
}

#[tokio::test]
async fn a_server_is_believed_only_with_a_certificate_that_is_trusted() {
    let (address, certificate) = tls_server().await;
    let uri = format!("https://localhost:{}/", address.port());
    let stranger = asks(loopback()).send(get_from(&uri)).await;
    assert!(
        matches!(stranger, Err(OutboundError::Connection { .. })),
        "{stranger:?}"
    );
    let trusting = Outbound::new(loopback(), certificate.as_bytes()).expect("certificates");
    let answer = trusting.send(get_from(&uri)).await.expect("an answer");
    assert_eq!(answer.body().as_ref(), b"ok");
    let other_name = format!("https://127.0.0.1:{}/", address.port());
    let answer = trusting.send(get_from(&other_name)).await;
    assert!(
        matches!(answer, Err(OutboundError::Connection { .. })),
        "{answer:?}"
    );
}
