use streamspace_protocol::{Code, FilePolicy, FileReply, FileRequest};

use crate::gateway::{Session, id, part, upload_request, whole};

#[test]
fn a_file_appears_under_its_name_once_it_is_whole() {
    let session = Session::new();
    let upload = id('a');
    let mut link = session.upload("Downloads/new/a.txt", Some(&upload), part(0, 5, 10));
    assert_eq!(link.reply(), FileReply::Ready);
    link.send(b"01234");
    assert_eq!(link.reply(), FileReply::Kept { offset: 5 });
    assert!(session.list("Downloads/new").entries.is_empty());
    assert_eq!(session.offset("Downloads/new/a.txt", &upload), 5);

    let mut link = session.upload("Downloads/new/a.txt", Some(&upload), part(5, 5, 10));
    assert_eq!(link.reply(), FileReply::Ready);
    link.send(b"56789");
    let path = "Downloads/new/a.txt".parse().expect("a path");
    assert_eq!(link.reply(), FileReply::Stored { path });
    assert_eq!(session.content("Downloads/new/a.txt"), "0123456789");
    assert_eq!(session.offset("Downloads/new/a.txt", &upload), 0);
}

#[test]
fn no_file_is_ever_replaced() {
    let session = Session::new();
    session.write("a.txt", "the first");
    session.write("b", "a file");
    std::fs::create_dir(session.home().join("c")).expect("a folder");
    assert_eq!(session.upload_whole("a.txt", "the second"), "a (2).txt");
    assert_eq!(session.upload_whole("a.txt", "the third"), "a (3).txt");
    assert_eq!(session.upload_whole("b", ""), "b (2)");
    assert_eq!(session.upload_whole("c", "beside a folder"), "c (2)");
    assert_eq!(session.content("a.txt"), "the first");
    assert_eq!(session.content("a (3).txt"), "the third");
}

#[test]
fn an_upload_that_breaks_off_goes_on_where_it_was() {
    let session = Session::new();
    let upload = id('b');
    let mut link = session.upload("a", Some(&upload), part(0, 10, 10));
    assert_eq!(link.reply(), FileReply::Ready);
    link.send(b"0123");
    link.break_off();
    assert_eq!(session.offset("a", &upload), 4);
    let mut link = session.upload("a", Some(&upload), part(4, 6, 10));
    assert_eq!(link.reply(), FileReply::Ready);
    link.send(b"456789");
    assert!(matches!(link.reply(), FileReply::Stored { .. }));
    assert_eq!(session.content("a"), "0123456789");
    assert_eq!(session.names(), ["a"]);
}

#[test]
fn an_upload_without_a_way_to_go_on_leaves_nothing_when_it_breaks_off() {
    let session = Session::new();
    let mut link = session.upload("a", None, part(0, 10, 10));
    assert_eq!(link.reply(), FileReply::Ready);
    link.send(b"0123");
    link.break_off();
    assert!(session.names().is_empty());
}

#[test]
fn an_upload_that_is_given_up_leaves_nothing() {
    let session = Session::new();
    let upload = id('c');
    let mut link = session.upload("a", Some(&upload), part(0, 5, 10));
    link.reply();
    link.send(b"01234");
    link.reply();
    let path = || "a".parse().expect("a path");
    let discard = || FileRequest::Discard {
        path: path(),
        upload: upload.clone(),
    };
    for _ in 0..2 {
        let reply = session.ask(discard()).reply();
        assert_eq!(reply, FileReply::Kept { offset: 0 });
    }
    assert!(session.names().is_empty());
}

#[test]
fn offsets_that_lie_are_refused_and_change_nothing() {
    let session = Session::new();
    let upload = id('d');
    let mut link = session.upload("a", Some(&upload), part(0, 5, 10));
    link.reply();
    link.send(b"01234");
    link.reply();
    for lie in [part(4, 6, 10), part(6, 4, 10), part(10, 0, 10)] {
        let request = upload_request("a", Some(&upload), lie);
        assert_eq!(session.refusal(request), Code::UploadConflict, "{lie:?}");
    }
    assert_eq!(session.offset("a", &upload), 5);
    let unknown = upload_request("a", Some(&id('0')), part(5, 5, 10));
    assert_eq!(session.refusal(unknown), Code::UploadConflict);
    assert_eq!(session.names().len(), 1);
    // From the start it may always begin again.
    let mut link = session.upload("a", Some(&upload), part(0, 3, 3));
    assert_eq!(link.reply(), FileReply::Ready);
    link.send(b"new");
    assert!(matches!(link.reply(), FileReply::Stored { .. }));
    assert_eq!(session.content("a"), "new");
}

#[test]
fn two_requests_never_write_one_upload() {
    let session = Session::new();
    let upload = id('e');
    let mut first = session.upload("a", Some(&upload), part(0, 4, 4));
    assert_eq!(first.reply(), FileReply::Ready);
    let second = upload_request("a", Some(&upload), part(0, 4, 4));
    assert_eq!(session.refusal(second), Code::UploadConflict);
    first.send(b"mine");
    assert!(matches!(first.reply(), FileReply::Stored { .. }));
    assert_eq!(session.content("a"), "mine");
}

#[test]
fn more_bytes_than_promised_are_not_taken() {
    let session = Session::new();
    let mut link = session.upload("a", None, part(0, 4, 4));
    assert_eq!(link.reply(), FileReply::Ready);
    link.send(b"0123456789");
    assert!(matches!(link.reply(), FileReply::Stored { .. }));
    assert_eq!(session.content("a"), "0123");
}

#[test]
fn a_policy_without_uploads_or_for_smaller_ones_takes_nothing() {
    let closed = Session::with(FilePolicy {
        upload: false,
        ..FilePolicy::default()
    });
    let request = upload_request("a", None, whole("x"));
    assert_eq!(closed.refusal(request), Code::Forbidden);
    let small = Session::with(FilePolicy {
        max_bytes: 4,
        ..FilePolicy::default()
    });
    let request = upload_request("a", None, part(0, 1, 5));
    assert_eq!(small.refusal(request), Code::MessageTooLarge);
    assert_eq!(small.upload_whole("a", "1234"), "a");
    assert!(closed.names().is_empty());
}

#[test]
fn the_home_itself_is_no_file() {
    let session = Session::new();
    let request = upload_request("", None, whole("x"));
    assert_eq!(session.refusal(request), Code::RequestInvalid);
}
