use std::time::Duration;

use streamspace_protocol::{
    ClientSignal, Code, Role, Screen, Secret, ServerSignal, ShareId, ViewerPath, Wire,
};
use streamspace_signaling::Limits;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{
    desk::{Browser, Desk, STREAMER_KEY, VNC_PASSWORD},
    streamer::{Link, Streamer},
};

struct Scene {
    folder: TempDir,
    streamer: Streamer,
    desk: Desk,
}

impl Scene {
    async fn new() -> Self {
        Self::with_limits(Limits::default()).await
    }

    async fn with_limits(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            streamer: Streamer::listen(folder.path()),
            desk: Desk::open(folder.path(), VNC_PASSWORD, limits).await,
            folder,
        }
    }

    async fn joined(&self, role: Role) -> (Browser, Link) {
        let mut browser = self.desk.greeted("signal", role).await;
        let link = self.streamer.welcome(&self.desk.session).await;
        let welcome = browser.next_wire().await;
        assert!(
            matches!(welcome, ServerSignal::Welcome { .. }),
            "{welcome:?}"
        );
        (browser, link)
    }
}

fn offer() -> ClientSignal {
    ClientSignal::Offer {
        sdp: Secret::new("v=0"),
        screen: Screen::First,
        resume: None,
    }
}

#[tokio::test]
async fn browser_and_streamer_negotiate_through_the_gateway() {
    let scene = Scene::new().await;
    let (mut browser, mut link) = scene.joined(Role::View).await;
    assert_eq!(link.hello.key.expose(), STREAMER_KEY);
    assert_eq!(link.hello.role, Role::View);

    browser.text(&offer().encode()).await;
    assert_eq!(link.next().await, Some(offer()));
    let answer = ServerSignal::Answer {
        sdp: Secret::new("v=0\r\n"),
    };
    link.send(&answer).await;
    assert_eq!(browser.next_wire::<ServerSignal>().await, answer);
}

#[tokio::test]
async fn viewers_of_a_session_are_told_apart() {
    let scene = Scene::new().await;
    let (_one, first) = scene.joined(Role::View).await;
    let (_two, second) = scene.joined(Role::Control).await;
    assert_ne!(first.hello.viewer, second.hello.viewer);
}

#[tokio::test]
async fn a_closed_tab_ends_the_link() {
    let scene = Scene::new().await;
    let (browser, mut link) = scene.joined(Role::View).await;
    browser.leave().await;
    assert_eq!(link.next().await, Some(ClientSignal::Bye));
    assert_eq!(link.next().await, None);
}

#[tokio::test]
async fn a_streamer_that_ends_is_told_with_leave_to_retry() {
    let scene = Scene::new().await;
    let (mut browser, link) = scene.joined(Role::View).await;
    drop(link);
    assert_eq!(browser.refused().await, (Code::StreamerUnreachable, true));
}

#[tokio::test]
async fn a_streamer_that_sends_nonsense_loses_its_link() {
    let scene = Scene::new().await;
    for nonsense in [&b"\0\0\0\x02{}"[..], &[0xff; 8]] {
        let (mut browser, mut link) = scene.joined(Role::View).await;
        link.send_bytes(nonsense).await;
        assert_eq!(browser.refused().await, (Code::StreamerUnreachable, true));
        // Without a farewell it would keep the viewer for another gateway.
        assert_eq!(link.next().await, Some(ClientSignal::Bye));
        assert_eq!(link.next().await, None);
    }
}

#[tokio::test]
async fn a_streamer_that_is_not_there_is_told_with_leave_to_retry() {
    let Scene {
        folder,
        streamer,
        desk,
    } = Scene::new().await;
    drop(streamer);
    let mut browser = desk.greeted("signal", Role::View).await;
    assert_eq!(browser.refused().await, (Code::StreamerUnreachable, true));
    drop(folder);
}

#[tokio::test]
async fn a_token_opens_one_socket_only() {
    let scene = Scene::new().await;
    let token = scene.desk.token(Role::View);
    let mut first = scene.desk.browser("signal").await;
    first.hello(token.clone()).await;
    let _link = scene.streamer.welcome(&scene.desk.session).await;
    let mut second = scene.desk.browser("signal").await;
    second.hello(token.clone()).await;
    assert_eq!(second.refused().await, (Code::TokenUsed, true));
    let mut vnc = scene.desk.browser("vnc").await;
    vnc.hello(token).await;
    assert_eq!(vnc.refused().await, (Code::TokenUsed, true));
}

