//! Copying and pasting, with xclip as the other program.

use std::io::Write;

use streamspace_protocol::ClipboardKind;
use x11rb::protocol::xproto::{CreateWindowAux, WindowClass};

use super::*;

#[test]
fn programs_can_paste_what_a_browser_copied() {
    let xvnc = Xvnc::start();
    let (x, _news) = connect(&xvnc).expect("reachable");
    x.set_clipboard(ClipboardContent::text("grüße, яю"))
        .expect("taken");
    wait_until("the text can be pasted", || {
        let pasted = Command::new("xclip")
            .args(["-display", &xvnc.display, "-selection", "clipboard", "-o"])
            .output()
            .expect("xclip is installed");
        pasted.stdout == "grüße, яю".as_bytes()
    });
}

/// A picture of so many bytes, as far as anybody looks.
fn picture(bytes: usize) -> Vec<u8> {
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    picture.extend((0..bytes).map(|at| (at % 251) as u8));
    picture
}

fn content(parts: &[(ClipboardKind, &[u8])]) -> ClipboardContent {
    let mut content = ClipboardContent::default();
    for &(kind, bytes) in parts {
        content.add(kind, bytes.into());
    }
    content
}

fn paste(xvnc: &Xvnc, target: &str) -> Vec<u8> {
    let arguments = ["-display", &xvnc.display, "-selection", "clipboard", "-o"];
    let output = Command::new("xclip")
        .args(arguments)
        .args(["-t", target])
        .output();
    output.expect("xclip is installed").stdout
}

/// Copies by a program that stays until something else is copied.
fn copy(xvnc: &Xvnc, target: &str, bytes: &[u8]) {
    let mut xclip = Command::new("xclip")
        .args(["-display", &xvnc.display, "-selection", "clipboard", "-i"])
        .args(["-t", target])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("xclip is installed");
    let mut stdin = xclip.stdin.take().expect("piped");
    stdin.write_all(bytes).expect("taken");
    drop(stdin);
    xclip.wait().expect("it goes on in the background");
}

#[test]
fn pictures_and_html_can_be_pasted_however_large() {
    let xvnc = Xvnc::start();
    let (x, _news) = connect(&xvnc).expect("reachable");
    let large = picture(10_000_000);
    let html = "<b>ü</b>".repeat(100_000);
    x.set_clipboard(content(&[
        (ClipboardKind::Html, html.as_bytes()),
        (ClipboardKind::Png, &large),
    ]))
    .expect("taken");
    wait_until("the picture can be pasted", || {
        paste(&xvnc, "image/png") == large
    });
    assert_eq!(paste(&xvnc, "text/html"), html.as_bytes());
    let targets = String::from_utf8(paste(&xvnc, "TARGETS")).expect("names");
    assert_eq!(targets, "TARGETS\ntext/html\nimage/png\n");
    assert!(paste(&xvnc, "UTF8_STRING").is_empty());
}

#[tokio::test]
async fn what_programs_copy_is_told_however_large() {
    let xvnc = Xvnc::start();
    let (_x, mut news) = connect(&xvnc).expect("reachable");
    let large = picture(10_000_000);
    copy(&xvnc, "image/png", &large);
    let expected = content(&[(ClipboardKind::Png, &large)]);
    wait_for(&mut news, XEvent::Clipboard(expected)).await;
    copy(&xvnc, "text/html", b"<b>x</b>");
    let expected = content(&[(ClipboardKind::Html, b"<b>x</b>")]);
    wait_for(&mut news, XEvent::Clipboard(expected)).await;
    copy(&xvnc, "UTF8_STRING", "grüße".as_bytes());
    wait_for(
        &mut news,
        XEvent::Clipboard(ClipboardContent::text("grüße")),
    )
    .await;
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_not_even_asked_for() {
    let xvnc = Xvnc::start();
    let policy = ClipboardPolicy {
        kinds: vec![ClipboardKind::Text],
        max_bytes: 10,
        ..ClipboardPolicy::default()
    };
    let (_x, mut news) = XServer::connect(&xvnc.display, policy).expect("reachable");
    copy(&xvnc, "image/png", &picture(100));
    copy(&xvnc, "UTF8_STRING", b"more than ten bytes");
    copy(&xvnc, "UTF8_STRING", &[b'x'; 2_000_000]);
    copy(&xvnc, "UTF8_STRING", b"few");
    while let Some(event) = news.recv().await {
        if let XEvent::Clipboard(content) = event {
            assert_eq!(content, ClipboardContent::text("few"));
            return;
        }
    }
    panic!("the X server is gone");
}

#[test]
fn a_program_that_stops_pasting_in_the_middle_holds_up_nobody() {
    let xvnc = Xvnc::start();
    let (x, _news) = connect(&xvnc).expect("reachable");
    let large = picture(3_000_000);
    x.set_clipboard(content(&[(ClipboardKind::Png, &large)]))
        .expect("taken");
    wait_until("it can be pasted", || paste(&xvnc, "image/png") == large);
    let (client, root) = xvnc.client();
    let window = client.generate_id().expect("an id");
    let (class, aux) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
    client
        .create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &aux)
        .expect("sent");
    let atom = |name: &str| {
        let atom = client.intern_atom(false, name.as_bytes()).expect("sent");
        atom.reply().expect("answered").atom
    };
    for number in 0..40 {
        let (selection, target) = (atom("CLIPBOARD"), atom("image/png"));
        let property = atom(&format!("STUCK{number}"));
        client
            .convert_selection(window, selection, target, property, x11rb::CURRENT_TIME)
            .expect("sent");
    }
    client.flush().expect("sent");
    // All places are taken until its window goes.
    wait_until("there is no place", || paste(&xvnc, "image/png").is_empty());
    drop(client);
    wait_until("there is a place", || paste(&xvnc, "image/png") == large);
}
