use std::{
    path::Path,
    time::{Duration, Instant},
};

use streamspace_protocol::{Code, Role, ServerSignal, ViewerPath, VncLimits};
use streamspace_signaling::Limits;
use tokio_tungstenite::tungstenite::Message;
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{ConnectionExt, CreateWindowAux, EventMask, WindowClass},
    },
    rust_connection::RustConnection,
};

use crate::{
    clipboard,
    desk::{Browser, Desk, VNC_PASSWORD},
    streamer::Streamer,
    xvnc::Xvnc,
};

/// A VNC client in the browser's place, after its handshake.
struct VncClient {
    browser: Browser,
    received: Vec<u8>,
}

impl VncClient {
    async fn join(desk: &Desk, role: Role) -> Self {
        let browser = desk.greeted("vnc", role).await;
        let received = Vec::new();
        let mut client = Self { browser, received };
        assert_eq!(client.take(12).await, b"RFB 003.008\n");
        client.browser.binary(b"RFB 003.008\n").await;
        assert_eq!(
            client.take(2).await,
            [1, 1],
            "no password is asked of the browser"
        );
        client.browser.binary(&[1]).await;
        assert_eq!(client.take(4).await, [0; 4]);
        client.browser.binary(&[0]).await;
        client
    }

    /// Bytes of the stream, however the messages cut it.
    async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.received.len() < length {
            match self.browser.next().await {
                Message::Binary(bytes) => self.received.extend(bytes),
                other => panic!("not VNC: {other:?}"),
            }
        }
        let rest = self.received.split_off(length);
        std::mem::replace(&mut self.received, rest)
    }

    /// Width and height, as `ServerInit` has them.
    async fn server_init(&mut self) -> (u16, u16) {
        let head = self.take(24).await;
        let name_length = u32::from_be_bytes([head[20], head[21], head[22], head[23]]);
        self.take(name_length as usize).await;
        let size = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
        (size(0), size(2))
    }

    /// Asks for the whole picture and reads the head of what comes.
    async fn picture(&mut self) {
        let raw_only = [2, 0, 0, 1, 0, 0, 0, 0];
        self.browser.binary(&raw_only).await;
        self.browser
            .binary(&[3, 0, 0, 0, 0, 0, 1, 64, 0, 200])
            .await;
        let update = self.take(4).await;
        assert_eq!(update[0], 0, "FramebufferUpdate");
        let rectangles = u16::from_be_bytes([update[2], update[3]]);
        for _ in 0..rectangles {
            let head = self.take(12).await;
            let side = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]]));
            assert_eq!(head[8..12], [0; 4], "raw");
            self.take(side(4) * side(6) * 4).await;
        }
    }

    /// The text of a `ServerCutText`, which is next.
    async fn cut_text(&mut self) -> String {
        let head = self.take(8).await;
        assert_eq!(head[0], 3, "ServerCutText");
        let length = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
        let text = self.take(length as usize).await;
        String::from_utf8(text).expect("ASCII")
    }

    async fn press(&mut self, keysym: u32) {
        for down in [1, 0] {
            let message = [&[4, down, 0, 0][..], &keysym.to_be_bytes()].concat();
            self.browser.binary(&message).await;
        }
    }
}

/// An X client that has the keyboard to itself.
struct Keyboard(RustConnection);

impl Keyboard {
    fn watch(display: &str) -> Self {
        let (connection, screen) = x11rb::connect(Some(display)).expect("the X server");
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id().expect("an id");
        let events = CreateWindowAux::new()
            .override_redirect(1)
            .event_mask(EventMask::KEY_PRESS);
        connection
            .create_window(
                0,
                window,
                root,
                0,
                0,
                320,
                200,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &events,
            )
            .expect("sent");
        connection.map_window(window).expect("sent");
        connection
            .set_input_focus(x11rb::protocol::xproto::InputFocus::NONE, window, 0u32)
            .expect("sent")
            .check()
            .expect("a window on the screen has the focus");
        Self(connection)
    }

