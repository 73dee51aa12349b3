use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::dial::Dial;

fn identity() -> PodIdentity {
    let made = rcgen::generate_simple_self_signed(["session".to_owned()]).expect("a certificate");
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    PodIdentity::from_pem(certificate.as_bytes(), key.as_bytes()).expect("an identity")
}

/// A session's port that says what it was asked for.
async fn session(identity: PodIdentity) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok((mut stream, service)) = identity.accept(stream).await {
                stream
                    .write_all(service.protocol())
                    .await
                    .expect("it is heard");
                stream.shutdown().await.expect("it is heard");
            }
        }
    });
    address
}

async fn ask(
    address: std::net::SocketAddr,
    identity: PodIdentity,
    service: Service,
) -> io::Result<Vec<u8>> {
    let dial = Dial::Pod {
        address,
        identity,
        service,
    };
    let mut answer = Vec::new();
    dial.connect().await?.read_to_end(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_gateway_with_the_certificate_reaches_each_part() {
    let identity = identity();
    let address = session(identity.clone()).await;
    for service in Service::ALL {
        let answer = ask(address, identity.clone(), service).await;
        assert_eq!(answer.expect("an answer"), service.protocol());
    }
}

#[tokio::test]
async fn neither_side_takes_another_certificate() {
    let (ours, another) = (identity(), identity());
    let refused = ask(session(another.clone()).await, ours.clone(), Service::Vnc).await;
    assert!(refused.is_err(), "a session of another certificate");

    // A client that trusts the session, and shows a certificate of its own.
    let mut impostor = another.client.as_ref().clone();
    let pin = Pin::new(certificate_of(&ours), impostor.crypto_provider());
    impostor.dangerous().set_certificate_verifier(Arc::new(pin));
    let impostor = PodIdentity {
        client: Arc::new(impostor),
        server: another.server,
    };
    let refused = ask(session(ours).await, impostor, Service::Vnc).await;
    assert!(refused.is_err(), "a gateway of another certificate");
}

fn certificate_of(identity: &PodIdentity) -> CertificateDer<'static> {
    let resolver = &identity.client.client_auth_cert_resolver;
    let schemes = [rustls::SignatureScheme::ECDSA_NISTP256_SHA256];
    let key = resolver.resolve(&[], &schemes).expect("a key");
    key.cert.first().expect("a certificate").clone()
}

#[test]
fn texts_that_hold_no_certificate_or_no_key_are_refused() {
    let made = rcgen::generate_simple_self_signed(["session".to_owned()]).expect("a certificate");
    let other = rcgen::generate_simple_self_signed(["session".to_owned()]).expect("a certificate");
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let refused = |certificate: &str, key: &str| {
        PodIdentity::from_pem(certificate.as_bytes(), key.as_bytes())
            .expect_err("no identity")
            .to_string()
    };
    assert!(refused("", &key).contains("the certificate cannot be read"));
    assert!(refused(&certificate, "").contains("the private key cannot be read"));
    let unlike = refused(&certificate, &other.signing_key.serialize_pem());
    assert!(unlike.contains("do not go together"), "{unlike}");
}
