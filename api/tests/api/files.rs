//! Files over HTTP, with a session's real side behind it.

use std::path::PathBuf;

use axum::body::Body;
use futures_util::stream;
use streamspace_api::ApiConfig;
use streamspace_files::{Files, Home};
use streamspace_protocol::{Code, FilePolicy, Folder, LinkOpening, UploadState, Wire};
use tempfile::TempDir;
use tokio::{
    io::AsyncReadExt,
    net::{UnixListener, UnixStream},
};

use crate::{
    backend::MapBackend,
    client::{Answer, Caller as Person, Server},
};

const UPLOAD: &str = "upload=0123456789abcdef0123456789abcdef";

struct Desk {
    server: Server,
    key: Person,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        Self::with(FilePolicy::default()).await
    }

    async fn with(policy: FilePolicy) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut backend = MapBackend::default();
        backend.folder = folder.path().into();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).expect("a home");
        let files = Files::new(Home::open(&home).expect("a home"), policy);
        let listener = UnixListener::bind(folder.path().join("streamer")).expect("a socket");
        tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                serve(link, &files).await;
            }
        });
        let listen = "127.0.0.1:8080".parse().expect("an address");
        let server = Server::with(ApiConfig::new(listen, "/nowhere".into()), backend).await;
        Self {
            key: server.key().await,
            server,
            folder,
        }
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    async fn call(
        &self,
        line: &str,
        headers: &[(&'static str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let (method, path) = line.split_once(' ').expect("method and path");
        let line = format!("{method} /api/v1/sessions/desk/files{path}");
        let key = self.key.clone();
        self.server.call_with(key, &line, headers, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(&format!("GET {path}"), &[], "").await
    }

    async fn put(&self, path: &str, range: Option<&str>, body: &'static str) -> Answer {
        let length = body.len().to_string();
        let mut headers = vec![("content-length", length.as_str())];
        headers.extend(range.map(|range| ("content-range", range)));
        self.call(&format!("PUT {path}"), &headers, body).await
    }
}

/// As the streamer does.
async fn serve(mut link: UnixStream, files: &Files) {
    let length = link.read_u32().await.expect("a length");
    let mut hello = vec![0; length as usize];
    link.read_exact(&mut hello).await.expect("a hello");
    let Ok(LinkOpening::Files(hello)) = LinkOpening::decode(&hello) else {
        panic!("no hello about files");
    };
    assert_eq!(hello.key.expose(), "key");
    files.serve(link.into_std().expect("a stream"), hello.request);
}

#[tokio::test]
async fn a_file_goes_in_whole_and_comes_out_whole_or_in_part() {
    let desk = Desk::new().await;
    let answer = desk
        .put("/Documents/%C3%BC%20(1).txt", None, "0123456789")
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let address = answer.header("location").to_owned();
    assert_eq!(
        answer.json::<UploadState>().path.as_deref(),
        Some("Documents/ü (1).txt")
    );
    let path = address
        .strip_prefix("/api/v1/sessions/desk/files")
        .expect("ours");

    let answer = desk.get(path).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "0123456789"));
    // Never a page of ours, whatever is in it.
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; ")
    );
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(answer.header("cache-control"), "no-store");
    let tag = answer.header("etag").to_owned();

    let range = [("range", "bytes=3-5"), ("if-range", tag.as_str())];
    let answer = desk.call(&format!("GET {path}"), &range, "").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (206, "345"));
    assert_eq!(answer.header("content-range"), "bytes 3-5/10");
    let stale = [("range", "bytes=3-5"), ("if-range", "\"another\"")];
    let answer = desk.call(&format!("GET {path}"), &stale, "").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "0123456789"));
    let answer = desk
        .call(&format!("GET {path}"), &[("range", "bytes=10-")], "")
        .await;
    assert_eq!(answer.problem(), (416, Code::RangeInvalid));
    assert_eq!(answer.header("content-range"), "bytes */10");
}

#[tokio::test]
async fn a_folder_is_listed_and_comes_as_an_archive() {
    let desk = Desk::new().await;
    std::fs::create_dir(desk.home().join("Work")).expect("a folder");
    std::fs::write(desk.home().join("Work/a"), "x".repeat(600_000)).expect("a file");
    for home in ["", "/"] {
        let folder: Folder = desk.get(home).await.json();
        assert_eq!(folder.entries[0].name, "Work");
    }
    let answer = desk.get("/Work?as=zip").await;
    assert_eq!(answer.header("content-type"), "application/zip");
    assert!(answer.header("content-disposition").ends_with("Work.zip"));
    assert!(answer.body.starts_with(b"PK") && answer.body.len() > 600_000);
    let whole = desk.get("?as=zip").await;
    assert!(whole.header("content-disposition").ends_with("desk.zip"));
}

