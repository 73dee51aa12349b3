use std::os::unix::{ffi::OsStrExt, net::UnixListener};

use streamspace_protocol::{ByteRange, Code, EntryKind, FilePolicy, FileReply, FileRequest};

use crate::gateway::Session;

fn range(path: &str, range: ByteRange, if_tag: Option<String>) -> FileRequest {
    FileRequest::Read {
        path: path.parse().expect(path),
        range: Some(range),
        if_tag,
    }
}

#[test]
fn a_file_is_read_whole_or_from_anywhere_and_its_tag_tells_a_change() {
    let session = Session::new();
    session.write("Documents/a.txt", "0123456789");
    let mut link = session.read("Documents/a.txt");
    let FileReply::Content {
        first: 0,
        length: 10,
        total: 10,
        tag,
        partial: false,
    } = link.reply()
    else {
        panic!("not the whole file");
    };
    assert_eq!(link.rest(), b"0123456789");

    let from = ByteRange::From { first: 7 };
    let mut link = session.ask(range("Documents/a.txt", from, Some(tag.clone())));
    assert!(matches!(
        link.reply(),
        FileReply::Content {
            first: 7,
            length: 3,
            partial: true,
            ..
        }
    ));
    assert_eq!(link.rest(), b"789");

    session.write("Documents/a.txt", "another content");
    let mut link = session.ask(range("Documents/a.txt", from, Some(tag)));
    assert!(matches!(
        link.reply(),
        FileReply::Content {
            length: 15,
            partial: false,
            ..
        }
    ));
    let behind = ByteRange::From { first: 99 };
    let mut link = session.ask(range("Documents/a.txt", behind, None));
    assert_eq!(link.reply(), FileReply::OutOfRange { total: 15 });
}

#[test]
fn a_folder_is_listed_without_what_cannot_be_read() {
    let session = Session::new();
    session.write("b.txt", "12345");
    session.write("Ä 文件.txt", "");
    session.write("Z/inner", "");
    session.write("line\nbreak", "");
    std::fs::write(
        session
            .home()
            .join(std::ffi::OsStr::from_bytes(b"\xff\xfe")),
        "",
    )
    .expect("a name in no encoding");
    std::os::unix::fs::symlink("/etc", session.home().join("link")).expect("a link");
    let _socket = UnixListener::bind(session.home().join("socket")).expect("a socket");
    let listing = session.list("");
    let entries: Vec<_> = listing
        .entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry.kind, entry.bytes))
        .collect();
    let expected = [
        ("Z", EntryKind::Folder, 0),
        ("b.txt", EntryKind::File, 5),
        ("Ä 文件.txt", EntryKind::File, 0),
    ];
    assert_eq!(entries, expected);
    assert_eq!(listing.left_out, 4);
    assert_eq!(session.list("Z").entries.len(), 1);
    assert_eq!(session.list("Z/").left_out, 0);
}

#[test]
fn a_folder_comes_as_an_archive_with_all_that_is_in_it() {
    let session = Session::new();
    let large = "x".repeat(700_000);
    session.write("Work/a.txt", "alpha");
    session.write("Work/deep/er/ü.txt", "beta");
    session.write("Work/large", &large);
    std::fs::create_dir(session.home().join("Work/empty")).expect("a folder");
    std::os::unix::fs::symlink("/etc/passwd", session.home().join("Work/link")).expect("a link");
    let path = "Work".parse().expect("a path");
    let mut link = session.ask(FileRequest::Archive { path });
    assert_eq!(link.reply(), FileReply::Archive);

    let mut archive = Vec::new();
    loop {
        let length: [u8; 4] = link.bytes(4).try_into().expect("4 bytes");
        match u32::from_be_bytes(length) {
            0 => break,
            length => archive.extend(link.bytes(length.into())),
        }
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).expect("an archive");
    let mut names: Vec<_> = archive
        .file_names()
        .map(|name| name.expect("text").into_owned())
        .collect();
    names.sort();
    let expected = [
        "a.txt",
        "deep/",
        "deep/er/",
        "deep/er/ü.txt",
        "empty/",
        "large",
    ];
    assert_eq!(names, expected);
    let mut content = |name| {
        let file = archive.by_name(name).expect(name);
        std::io::read_to_string(file).expect("text")
    };
    assert_eq!(content("deep/er/ü.txt"), "beta");
    assert_eq!(content("large"), large);
}

#[test]
fn a_policy_without_downloads_lets_no_content_out() {
    let session = Session::with(FilePolicy {
        download: false,
        ..FilePolicy::default()
    });
    session.write("a.txt", "secret");
    assert_eq!(session.read_refusal("a.txt"), Code::Forbidden);
    let path = "".parse().expect("the home");
    assert_eq!(
        session.refusal(FileRequest::Archive { path }),
        Code::Forbidden
    );
}

#[test]
fn what_is_over_the_policys_size_stays_in() {
    let session = Session::with(FilePolicy {
        max_bytes: 5,
        ..FilePolicy::default()
    });
    session.write("ok/a.txt", "12345");
    session.write("not/deep/b.txt", "123456");
    assert_eq!(session.read("ok/a.txt").reply_length(), 5);
    assert_eq!(
        session.read_refusal("not/deep/b.txt"),
        Code::MessageTooLarge
    );
    let path = "not".parse().expect("a path");
    let refusal = session.refusal(FileRequest::Archive { path });
    assert_eq!(refusal, Code::MessageTooLarge);
}

impl crate::gateway::Link {
    fn reply_length(&mut self) -> u64 {
        match self.reply() {
            FileReply::Content { length, .. } => length,
            other => panic!("no content: {other:?}"),
        }
    }
}
