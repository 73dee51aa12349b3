//! Viewers relay to their streamer by the gateway's TURN server, and to nobody else.

use std::net::SocketAddr;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls_pki_types::CertificateDer;
use streamspace_protocol::{Candidate, IceServer, Role, Secret, ServerSignal};
use streamspace_signaling::{TlsFiles, TurnConfig, TurnServer, TurnTls, turn::TurnLimits};
use tempfile::TempDir;
use tokio::net::UdpSocket;

use crate::{
    desk::{Browser, Desk},
    streamer::{Link, Streamer},
    turn_client::Caller,
};

const CHANNEL: u16 = 0x4000;
const UNAUTHORIZED: Option<u16> = Some(401);
const FORBIDDEN: Option<u16> = Some(403);

struct Scene {
    _folder: TempDir,
    streamer: Streamer,
    desk: Desk,
    certificate: CertificateDer<'static>,
}

/// A viewer that has been let in, and its streamer's port for media.
struct Viewer {
    browser: Browser,
    _link: Link,
    server: IceServer,
    media: UdpSocket,
}

impl Scene {
    async fn new(limits: TurnLimits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, tls) = identity(&folder);
        let server = TurnServer::bind(TurnConfig {
            listen: Some(([127, 0, 0, 1], 0).into()),
            tls: Some(tls),
            host: "127.0.0.1".into(),
            relay_addresses: vec![[127, 0, 0, 1].into()],
            limits,
        });
        let server = server.await.expect("free ports");
        let turn = server.turn();
        tokio::spawn(server.run());
        Self {
            streamer: Streamer::listen(folder.path()),
            desk: Desk::with_turn(folder.path(), turn).await,
            _folder: folder,
            certificate,
        }
    }

    /// A viewer comes, and its streamer tells one candidate.
    async fn viewer(&self) -> Viewer {
        let mut browser = self.desk.greeted("signal", Role::View).await;
        let mut link = self.streamer.welcome(&self.desk.session).await;
        let ServerSignal::Welcome {
            mut ice_servers, ..
        } = browser.next_wire().await
        else {
            panic!("not welcome");
        };
        let media = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let candidate = candidate(address_of(&media));
        link.send(&candidate).await;
        assert_eq!(browser.next_wire::<ServerSignal>().await, candidate);
        Viewer {
            browser,
            _link: link,
            server: ice_servers.pop().expect("the TURN server"),
            media,
        }
    }
}

fn identity(folder: &TempDir) -> (CertificateDer<'static>, TurnTls) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let file = |name| folder.path().join(name);
    std::fs::write(file("cert.pem"), cert.pem()).expect("written");
    std::fs::write(file("key.pem"), signing_key.serialize_pem()).expect("written");
    let tls = TurnTls {
        listen: ([127, 0, 0, 1], 0).into(),
        files: TlsFiles {
            certificate: file("cert.pem"),
            key: file("key.pem"),
        },
    };
    (cert.der().clone(), tls)
}

fn candidate(address: SocketAddr) -> ServerSignal {
    let (ip, port) = (address.ip(), address.port());
    ServerSignal::Candidate(Candidate {
        candidate: Secret::new(format!("candidate:1 1 udp 1 {ip} {port} typ host")),
        sdp_mid: None,
        sdp_m_line_index: Some(0),
        username_fragment: None,
    })
}

fn address_of(socket: &UdpSocket) -> SocketAddr {
    socket.local_addr().expect("bound")
}

impl Viewer {
    /// Of the way whose address ends so.
    fn address(&self, scheme: &str, transport: &str) -> SocketAddr {
        let urls = self.server.urls.iter();
        let mut found = urls.filter_map(|url| {
            let (address, found) = url.strip_prefix(scheme)?.split_once("?transport=")?;
            (found == transport).then(|| address.parse().expect("an address"))
        });
        found.next().expect("a way")
    }

    async fn by_udp(&self) -> Caller {
        Caller::by_udp(self.address("turn:", "udp"), &self.server).await
    }

    async fn by_tcp(&self) -> Caller {
        Caller::by_tcp(self.address("turn:", "tcp"), &self.server).await
    }
}

async fn relays_both_ways(mut caller: Caller, viewer: &Viewer) {
    let relay = caller.allocate().await.expect("an allocation");
    let streamer = address_of(&viewer.media);
    caller.bind(CHANNEL, streamer).await.expect("allowed");
    let mut buffer = [0; 2000];
    for length in [0, 1, 2, 3, 1200] {
        let data: Vec<u8> = (0..length).map(|index| index as u8).collect();
        caller.say(CHANNEL, &data).await;
        let (received, from) = viewer.media.recv_from(&mut buffer).await.expect("received");
        assert_eq!((&buffer[..received], from), (data.as_slice(), relay));
        viewer.media.send_to(&data, relay).await.expect("sent");
        assert_eq!(caller.hear(CHANNEL).await, data);
    }
}

#[tokio::test]
async fn a_viewer_relays_to_its_streamer_by_udp_tcp_and_tls() {
    let scene = Scene::new(TurnLimits::default()).await;
    let viewer = scene.viewer().await;
    relays_both_ways(viewer.by_udp().await, &viewer).await;
    relays_both_ways(viewer.by_tcp().await, &viewer).await;
    let tls = viewer.address("turns:", "tcp");
    let caller = Caller::by_tls(tls, scene.certificate.clone(), &viewer.server).await;
    relays_both_ways(caller, &viewer).await;
}

