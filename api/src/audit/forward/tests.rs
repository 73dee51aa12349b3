use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use jiff::Timestamp;
use rcgen::generate_simple_self_signed;
use ring::hmac;
use rustls_pki_types::PrivatePkcs8KeyDer;
use streamspace_protocol::Secret;
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::{TcpListener, UdpSocket, UnixDatagram},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring::default_provider},
};

use super::*;
use crate::{Outbound, audit::log::News, test_database::scratch_database};

const SECRET: &str = "a secret of the two";

struct Bench {
    folder: TempDir,
    log: AuditLog,
}

impl Bench {
    async fn with(events: i64) -> Self {
        let database = scratch_database().await;
        let bench = Self {
            folder: tempfile::tempdir().expect("a folder"),
            log: AuditLog::in_database(database).await.expect("a database"),
        };
        bench.add(events).await;
        bench
    }

    async fn add(&self, events: i64) {
        let from = self.log.last().await.expect("a head").number;
        for number in from..from + events {
            let news = News {
                who: Some("ann".into()),
                from: None,
                method: "POST".into(),
                path: "/api/v1/sessions".into(),
                status: 201,
                code: None,
            };
            let at = Timestamp::from_second(number).expect("a time");
            self.log.add(news, at).await.expect("added");
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// As after a start of the server: it knows what the cursor says.
    fn forwarder(&self, target: AuditTarget, metrics: &ForwardMetrics) -> Forwarder<'_> {
        Forwarder {
            log: &self.log,
            metrics: metrics.of(target.name()),
            cursor: Cursor::at(target.cursor_file()),
            line: target.open(),
        }
    }

    fn syslog(&self, address: &str) -> Forwarder<'_> {
        let address = SyslogAddress::parse(address, b"").expect("an address");
        let target = AuditTarget::syslog(address, self.path());
        self.forwarder(target, &ForwardMetrics::default())
    }
}

fn numbers(lines: &[String]) -> Vec<i64> {
    let number = |line: &String| {
        let json = &line[line.find('{').expect("JSON")..];
        serde_json::from_str::<AuditEvent>(json)
            .expect("an event")
            .number
    };
    lines.iter().map(number).collect()
}

/// What a stream of counted messages holds.
fn messages(mut text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = text.split_once(' ') {
        let (message, rest) = rest.split_at(length.parse().expect("a length"));
        messages.push(message.to_owned());
        text = rest;
    }
    messages
}

async fn read_messages(stream: &mut (impl AsyncRead + Unpin), count: usize) -> Vec<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).await.expect("read");
        text += std::str::from_utf8(&buffer[..length]).expect("text");
        let last = text.ends_with('}') && messages(&text).len() == count;
        if last || length == 0 {
            return messages(&text);
        }
    }
}

#[tokio::test]
async fn nothing_is_lost_while_a_server_is_away_nor_over_a_restart() {
    let bench = Bench::with(2).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let address = format!("tcp://127.0.0.1:{port}");
    let mut forwarder = bench.syslog(&address);
    let server = async {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let read = read_messages(&mut stream, 2).await;
        (read, stream)
    };
    let (step, (read, stream)) = tokio::join!(forwarder.step(), server);
    assert_eq!(step.expect("sent"), Step::More);
    assert_eq!(numbers(&read), [1, 2]);
    assert_eq!(forwarder.step().await.expect("read"), Step::Nothing);

    drop((stream, listener));
    bench.add(2).await;
    assert!(forwarder.step().await.is_err());
    drop(forwarder);
    let mut forwarder = bench.syslog(&address);
    assert!(forwarder.step().await.is_err(), "nobody is there");

    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("free");
    let server = async {
        let (mut stream, _) = listener.accept().await.expect("a client");
        (read_messages(&mut stream, 2).await, stream)
    };
    let (step, (read, _stream)) = tokio::join!(forwarder.step(), server);
    assert_eq!(step.expect("sent"), Step::More);
    assert_eq!(numbers(&read), [3, 4]);
}

#[tokio::test]
async fn a_server_that_closes_after_a_batch_gets_it_again() {
    let bench = Bench::with(1).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let mut forwarder = bench.syslog(&format!("tcp://127.0.0.1:{port}"));
    let server = async {
        let (mut stream, _) = listener.accept().await.expect("a client");
        read_messages(&mut stream, 1).await
    };
    let (step, read) = tokio::join!(forwarder.step(), server);
    assert_eq!(numbers(&read), [1]);
    assert!(step.is_err(), "whether it was written is not known");
    let server = async {
        let (mut stream, _) = listener.accept().await.expect("a client");
        (read_messages(&mut stream, 1).await, stream)
    };
    let (step, (read, _stream)) = tokio::join!(forwarder.step(), server);
    assert_eq!(step.expect("sent"), Step::More);
    assert_eq!(numbers(&read), [1]);
}