#[tokio::test]
async fn an_upload_in_parts_goes_on_from_what_has_arrived() {
    let desk = Desk::new().await;
    let path = format!("/a.txt?{UPLOAD}");
    let answer = desk.put(&path, Some("bytes 0-3/10"), "0123").await;
    assert_eq!(answer.json::<UploadState>().offset, 4);
    let there = desk.get(&path).await.json::<UploadState>();
    assert_eq!(
        there,
        UploadState {
            offset: 4,
            path: None
        }
    );
    let gap = desk.put(&path, Some("bytes 5-9/10"), "56789").await;
    assert_eq!(gap.problem(), (409, Code::UploadConflict));
    assert_eq!(
        desk.get("/a.txt").await.problem(),
        (404, Code::FileNotFound)
    );
    let answer = desk.put(&path, Some("bytes 4-9/10"), "456789").await;
    assert_eq!(answer.status, 201);
    assert_eq!(desk.get("/a.txt").await.text(), "0123456789");

    desk.put(&format!("/b.txt?{UPLOAD}"), Some("bytes 0-3/10"), "0123")
        .await;
    let answer = desk.call(&format!("DELETE /b.txt?{UPLOAD}"), &[], "").await;
    assert_eq!(answer.status, 204);
    let left = desk.get("").await.json::<Folder>().entries;
    assert_eq!(left.len(), 1);
    assert_eq!(std::fs::read_dir(desk.home()).expect("the home").count(), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_what_has_arrived_to_go_on_from() {
    let desk = Desk::new().await;
    let path = format!("/a.txt?{UPLOAD}");
    let pieces = [Ok("0123".to_owned()), Err(std::io::Error::other("gone"))];
    let body = Body::from_stream(stream::iter(pieces));
    let headers = [("content-length", "10"), ("content-range", "bytes 0-9/10")];
    let answer = desk.call(&format!("PUT {path}"), &headers, body).await;
    assert_eq!(answer.problem(), (400, Code::RequestInvalid));
    // The session's side hears of it a moment later.
    let rest = loop {
        let answer = desk.put(&path, Some("bytes 4-9/10"), "456789").await;
        if answer.status != 409 {
            break answer;
        }
    };
    assert_eq!(rest.status, 201, "{rest:?}");
    assert_eq!(desk.get("/a.txt").await.text(), "0123456789");
}

#[tokio::test]
async fn paths_that_lead_out_of_the_home_are_refused_however_they_are_written() {
    let desk = Desk::new().await;
    std::fs::write(desk.folder.path().join("secret"), "secret").expect("a file");
    std::os::unix::fs::symlink("../secret", desk.home().join("link")).expect("a link");
    let name = "x".repeat(10_240);
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/a/%2E%2E/%2E%2E/secret",
        "/%2e%2e%2fsecret",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/a%00b",
        "/a%0Ab",
        "/%ff",
        &format!("/{name}"),
        "/a?upload=1",
        "/a?as=tar",
        "/a?what=else",
    ] {
        for answer in [desk.get(path).await, desk.put(path, None, "harm").await] {
            let (status, code) = answer.problem();
            // What cannot be read, and what is no path.
            assert!(matches!(status, 400 | 422), "{path}: {status}");
            assert_eq!(code, Code::RequestInvalid, "{path}");
        }
    }
    for path in ["/link", "/link/x"] {
        let answer = desk.get(path).await;
        assert_eq!(answer.problem(), (422, Code::FileUnusable), "{path}");
    }
    // Encoded twice it is a plain, odd name.
    assert_eq!(desk.get("/%252e%252e").await.problem().0, 404);
    assert_eq!(std::fs::read_dir(desk.home()).expect("the home").count(), 1);
}

#[tokio::test]
async fn the_policy_is_kept_to_whatever_the_page_shows() {
    let desk = Desk::with(FilePolicy {
        upload: false,
        max_bytes: 4,
        ..FilePolicy::default()
    })
    .await;
    std::fs::write(desk.home().join("a"), "1234").expect("a file");
    std::fs::write(desk.home().join("b"), "12345").expect("a file");
    assert_eq!(
        desk.put("/c", None, "x").await.problem(),
        (403, Code::Forbidden)
    );
    assert_eq!(desk.get("/a").await.text(), "1234");
    assert_eq!(desk.get("/b").await.problem(), (413, Code::MessageTooLarge));
}

#[tokio::test]
async fn sessions_that_are_not_there_or_asleep_have_no_files() {
    let desk = Desk::new().await;
    let get = async |session: &str| {
        let line = format!("GET /api/v1/sessions/{session}/files/a");
        desk.server
            .call(desk.key.clone(), &line, None)
            .await
            .problem()
    };
    assert_eq!(get("nobody").await, (404, Code::SessionNotFound));
    assert_eq!(get("Not_A_Name").await, (404, Code::SessionNotFound));
    assert_eq!(get("desk-asleep").await, (409, Code::SessionNotRunning));
}

#[tokio::test]
async fn a_page_of_another_site_cannot_bring_a_file() {
    let desk = Desk::new().await;
    let cookie = desk.server.cookie().await;
    let line = "PUT /api/v1/sessions/desk/files/a";
    for (name, value) in [
        ("origin", "http://localhost:3000"),
        ("sec-fetch-site", "same-site"),
        ("content-type", "text/plain"),
    ] {
        let headers = [("content-length", "1"), (name, value)];
        let answer = desk
            .server
            .call_with(cookie.clone(), line, &headers, "x")
            .await;
        assert_eq!(answer.problem(), (403, Code::Forbidden), "{name}");
    }
    let own = [("content-length", "1"), ("sec-fetch-site", "same-origin")];
    let answer = desk.server.call_with(cookie, line, &own, "x").await;
    assert_eq!(answer.status, 201);
}
