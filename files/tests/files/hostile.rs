//! Programs of the session change what is on the disk, and peers stop in the middle.

use std::{
    os::unix::fs::symlink,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use rustix::fs::{CWD, FileType, Mode, RenameFlags, mknodat, renameat_with};
use streamspace_protocol::{Code, FilePolicy, FileReply, FileRequest};

use crate::gateway::{Session, id, part, upload_request, whole};

#[test]
fn links_are_not_followed_wherever_they_are_and_lead() {
    let session = Session::new();
    std::fs::write(session.outside().join("secret"), "secret").expect("a file");
    std::fs::create_dir(session.outside().join("elsewhere")).expect("a folder");
    session.write("inside.txt", "inside");
    let home = session.home();
    for (target, name) in [
        ("../secret", "up"),
        ("/etc/passwd", "absolute"),
        ("inside.txt", "within"),
        ("/proc/self/root", "magic"),
        ("..", "parent"),
        ("../elsewhere", "folder"),
        ("loop", "loop"),
    ] {
        symlink(target, home.join(name)).expect("a link");
        assert_eq!(session.read_refusal(name), Code::FileUnusable, "{name}");
    }
    for path in ["parent/secret", "folder/x", "magic/etc/passwd", "loop/x"] {
        assert_eq!(session.read_refusal(path), Code::FileUnusable, "{path}");
        let upload = upload_request(path, None, whole("harm"));
        assert_eq!(session.refusal(upload), Code::FileUnusable, "{path}");
        let archive = FileRequest::Archive {
            path: path.parse().expect(path),
        };
        assert_eq!(session.refusal(archive), Code::FileUnusable, "{path}");
    }
    let elsewhere = std::fs::read_dir(session.outside().join("elsewhere"));
    assert_eq!(elsewhere.expect("a folder").count(), 0);
    assert_eq!(
        std::fs::read_to_string(session.outside().join("secret")).expect("a file"),
        "secret"
    );
}

#[test]
fn an_upload_goes_neither_through_a_link_nor_onto_one() {
    let session = Session::new();
    let victim = session.outside().join("victim");
    std::fs::write(&victim, "untouched").expect("a file");
    symlink(&victim, session.home().join("a.txt")).expect("a link");
    assert_eq!(session.upload_whole("a.txt", "mine"), "a (2).txt");
    // Somebody knows the upload's id and puts a link where its part would be.
    let upload = id('a');
    symlink(&victim, session.home().join(upload.part_name())).expect("a link");
    let request = upload_request("b.txt", Some(&upload), whole("harm"));
    assert_eq!(session.refusal(request), Code::FileUnusable);
    assert_eq!(
        std::fs::read_to_string(victim).expect("a file"),
        "untouched"
    );
}

#[test]
fn a_fifo_is_neither_read_nor_written_nor_waited_for() {
    let session = Session::new();
    let mode = Mode::from_raw_mode(0o600);
    let fifo = |name: &str| {
        mknodat(CWD, session.home().join(name), FileType::Fifo, mode, 0).expect("a FIFO");
    };
    fifo("pipe");
    assert_eq!(session.read_refusal("pipe"), Code::FileUnusable);
    assert_eq!(session.upload_whole("pipe", "beside"), "pipe (2)");
    let upload = id('f');
    fifo(&upload.part_name());
    let request = upload_request("b", Some(&upload), whole("x"));
    assert_eq!(session.refusal(request), Code::FileUnusable);
}

#[test]
fn a_folder_that_turns_into_a_link_again_and_again_leads_nowhere() {
    let session = Session::new();
    std::fs::create_dir(session.outside().join("elsewhere")).expect("a folder");
    std::fs::write(session.outside().join("elsewhere/file"), "outside").expect("a file");
    session.write("swap/file", "inside");
    symlink("../elsewhere", session.home().join("other")).expect("a link");
    let stop = Arc::new(AtomicBool::new(false));
    let swapping = {
        let (stop, home) = (Arc::clone(&stop), session.home());
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let (one, other) = (home.join("swap"), home.join("other"));
                renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).expect("swapped");
            }
        })
    };
    for _ in 0..300 {
        let mut link = session.read("swap/file");
        if let FileReply::Content { length, .. } = link.reply() {
            assert_eq!(link.bytes(length), b"inside");
        }
        let mut link = session.upload("swap/up", None, whole("x"));
        if link.reply() == FileReply::Ready {
            link.send(b"x");
            link.reply();
        }
    }
    stop.store(true, Ordering::Relaxed);
    swapping.join().expect("the swapper");
    let outside = std::fs::read_dir(session.outside().join("elsewhere")).expect("a folder");
    assert_eq!(outside.count(), 1, "nothing was written there");
}

#[test]
fn a_home_that_is_replaced_stays_the_one_it_was() {
    let session = Session::new();
    session.write("a", "mine");
    std::fs::rename(session.home(), session.outside().join("moved")).expect("moved");
    symlink("/etc", session.home()).expect("a link");
    let mut link = session.read("a");
    assert!(matches!(link.reply(), FileReply::Content { .. }));
    assert_eq!(link.rest(), b"mine");
    assert_eq!(session.read_refusal("passwd"), Code::FileNotFound);
}

#[test]
fn a_peer_that_stops_reading_holds_up_nobody() {
    let session = Session::new();
    session.write("large", vec![7; 4 * 1024 * 1024]);
    let stuck: Vec<_> = (0..15).map(|_| session.read("large")).collect();
    let mut link = session.read("large");
    assert!(matches!(link.reply(), FileReply::Content { .. }));
    assert_eq!(link.rest().len(), 4 * 1024 * 1024);
    drop(stuck);
}

#[test]
fn more_transfers_than_there_are_places_for_are_refused() {
    let session = Session::new();
    let uploads: Vec<_> = (0..16)
        .map(|number| {
            let mut link = session.upload(&format!("{number}"), None, part(0, 1, 1));
            assert_eq!(link.reply(), FileReply::Ready);
            link
        })
        .collect();
    let path = || "x".parse().expect("a path");
    let offset = || FileRequest::Offset {
        path: path(),
        upload: id('0'),
    };
    assert_eq!(session.refusal(offset()), Code::LimitReached);
    for link in uploads {
        link.break_off();
    }
    // The place is free a moment after the link has ended.
    while let FileReply::Refused { code, .. } = session.ask(offset()).reply() {
        assert_eq!(code, Code::LimitReached);
        thread::yield_now();
    }
}

#[test]
fn a_file_that_gets_shorter_while_it_is_read_ends_the_link() {
    let session = Session::with(FilePolicy {
        bytes_per_second: 64 * 1024 * 1024,
        ..FilePolicy::default()
    });
    session.write("a", vec![1; 8 * 1024 * 1024]);
    let mut link = session.read("a");
    let FileReply::Content { length, .. } = link.reply() else {
        panic!("no content");
    };
    let file = session.home().join("a");
    let file = std::fs::OpenOptions::new().write(true).open(file);
    let file = file.expect("the file");
    file.set_len(10).expect("shortened");
    assert!((link.rest().len() as u64) < length);
}