#[tokio::test]
async fn datagrams_hold_a_message_each() {
    let bench = Bench::with(2).await;
    let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let path = bench.path().join("log");
    let unix = UnixDatagram::bind(&path).expect("a socket");
    let addresses = [
        format!("udp://{}", udp.local_addr().expect("bound")),
        format!("unix:{}", path.display()),
    ];
    for address in &addresses {
        let step = bench.syslog(address).step().await;
        assert_eq!(step.expect("sent"), Step::More, "{address}");
    }
    for expected in [1, 2] {
        let mut buffer = [0; 2048];
        let length = udp.recv(&mut buffer).await.expect("a datagram");
        let line = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert!(line.starts_with("<109>1 "), "{line}");
        assert_eq!(numbers(&[line]), [expected]);
        let length = unix.recv(&mut buffer).await.expect("a datagram");
        let line = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert_eq!(numbers(&[line]), [expected]);
    }
}

#[tokio::test]
async fn by_tls_only_a_trusted_server_gets_events() {
    let bench = Bench::with(1).await;
    let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .expect("a pair");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let address = format!("tls://localhost:{port}");
    for (roots, is_trusted) in [("", false), (made.cert.pem().as_str(), true)] {
        let parsed = SyslogAddress::parse(&address, roots.as_bytes()).expect("an address");
        let target = AuditTarget::syslog(parsed, bench.path());
        let mut forwarder = bench.forwarder(target, &ForwardMetrics::default());
        let server = async {
            let (stream, _) = listener.accept().await.expect("a client");
            let mut stream = acceptor.accept(stream).await.ok()?;
            Some((read_messages(&mut stream, 1).await, stream))
        };
        let (step, read) = tokio::join!(forwarder.step(), server);
        assert_eq!(step.is_ok(), is_trusted);
        let read = read.map(|(messages, _stream)| numbers(&messages));
        assert_eq!(read, is_trusted.then(|| vec![1]));
    }
}

/// Whoever posts: the answer's status, and what came.
type Posted = Arc<Mutex<(StatusCode, Vec<(HeaderMap, String)>)>>;

async fn hook() -> (String, Posted) {
    let posted: Posted = Arc::new(Mutex::new((StatusCode::OK, Vec::new())));
    let take = async |State(posted): State<Posted>, headers: HeaderMap, body: String| {
        let mut posted = posted.lock().expect("nobody panicked");
        posted.1.push((headers, body));
        posted.0
    };
    let router = Router::new()
        .route("/hook", post(take))
        .with_state(posted.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/hook"), posted)
}

fn webhook(url: &str, folder: &Path) -> AuditTarget {
    let loopback = vec!["127.0.0.0/8".parse().expect("a network")];
    let outbound = Outbound::new(loopback, b"").expect("certificates");
    let webhook = WebhookTarget::new(url, Secret::new(SECRET), outbound).expect("a webhook");
    AuditTarget::webhook(webhook, folder)
}

#[tokio::test]
async fn a_webhook_gets_signed_batches_again_until_it_takes_them() {
    let bench = Bench::with(i64::from(BATCH) + 1).await;
    let (url, posted) = hook().await;
    let metrics = ForwardMetrics::default();
    let mut forwarder = bench.forwarder(webhook(&url, bench.path()), &metrics);
    posted.lock().expect("unpoisoned").0 = StatusCode::SERVICE_UNAVAILABLE;
    assert!(matches!(
        forwarder.step().await,
        Err(ForwardError::Refused(503))
    ));
    posted.lock().expect("unpoisoned").0 = StatusCode::NO_CONTENT;
    assert_eq!(forwarder.step().await.expect("taken"), Step::More);
    assert_eq!(forwarder.step().await.expect("taken"), Step::More);
    assert_eq!(forwarder.step().await.expect("read"), Step::Nothing);

    let came = std::mem::take(&mut posted.lock().expect("unpoisoned").1);
    let came: Vec<Vec<i64>> = came
        .iter()
        .map(|(headers, body)| {
            check_signature(headers, body);
            let lines: Vec<String> = body.lines().map(str::to_owned).collect();
            numbers(&lines)
        })
        .collect();
    let batch: Vec<i64> = (1..=i64::from(BATCH)).collect();
    assert_eq!(came, [batch.clone(), batch, vec![i64::from(BATCH) + 1]]);
}

fn check_signature(headers: &HeaderMap, body: &str) {
    assert_eq!(headers["content-type"], "application/x-ndjson");
    let signature = headers["streamspace-signature"].to_str().expect("text");
    let (time, tag) = signature.split_once(",v1=").expect("two parts");
    let time = time.strip_prefix("t=").expect("a time");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = data_encoding::HEXLOWER.decode(tag.as_bytes()).expect("hex");
    hmac::verify(&key, format!("{time}.{body}").as_bytes(), &tag).expect("signed");
}

#[tokio::test]
async fn what_the_log_forgot_before_it_was_sent_is_counted() {
    let bench = Bench::with(5).await;
    let (url, _posted) = hook().await;
    let metrics = ForwardMetrics::default();
    let before = Timestamp::from_second(3).expect("a time");
    bench.log.forget(before).await.expect("forgotten");
    let mut forwarder = bench.forwarder(webhook(&url, bench.path()), &metrics);
    assert_eq!(forwarder.step().await.expect("taken"), Step::More);
    let mut registry = prometheus_client::registry::Registry::default();
    metrics.register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).expect("text");
    for line in [
        "audit_lost_total{target=\"webhook:127.0.0.1\"} 3",
        "audit_sent_total{target=\"webhook:127.0.0.1\"} 2",
        "audit_waiting{target=\"webhook:127.0.0.1\"} 0",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}