    /// The keysym of the next key that goes down.
    fn next_press(&self) -> u32 {
        loop {
            if let Event::KeyPress(press) = self.0.wait_for_event().expect("the X server") {
                let mapping = self.0.get_keyboard_mapping(press.detail, 1).expect("sent");
                return mapping.reply().expect("a mapping").keysyms[0];
            }
        }
    }
}

async fn desk(folder: &Path, password: &str) -> Desk {
    Desk::open(folder, password, Limits::default()).await
}

const KEY_A: u32 = 0x61;
const KEY_B: u32 = 0x62;

#[tokio::test]
async fn the_right_password_opens_the_way_to_the_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let _xvnc = Xvnc::start(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    for role in [Role::View, Role::Control] {
        let mut client = VncClient::join(&desk, role).await;
        assert_eq!(client.server_init().await, (320, 200));
        client.picture().await;
    }
}

#[tokio::test]
async fn the_wrong_password_ends_with_a_reason_before_vnc_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let _xvnc = Xvnc::start(folder.path());
    let desk = desk(folder.path(), "wrong").await;
    let mut browser = desk.greeted("vnc", Role::Control).await;
    assert_eq!(browser.refused().await, (Code::VncUnreachable, false));
}

#[tokio::test]
async fn a_missing_vnc_server_is_worth_another_try() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let mut browser = desk.greeted("vnc", Role::Control).await;
    assert_eq!(browser.refused().await, (Code::VncUnreachable, true));
}