#[tokio::test]
async fn bad_first_messages_are_refused() {
    let scene = Scene::new().await;
    let mut forged = scene.desk.browser("signal").await;
    forged.hello(Secret::new("a.b")).await;
    assert_eq!(forged.refused().await, (Code::TokenInvalid, false));

    let mut early = scene.desk.browser("signal").await;
    early.text(&offer().encode()).await;
    assert_eq!(early.refused().await, (Code::MessageOutOfOrder, false));

    let mut binary = scene.desk.browser("signal").await;
    binary.binary(b"RFB 003.008\n").await;
    assert_eq!(binary.refused().await, (Code::MessageMalformed, false));

    let mut large = scene.desk.browser("signal").await;
    large.text(&"x".repeat(200_000)).await;
    assert_eq!(large.refused().await, (Code::MessageTooLarge, false));

    let mut huge = scene.desk.browser("signal").await;
    huge.text(&"x".repeat(300_000)).await;
    assert_eq!(huge.refused().await, (Code::MessageMalformed, false));
}

#[tokio::test]
async fn a_full_session_and_a_full_gateway_refuse() {
    let limits = Limits {
        connections: 3,
        viewers: 1,
    };
    let scene = Scene::with_limits(limits).await;
    let (first, mut link) = scene.joined(Role::View).await;
    let mut second = scene.desk.greeted("signal", Role::View).await;
    assert_eq!(second.refused().await, (Code::LimitReached, true));

    let _silent = scene.desk.browser("signal").await;
    let _vnc = scene.desk.browser("vnc").await;
    let mut fourth = scene.desk.browser("signal").await;
    assert_eq!(fourth.refused().await, (Code::LimitReached, true));
    let mut fifth = scene.desk.browser("vnc").await;
    assert_eq!(fifth.refused().await, (Code::LimitReached, true));

    first.leave().await;
    assert_eq!(link.next().await, Some(ClientSignal::Bye));
    assert_eq!(link.next().await, None);
    scene.joined(Role::View).await;
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let desk = Scene::new().await.desk;
    assert_eq!(desk.status_for_origin("http://{address}").await, 101);
    assert_eq!(desk.status_for_origin("https://{address}").await, 403);
    assert_eq!(desk.status_for_origin("http://evil.example").await, 403);
    assert_eq!(desk.status_for_origin("null").await, 403);
}

#[tokio::test]
async fn a_stopping_gateway_ends_its_connections_and_takes_no_new_ones() {
    let scene = Scene::new().await;
    let (mut browser, mut link) = scene.joined(Role::View).await;
    let mut waiting = scene.desk.browser("vnc").await;
    let gateway = scene.desk.gateway.clone();
    let closing = tokio::spawn(async move { gateway.close().await });
    assert_eq!(browser.closed().await.0, 1001);
    assert_eq!(waiting.closed().await.0, 1001);
    assert_eq!(link.next().await, None);
    closing.await.expect("all connections end");
    assert_eq!(scene.desk.browser("signal").await.closed().await.0, 1001);
}

#[tokio::test]
async fn a_streamer_that_does_not_read_does_not_hold_up_the_stop() {
    let scene = Scene::new().await;
    let (mut browser, _deaf) = scene.joined(Role::View).await;
    let large = ClientSignal::Offer {
        sdp: Secret::new("x".repeat(20_000)),
        screen: Screen::First,
        resume: None,
    };
    browser.text_until_stuck(&large.encode()).await;
    let stopped = timeout(Duration::from_secs(20), scene.desk.gateway.close()).await;
    stopped.expect("a streamer has 30 s to read a message; the stop does not wait for that");
}

#[tokio::test]
async fn the_streamer_learns_who_comes_and_says_in_which_role() {
    let scene = Scene::new().await;
    let mut browser = scene.desk.greeted("signal", Role::Control).await;
    let session = &scene.desk.session;
    let link = scene.streamer.welcome_as(session, Role::View).await;
    assert_eq!(link.hello.person.name.as_str(), "Ada");
    assert_eq!(link.hello.path, ViewerPath::Webrtc);
    let welcome = browser.next_wire::<ServerSignal>().await;
    assert!(
        matches!(
            welcome,
            ServerSignal::Welcome {
                role: Role::View,
                ..
            }
        ),
        "{welcome:?}"
    );
}

#[tokio::test]
async fn the_streamer_is_told_of_a_withdrawn_link() {
    let scene = Scene::new().await;
    let share = ShareId::new([9; 8]);
    let gateway = scene.desk.gateway.clone();
    let session = scene.desk.session.clone();
    let revoking = tokio::spawn(async move { gateway.revoke(&session, share).await });
    let revocation = scene.streamer.revocation().await;
    assert_eq!(revocation.key.expose(), STREAMER_KEY);
    assert_eq!(revocation.revoke, ShareId::new([9; 8]));
    assert_eq!(revoking.await.expect("no panic"), Ok(()));
}
