//! Good and bad requests of somebody who may.

use streamspace_protocol::{Code, Join, Role};
use streamspace_resources::{Session, SessionList, SessionStats};

use crate::client::{Caller, Server};

const CREATE: &str = "POST /api/v1/sessions";
const CONNECT: &str = "POST /api/v1/sessions/desk/connect";

#[tokio::test]
async fn a_session_is_made_seen_and_ended() {
    let server = Server::new().await;
    let key = server.key().await;
    let made = server
        .call(key.clone(), CREATE, Some(r#"{"template":"xterm"}"#))
        .await;
    assert_eq!(made.header("location"), "/api/v1/sessions/xterm-1");
    let session: Session = made.json();
    assert_eq!(session.spec.user, "admin");

    let path = made.header("location");
    let seen = server.call(key.clone(), &format!("GET {path}"), None).await;
    assert_eq!(seen.json::<Session>(), session);
    let list: SessionList = server
        .call(key.clone(), "GET /api/v1/sessions", None)
        .await
        .json();
    assert!(list.items.contains(&session));

    let ended = server
        .call(key.clone(), &format!("DELETE {path}"), None)
        .await;
    assert_eq!(ended.status, 204);
    let gone = server.call(key, &format!("GET {path}"), None).await;
    assert_eq!(gone.problem(), (404, Code::SessionNotFound));
}

#[tokio::test]
async fn what_viewers_tell_of_their_frames_is_answered() {
    let server = Server::new().await;
    let key = server.key().await;
    let path = "GET /api/v1/sessions/desk/stats";
    let stats: SessionStats = server.call(key.clone(), path, None).await.json();
    assert_eq!(stats.viewers[0].latency.stages[0].p95_us, 12_000);
    let none = server
        .call(key, "GET /api/v1/sessions/nobody/stats", None)
        .await;
    assert_eq!(none.problem(), (404, Code::SessionNotFound));
}

#[tokio::test]
async fn connecting_gives_the_role_asked_for_and_all_there_is_by_default() {
    let server = Server::new().await;
    let key = server.key().await;
    let cases = [
        (None, Role::Own),
        (Some("{}"), Role::Own),
        (Some(r#"{"role":"control","name":"Ada"}"#), Role::Control),
        (Some(r#"{"role":"view"}"#), Role::View),
    ];
    for (body, role) in cases {
        let join: Join = server.call(key.clone(), CONNECT, body).await.json();
        assert_eq!(join.role, role);
        assert_eq!(join.expires_in_s, 15);
        assert_eq!(join.signal_path, "/api/v1/sessions/desk/signal");
        assert_eq!(join.vnc_path, "/api/v1/sessions/desk/vnc");
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_told_with_its_code() {
    let server = Server::new().await;
    let key = server.key().await;
    let cases = [
        (CREATE, Some("{}"), 422, Code::RequestInvalid),
        (
            CREATE,
            Some(r#"{"template":"none"}"#),
            404,
            Code::TemplateNotFound,
        ),
        (
            CREATE,
            Some(r#"{"template":"missing"}"#),
            422,
            Code::ProgramMissing,
        ),
        (
            CREATE,
            Some(r#"{"template":"crowded"}"#),
            429,
            Code::LimitReached,
        ),
        (
            CREATE,
            Some(r#"{"template":"full"}"#),
            507,
            Code::StorageFull,
        ),
        (
            CREATE,
            Some(r#"{"template":"broken"}"#),
            500,
            Code::StorageFailed,
        ),
        (
            "GET /api/v1/sessions/other",
            None,
            404,
            Code::SessionNotFound,
        ),
        (
            "GET /api/v1/sessions/Not_A_Name",
            None,
            404,
            Code::SessionNotFound,
        ),
        (
            "GET /api/v1/sessions/%2e%2e%2fetc",
            None,
            404,
            Code::SessionNotFound,
        ),
        ("GET /api/v1/sessions/%ff", None, 404, Code::SessionNotFound),
        (
            "GET /api/v1/sessions/Not_A_Name/signal",
            None,
            404,
            Code::SessionNotFound,
        ),
        (
            "GET /api/v1/sessions/%ff/vnc",
            None,
            404,
            Code::SessionNotFound,
        ),
        (
            "DELETE /api/v1/sessions/other",
            None,
            404,
            Code::SessionNotFound,
        ),
        (
            "POST /api/v1/sessions/other/connect",
            None,
            404,
            Code::SessionNotFound,
        ),
        (
            "POST /api/v1/sessions/desk-asleep/connect",
            None,
            409,
            Code::SessionNotRunning,
        ),
        ("PUT /api/v1/sessions", None, 405, Code::RequestInvalid),
        ("PUT /api/v1/version", None, 405, Code::RequestInvalid),
        (
            "PUT /api/v1/sessions/desk/signal",
            None,
            405,
            Code::RequestInvalid,
        ),
        ("GET /api/v1", None, 404, Code::NotFound),
        ("GET /api/v1/", None, 404, Code::NotFound),
        ("GET /api", None, 404, Code::NotFound),
        ("GET /api/", None, 404, Code::NotFound),
        ("GET /api/v2/sessions", None, 404, Code::NotFound),
        ("POST /api/v1/nothing", None, 404, Code::NotFound),
    ];
    for (line, body, status, code) in cases {
        let answer = server.call(key.clone(), line, body).await;
        assert_eq!(answer.status, status, "{line} {body:?}: {answer:?}");
        assert_eq!(answer.problem(), (status, code), "{line} {body:?}");
    }
}

#[tokio::test]
async fn a_refused_method_comes_with_the_ones_that_are_taken() {
    let server = Server::new().await;
    let answer = server
        .call(server.key().await, "PUT /api/v1/sessions", None)
        .await;
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn a_bad_body_is_told_without_repeating_it() {
    let server = Server::new().await;
    let key = server.key().await;
    let json = [("content-type", "application/json")];
    let cases = [
        (&b"{\"template\": hunter2}"[..], 400, Code::RequestInvalid),
        (b"{\"hunter2\": 1}", 400, Code::RequestInvalid),
        (
            b"{\"template\": {\"hunter2\": 1}}",
            400,
            Code::RequestInvalid,
        ),
        (
            b"{\"display\": {\"encoder\": 5, \"hunter2\": 1}}",
            400,
            Code::RequestInvalid,
        ),
        (b"{\"template\": \"hunter2", 400, Code::RequestInvalid),
        (b"\xffhunter2", 400, Code::RequestInvalid),
        (b"", 400, Code::RequestInvalid),
        (&[b'['; 100_000], 400, Code::RequestInvalid),
        (&[b' '; 256 * 1024 + 1], 413, Code::MessageTooLarge),
    ];
    for (body, status, code) in cases {
        let answer = server
            .call_with(key.clone(), CREATE, &json, body.to_vec())
            .await;
        assert_eq!(answer.problem(), (status, code), "{body:.40?}");
        assert!(!answer.text().contains("hunter2"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_refused() {
    let server = Server::new().await;
    let key = server.key().await;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
    ] {
        for line in [CREATE, CONNECT] {
            let headers = [("content-type", content_type)];
            let answer = server.call_with(key.clone(), line, &headers, "{}").await;
            assert_eq!(
                answer.problem(),
                (415, Code::RequestInvalid),
                "{content_type}"
            );
        }
    }
    let with_charset = [("content-type", "application/json; charset=utf-8")];
    let answer = server.call_with(key, CONNECT, &with_charset, "{}").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_act_with_a_cookie() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    let delete = "DELETE /api/v1/sessions/desk";
    let foreign: [&[(&str, &str)]; 4] = [
        &[],
        &[("origin", "http://localhost:3000")],
        &[("sec-fetch-site", "cross-site")],
        &[
            ("sec-fetch-site", "same-site"),
            ("content-type", "application/json"),
        ],
    ];
    for headers in foreign {
        let answer = server.call_with(cookie.clone(), delete, headers, "").await;
        assert_eq!(answer.problem(), (403, Code::Forbidden), "{headers:?}");
    }
    let login = server
        .call_with(Caller::Anonymous, "POST /api/v1/auth/login", &[], "{}")
        .await;
    assert_eq!(login.problem(), (403, Code::Forbidden));

    let own = [("origin", "http://localhost:8080")];
    assert_eq!(server.call_with(cookie, delete, &own, "").await.status, 204);
}