#[tokio::test]
async fn the_keys_of_a_viewer_who_only_watches_do_not_arrive() {
    let folder = tempfile::tempdir().expect("a folder");
    let xvnc = Xvnc::start(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let keyboard = Keyboard::watch(&xvnc.display);

    let mut watching = VncClient::join(&desk, Role::View).await;
    watching.server_init().await;
    watching.press(KEY_A).await;
    // An answer to what came after the key: the server has read past it.
    watching.picture().await;
    let mut controlling = VncClient::join(&desk, Role::Control).await;
    controlling.server_init().await;
    controlling.press(KEY_B).await;

    let first = tokio::task::spawn_blocking(move || keyboard.next_press());
    assert_eq!(first.await.expect("no panic"), KEY_B);

    // And only what arrives is said to be somebody's activity.
    let mut activity = desk.activity.clone();
    let counted = activity.wait_for(|count| *count > 0).await;
    assert_eq!(*counted.expect("the desk is there"), 1);
}

#[tokio::test]
async fn what_a_program_copies_is_not_told_to_a_viewer_who_only_watches() {
    let folder = tempfile::tempdir().expect("a folder");
    let xvnc = Xvnc::start(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let mut watching = VncClient::join(&desk, Role::View).await;
    watching.server_init().await;
    let mut controlling = VncClient::join(&desk, Role::Control).await;
    controlling.server_init().await;

    clipboard::copy(&xvnc.display, "copied");
    assert_eq!(controlling.cut_text().await, "copied");
    // The server tells all clients at once, so what comes next would be the text.
    watching.picture().await;
}

#[tokio::test]
async fn a_viewer_cannot_throw_the_others_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let _xvnc = Xvnc::start(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let mut first = VncClient::join(&desk, Role::Control).await;
    first.server_init().await;
    // Its ClientInit asks for the desktop for itself alone.
    let mut second = VncClient::join(&desk, Role::Control).await;
    second.server_init().await;
    first.picture().await;
}

#[tokio::test]
async fn an_ending_vnc_server_ends_the_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let xvnc = Xvnc::start(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let mut client = VncClient::join(&desk, Role::Control).await;
    client.server_init().await;
    drop(xvnc);
    let refusal = client.browser.refused().await;
    assert_eq!(refusal, (Code::VncUnreachable, true));
}

#[tokio::test]
async fn a_client_that_breaks_the_protocol_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let _xvnc = Xvnc::start(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let mut client = VncClient::join(&desk, Role::View).await;
    client.server_init().await;
    client.browser.binary(&[99]).await;
    let refusal = client.browser.refused().await;
    assert_eq!(refusal, (Code::MessageMalformed, false));

    let mut early = desk.browser("vnc").await;
    early.binary(b"RFB 003.008\n").await;
    assert_eq!(early.refused().await, (Code::MessageOutOfOrder, false));
}

#[tokio::test]
async fn the_streamer_says_in_which_role_a_viewer_by_vnc_comes_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let xvnc = Xvnc::start(folder.path());
    let streamer = Streamer::listen(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let keyboard = Keyboard::watch(&xvnc.display);
    let join = async |role| {
        let (client, link) = tokio::join!(
            VncClient::join(&desk, Role::Control),
            streamer.welcome_as(&desk.session, role)
        );
        assert_eq!(link.hello.path, ViewerPath::Vnc);
        (client, link)
    };
    let (mut watching, _link) = join(Role::View).await;
    watching.server_init().await;
    watching.press(0x61).await;
    watching.picture().await;
    let (mut acting, _link) = join(Role::Control).await;
    acting.server_init().await;
    acting.press(0x62).await;
    let pressed = tokio::task::spawn_blocking(move || keyboard.next_press()).await;
    assert_eq!(
        pressed.expect("no panic"),
        0x62,
        "the other key did not arrive"
    );
}

#[tokio::test]
async fn the_streamer_turns_viewers_by_vnc_away_and_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let _xvnc = Xvnc::start(folder.path());
    let streamer = Streamer::listen(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let removed = ServerSignal::Error {
        code: Code::Removed,
        message: "an owner has removed you".into(),
        retry: false,
    };
    let mut refused = desk.greeted("vnc", Role::Control).await;
    streamer.accept().await.send(&removed).await;
    assert_eq!(refused.refused().await, (Code::Removed, false));

    let (mut client, mut link) = tokio::join!(
        VncClient::join(&desk, Role::Control),
        streamer.welcome(&desk.session)
    );
    client.server_init().await;
    link.send(&removed).await;
    assert_eq!(client.browser.refused().await, (Code::Removed, false));
}

#[tokio::test]
async fn a_session_whose_template_does_not_allow_vnc_has_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let _xvnc = Xvnc::start(folder.path());
    let desk = limited(folder.path(), |limits| limits.enabled = false).await;
    let mut browser = desk.greeted("vnc", Role::Control).await;
    assert_eq!(browser.refused().await, (Code::VncDisabled, false));
}

#[tokio::test]
async fn pictures_come_no_faster_than_the_template_allows() {
    let folder = tempfile::tempdir().expect("a folder");
    let _xvnc = Xvnc::start(folder.path());
    let rate = 100_000;
    let desk = limited(folder.path(), |limits| {
        limits.max_bytes_per_second = Some(rate)
    })
    .await;
    let mut client = VncClient::join(&desk, Role::Control).await;
    client.server_init().await;
    let started = Instant::now();
    // 320 x 200 x 4 bytes, less what may go at once.
    client.picture().await;
    let least = Duration::from_secs_f64(f64::from(320 * 200 * 4 - rate / 2) / f64::from(rate));
    assert!(started.elapsed() >= least, "{:?}", started.elapsed());
}

async fn limited(folder: &Path, limit: impl FnOnce(&mut VncLimits)) -> Desk {
    let mut vnc = VncLimits::default();
    limit(&mut vnc);
    Desk::with_vnc(folder, VNC_PASSWORD, Limits::default(), vnc).await
}

#[tokio::test]
async fn a_streamer_that_comes_back_is_asked_again_who_may_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let _xvnc = Xvnc::start(folder.path());
    let desk = desk(folder.path(), VNC_PASSWORD).await;
    let mut client = VncClient::join(&desk, Role::Control).await;
    client.server_init().await;
    client.picture().await;
    let streamer = Streamer::listen(folder.path());
    let _link = streamer.welcome_as(&desk.session, Role::View).await;
    assert_eq!(client.browser.refused().await, (Code::RoleChanged, true));
}
