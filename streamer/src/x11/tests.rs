//! Against a real X server.

mod clipboard;

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use x11rb::protocol::xproto::{BUTTON_PRESS_EVENT, KEY_PRESS_EVENT, KeyButMask};

use super::*;

/// How long a test waits for what it expects.
const PATIENCE: Duration = Duration::from_secs(20);
const SMALL: DisplaySize = DisplaySize {
    width: 800,
    height: 600,
};

struct Xvnc {
    process: Child,
    display: String,
    _folder: TempDir,
}

impl Xvnc {
    /// On the first free display from 60 on.
    fn start() -> Self {
        (60..160)
            .find_map(Self::on_display)
            .expect("one of a hundred displays is free")
    }

    fn on_display(number: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let display = format!(":{number}");
        let mut process = Command::new("Xvnc")
            .args([&display, "-displayfd", "1", "-geometry", "640x480"])
            .args(["-depth", "24", "-SecurityTypes", "None", "-rfbport", "-1"])
            .arg("-rfbunixpath")
            .arg(folder.path().join("vnc"))
            .args(["-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvnc is installed (tigervnc-standalone-server)");
        let stdout = process.stdout.take().expect("piped");
        let xvnc = Self {
            process,
            display,
            _folder: folder,
        };
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("readable");
        // It ends without a word if another server has the display.
        (line.trim() == number.to_string()).then_some(xvnc)
    }

    /// Another program of the session.
    fn client(&self) -> (RustConnection, Window) {
        let (connection, screen) = x11rb::connect(Some(&self.display)).expect("reachable");
        let root = connection.setup().roots[screen].root;
        (connection, root)
    }
}

fn connect(xvnc: &Xvnc) -> Result<(XServer, mpsc::Receiver<XEvent>), XError> {
    XServer::connect(&xvnc.display, ClipboardPolicy::default())
}

impl Drop for Xvnc {
    fn drop(&mut self) {
        // Asked to end, it takes its lock and its socket with it.
        if let Some(pid) = rustix::process::Pid::from_raw(self.process.id().cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.process.wait();
    }
}

/// Asks until the answer is yes.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::yield_now();
    }
}

async fn wait_for(news: &mut mpsc::Receiver<XEvent>, expected: XEvent) {
    let found = async {
        while let Some(event) = news.recv().await {
            if event == expected {
                return;
            }
        }
        panic!("the X server is gone");
    };
    let in_time = tokio::time::timeout(PATIENCE, found).await;
    assert!(in_time.is_ok(), "waited in vain for {expected:?}");
}

fn anything_held(connection: &RustConnection, root: Window) -> bool {
    let keys = connection.query_keymap().expect("sent").reply();
    let pointer = connection.query_pointer(root).expect("sent").reply();
    let buttons = u16::from(pointer.expect("answered").mask) >= u16::from(KeyButMask::BUTTON1);
    buttons || keys.expect("answered").keys != [0; 32]
}

#[test]
fn connecting_lets_go_of_what_a_former_streamer_held() {
    let xvnc = Xvnc::start();
    let (client, root) = xvnc.client();
    for (kind, detail) in [
        (KEY_PRESS_EVENT, 37),
        (KEY_PRESS_EVENT, 38),
        (BUTTON_PRESS_EVENT, 1),
    ] {
        let asked = client.xtest_fake_input(kind, detail, 0, root, 0, 0, 0);
        asked.expect("sent").check().expect("pressed");
    }
    wait_until("keys are held", || anything_held(&client, root));
    let _x = connect(&xvnc).expect("reachable");
    wait_until("nothing is held", || !anything_held(&client, root));
}

#[tokio::test]
async fn many_sizes_leave_one_mode() {
    let xvnc = Xvnc::start();
    let (x, mut news) = connect(&xvnc).expect("reachable");
    let (client, root) = xvnc.client();
    // None of them is a size that Xvnc knows.
    for (width, height) in [(700, 500), (702, 500), (700, 500), (810, 610)] {
        let size = DisplaySize { width, height };
        x.arrange(Displays::one(size)).expect("taken");
        wait_for(&mut news, XEvent::Displays(Displays::one(size))).await;
    }
    wait_until("one mode is left", || {
        let resources = randr::get_screen_resources_current(&client, root).expect("sent");
        let resources = resources.reply().expect("answered");
        String::from_utf8_lossy(&resources.names)
            .matches("-streamspace")
            .count()
            == 1
    });
    x.arrange(Displays::one(SMALL)).expect("taken");
    wait_for(&mut news, XEvent::Displays(Displays::one(SMALL))).await;
}

