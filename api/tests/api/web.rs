//! The web client's files.

use std::{fs, path::Path};

use streamspace_protocol::Code;

use crate::client::{Caller, Server};

fn built(folder: &Path) {
    fs::write(folder.join("index.html"), "<title>app</title>").expect("written");
    fs::write(folder.join("app.js"), "run()").expect("written");
}

#[tokio::test]
async fn pages_are_the_app_and_files_are_files() {
    let folder = tempfile::tempdir().expect("a folder");
    built(folder.path());
    let server = Server::with_web_root(folder.path()).await;
    for path in ["/", "/session/desk", "/session/desk/"] {
        let answer = server
            .call(Caller::Anonymous, &format!("GET {path}"), None)
            .await;
        assert_eq!(answer.text(), "<title>app</title>", "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "{path}"
        );
    }
    let script = server.call(Caller::Anonymous, "GET /app.js", None).await;
    assert_eq!(script.text(), "run()");
    assert_eq!(script.header("content-type"), "text/javascript");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("web");
    fs::create_dir(&root).expect("a folder");
    built(&root);
    fs::write(folder.path().join("secret"), "hunter2").expect("written");
    let server = Server::with_web_root(&root).await;
    for path in [
        "/missing.js",
        "/session",
        "/session/a/b",
        "/../secret",
        "/%2e%2e/secret",
    ] {
        let answer = server
            .call(Caller::Anonymous, &format!("GET {path}"), None)
            .await;
        assert_eq!(answer.problem(), (404, Code::NotFound), "{path}");
    }
    for path in ["/", "/app.js"] {
        let answer = server
            .call(Caller::Anonymous, &format!("PUT {path}"), None)
            .await;
        assert_eq!(answer.problem(), (405, Code::RequestInvalid), "{path}");
        assert_eq!(answer.header("allow"), "GET,HEAD", "{path}");
    }
}

#[tokio::test]
async fn a_client_that_is_not_built_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::with_web_root(folder.path()).await;
    let answer = server.call(Caller::Anonymous, "GET /", None).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("./dev build-web"));
}