#[tokio::test]
async fn nothing_reaches_or_leaves_a_port_that_is_not_the_streamers() {
    let scene = Scene::new(TurnLimits::default()).await;
    let (viewer, other) = (scene.viewer().await, scene.viewer().await);
    let victim = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let turn_port = viewer.address("turn:", "udp");
    for mut caller in [viewer.by_udp().await, viewer.by_tcp().await] {
        let relay = caller.allocate().await.expect("an allocation");
        let metadata = SocketAddr::from(([169, 254, 169, 254], 80));
        assert_eq!(caller.permit(metadata).await.err(), FORBIDDEN);
        for elsewhere in [
            address_of(&victim),
            address_of(&other.media),
            turn_port,
            relay,
        ] {
            assert_eq!(
                caller.bind(CHANNEL, elsewhere).await.err(),
                FORBIDDEN,
                "{elsewhere}"
            );
        }
        caller
            .bind(CHANNEL, address_of(&viewer.media))
            .await
            .expect("allowed");
        // The same address is permitted now; the victim's port is not.
        caller.say_to(address_of(&victim), b"to elsewhere").await;
        caller.say(CHANNEL, b"to the streamer").await;
        let mut buffer = [0; 100];
        let (length, _) = viewer.media.recv_from(&mut buffer).await.expect("received");
        assert_eq!(&buffer[..length], b"to the streamer");
        victim
            .send_to(b"from elsewhere", relay)
            .await
            .expect("sent");
        viewer
            .media
            .send_to(b"from the streamer", relay)
            .await
            .expect("sent");
        assert_eq!(caller.hear(CHANNEL).await, b"from the streamer");
    }
    let mut buffer = [0; 100];
    assert!(victim.try_recv(&mut buffer).is_err(), "nothing has come");
    assert!(
        other.media.try_recv(&mut buffer).is_err(),
        "nothing has come"
    );
}

#[tokio::test]
async fn a_viewer_that_has_left_relays_no_more() {
    let scene = Scene::new(TurnLimits::default()).await;
    let viewer = scene.viewer().await;
    let (mut by_udp, mut by_tcp) = (viewer.by_udp().await, viewer.by_tcp().await);
    by_udp.allocate().await.expect("an allocation");
    by_tcp.allocate().await.expect("an allocation");
    let server = viewer.server.clone();
    viewer.browser.leave().await;
    assert_eq!(by_tcp.receive().await, None, "the connection is over");
    // Its own task ends each allocation; until then it is still there.
    while by_udp.refresh(600).await.is_ok() {}
    let mut late = Caller::by_udp(address_of_server(&server), &server).await;
    assert_eq!(late.allocate().await.err(), UNAUTHORIZED);
}

fn address_of_server(server: &IceServer) -> SocketAddr {
    let url = server.urls.first().expect("a way");
    let address = url.trim_start_matches("turn:").split('?').next();
    address
        .and_then(|text| text.parse().ok())
        .expect("an address")
}

#[tokio::test]
async fn an_allocation_that_is_given_up_frees_its_place() {
    let limits = TurnLimits {
        allocations: 1,
        ..TurnLimits::default()
    };
    let scene = Scene::new(limits).await;
    let viewer = scene.viewer().await;
    let mut caller = viewer.by_tcp().await;
    caller.allocate().await.expect("room");
    let mut second = viewer.by_udp().await;
    assert_eq!(second.allocate().await.err(), Some(508));
    caller.refresh(0).await.expect("ended");
    assert_eq!(caller.receive().await, None, "the connection is over");
    second.allocate().await.expect("room again");
    second.refresh(0).await.expect("ended");
    // That was answered just before the allocation ended.
    while viewer.by_udp().await.allocate().await.is_err() {}
}

#[tokio::test]
async fn a_stream_without_messages_is_ended() {
    let scene = Scene::new(TurnLimits::default()).await;
    let viewer = scene.viewer().await;
    let mut caller = viewer.by_tcp().await;
    caller.send(b"GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(caller.receive().await, None);
    let mut caller = viewer.by_tcp().await;
    caller.allocate().await.expect("an allocation");
    caller.send(&[0xff; 64]).await;
    assert_eq!(caller.receive().await, None);
}

#[tokio::test]
async fn files_that_hold_no_identity_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, tls) = identity(&folder);
    for (certificate, key) in [
        (tls.files.key.clone(), tls.files.key.clone()),
        (tls.files.certificate.clone(), tls.files.certificate.clone()),
        (folder.path().join("nothing"), tls.files.key.clone()),
    ] {
        let config = TurnConfig {
            listen: None,
            tls: Some(TurnTls {
                files: TlsFiles { certificate, key },
                ..tls.clone()
            }),
            host: "localhost".into(),
            relay_addresses: vec![],
            limits: TurnLimits::default(),
        };
        let error = TurnServer::bind(config).await.err().expect("refused");
        let named = ["holds no certificate or key", "nothing cannot be read"];
        let error = error.to_string();
        assert!(named.iter().any(|part| error.contains(part)), "{error}");
    }
}