#[test]
fn a_size_that_the_x_server_refuses_changes_nothing() {
    let xvnc = Xvnc::start();
    let (client, root) = xvnc.client();
    let state = || {
        let resources = randr::get_screen_resources_current(&client, root).expect("sent");
        let crtc = resources.reply().expect("answered").crtcs[0];
        let crtc = randr::get_crtc_info(&client, crtc, x11rb::CURRENT_TIME).expect("sent");
        let geometry = client.get_geometry(root).expect("sent").reply();
        let geometry = geometry.expect("answered");
        let mode = crtc.reply().expect("answered").mode;
        (mode, geometry.width, geometry.height)
    };
    let before = state();
    assert_ne!(before.0, x11rb::NONE);
    let range = randr::get_screen_size_range(&client, root).expect("sent");
    let too_wide = DisplaySize {
        width: range.reply().expect("answered").max_width + 2,
        height: 600,
    };
    resize::resize(&client, root, too_wide, dpi::ORDINARY).expect_err("too wide");
    assert_eq!(state(), before);
}

#[tokio::test]
async fn a_denser_desktop_says_so_in_its_resources_and_its_millimetres() {
    let xvnc = Xvnc::start();
    let (x, mut news) = connect(&xvnc).expect("reachable");
    x.set_dpi(192).expect("taken");
    x.arrange(Displays::one(SMALL)).expect("taken");
    wait_for(&mut news, XEvent::Displays(Displays::one(SMALL))).await;
    let ask = |program: &str, arguments: &[&str]| {
        let command = Command::new(program)
            .env("DISPLAY", &xvnc.display)
            .args(arguments)
            .output();
        let answer = command.expect("x11-xserver-utils and x11-utils are installed");
        String::from_utf8(answer.stdout).expect("text")
    };
    let resources = ask("xrdb", &["-query"]);
    assert!(resources.contains("Xft.dpi:\t192"), "{resources}");
    let display = ask("xdpyinfo", &[]);
    assert!(display.contains("192x19"), "{display}");
}

#[test]
fn a_pointer_moves_by_what_it_is_told_without_acceleration() {
    let xvnc = Xvnc::start();
    let (x, _news) = connect(&xvnc).expect("reachable");
    let (client, root) = xvnc.client();
    let place = || {
        let pointer = client.query_pointer(root).expect("sent").reply();
        let pointer = pointer.expect("answered");
        (pointer.root_x, pointer.root_y)
    };
    x.input(vec![Output::MovePointer { x: 300, y: 300 }])
        .expect("taken");
    wait_until("it is there", || place() == (300, 300));
    for (right, down, at) in [
        (1, 0, (301, 300)),
        (-81, 40, (220, 340)),
        (160, -200, (380, 140)),
    ] {
        x.input(vec![Output::MovePointerBy { right, down }])
            .expect("taken");
        wait_until("it has moved", || place() == at);
    }
}

#[tokio::test]
async fn news_of_the_mapping_say_which_bindings_they_show() {
    let xvnc = Xvnc::start();
    let (x, mut news) = connect(&xvnc).expect("reachable");
    let keymap = &x.keymap;
    let width = usize::from(keymap.keysyms_per_keycode);
    let rows = (keymap.min_keycode..=u8::MAX).zip(keymap.keysyms.chunks(width));
    let free: Vec<u8> = rows
        .filter(|(_, row)| row.iter().all(|&keysym| keysym == 0))
        .map(|(keycode, _)| keycode)
        .take(2)
        .collect();
    let bindings: Vec<(u8, u32)> = free.into_iter().zip([0x0100_044f, 0x0100_044e]).collect();
    let bind = |&(keycode, keysym): &(u8, u32)| Output::BindKey { keycode, keysym };
    x.input(bindings.iter().map(bind).collect()).expect("taken");
    let latest = async {
        while let Some(event) = news.recv().await {
            match event {
                XEvent::Keymap(keymap) if keymap.binds == 2 => return keymap,
                _ => {}
            }
        }
        panic!("the X server is gone");
    };
    let latest = tokio::time::timeout(PATIENCE, latest).await;
    let latest = latest.expect("the last binding brings news");
    for (keycode, keysym) in bindings {
        let row = usize::from(keycode - latest.min_keycode);
        let row = row * usize::from(latest.keysyms_per_keycode);
        assert_eq!(latest.keysyms[row..row + 2], [keysym, keysym]);
    }
}

#[test]
fn an_x_server_that_takes_nothing_is_stalled_and_moves_do_not_make_it_so() {
    let xvnc = Xvnc::start();
    let (x, _news) = connect(&xvnc).expect("reachable");
    let (client, _) = xvnc.client();
    let grabbed = client.grab_server().expect("sent");
    grabbed.check().expect("grabbed");
    // The thread waits for its answer, and all that follows waits for the thread.
    x.arrange(Displays::one(SMALL)).expect("taken");
    for at in 0..2 * COMMAND_QUEUE as u16 {
        let moved = vec![Output::MovePointer { x: at, y: 0 }];
        x.input(moved).expect("taken or dropped");
    }
    let release = || {
        vec![Output::Key {
            keycode: 38,
            down: false,
        }]
    };
    let taken = (0..=COMMAND_QUEUE)
        .take_while(|_| x.input(release()).is_ok())
        .count();
    assert!((COMMAND_QUEUE - MOVE_QUEUE - 2..=COMMAND_QUEUE).contains(&taken));
}
