//! Each route under each kind of caller.

use streamspace_protocol::Code;

use crate::client::{Caller, Server};

struct Row {
    line: &'static str,
    body: Option<&'static str>,
    /// What a signed-in user gets.
    signed_in: u16,
    /// What everyone else gets.
    anonymous: u16,
}

const fn row(
    line: &'static str,
    body: Option<&'static str>,
    signed_in: u16,
    anonymous: u16,
) -> Row {
    Row {
        line,
        body,
        signed_in,
        anonymous,
    }
}

const ROUTES: [Row; 25] = [
    row("GET /api/v1/health", None, 204, 204),
    row("GET /api/v1/version", None, 200, 200),
    row(
        "POST /api/v1/auth/login",
        Some(r#"{"token":"x"}"#),
        401,
        401,
    ),
    row("GET /api/v1/auth/me", None, 200, 401),
    row("POST /api/v1/auth/link", Some("{}"), 200, 401),
    row("GET /api/v1/templates", None, 200, 401),
    row("GET /api/v1/sessions", None, 200, 401),
    row(
        "POST /api/v1/sessions",
        Some(r#"{"template":"xterm"}"#),
        201,
        401,
    ),
    row("GET /api/v1/sessions/desk", None, 200, 401),
    row("GET /api/v1/sessions/desk/stats", None, 200, 401),
    row("POST /api/v1/sessions/desk/connect", Some("{}"), 200, 401),
    // Signed in, they get as far as the streamer, which is not there, or lack a length.
    row("GET /api/v1/sessions/desk/files", None, 502, 401),
    row("GET /api/v1/sessions/desk/files/", None, 502, 401),
    row("GET /api/v1/sessions/desk/files/a/b", None, 502, 401),
    row("PUT /api/v1/sessions/desk/files/a", Some("x"), 400, 401),
    row(
        "DELETE /api/v1/sessions/desk/files/a?upload=0123456789abcdef0123456789abcdef",
        Some("{}"),
        502,
        401,
    ),
    row("GET /api/v1/sessions/desk/shares", None, 200, 401),
    row(
        "POST /api/v1/sessions/desk/shares",
        Some(r#"{"role":"view"}"#),
        201,
        401,
    ),
    row(
        "DELETE /api/v1/sessions/desk/shares/0000000000000000",
        Some("{}"),
        502,
        401,
    ),
    // A secret gets in, and nothing else that somebody may have.
    row(
        "POST /api/v1/sessions/desk/join",
        Some(r#"{"secret":"x","name":"Ada","seat":"0123456789abcdef"}"#),
        401,
        401,
    ),
    row("DELETE /api/v1/sessions/desk", Some("{}"), 204, 401),
    // These take join tokens; without an upgrade they are told apart from nothing.
    row("GET /api/v1/sessions/desk/signal", None, 400, 400),
    row("GET /api/v1/sessions/desk/vnc", None, 400, 400),
    row("GET /api/v1/nothing", None, 404, 404),
    row("POST /api/v1/auth/logout", Some("{}"), 204, 204),
];

#[tokio::test]
async fn each_route_lets_in_who_may_and_nobody_else() {
    let server = Server::new().await;
    for caller in [server.key().await, server.cookie().await] {
        server.backend.add("desk", "admin");
        for Row {
            line,
            body,
            signed_in,
            ..
        } in ROUTES
        {
            let answer = server.call(caller.clone(), line, body).await;
            assert_eq!(answer.status, signed_in, "{line} as {caller:?}: {answer:?}");
        }
    }
    server.backend.add("desk", "admin");
    let bad = || streamspace_protocol::Secret::new("x".repeat(43));
    let strangers = [Caller::Anonymous, Caller::Cookie(bad()), Caller::Key(bad())];
    for caller in strangers {
        for Row {
            line,
            body,
            anonymous,
            ..
        } in ROUTES
        {
            let answer = server.call(caller.clone(), line, body).await;
            assert_eq!(answer.status, anonymous, "{line} as {caller:?}: {answer:?}");
            let takes_secrets = ["POST /api/v1/auth/login", "POST /api/v1/sessions/desk/join"];
            if !takes_secrets.contains(&line) && anonymous == 401 {
                assert_eq!(answer.problem().1, Code::Unauthenticated);
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
            }
        }
    }
    let sessions = server
        .call(server.key().await, "GET /api/v1/sessions/desk", None)
        .await;
    assert_eq!(sessions.status, 200, "no stranger has ended it");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = Server::new().await;
    for line in [
        "GET /",
        "GET /api/v1/version",
        "GET /api/v1/sessions",
        "GET /nothing",
        "PUT /",
    ] {
        let answer = server.call(Caller::Anonymous, line, None).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("object-src 'none'"), "{line}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{line}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{line}");
        assert!(
            answer
                .header("permissions-policy")
                .contains("microphone=(self)"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn no_cache_keeps_what_the_api_answers() {
    let server = Server::new().await;
    let key = server.key().await;
    for line in [
        "GET /api/v1/sessions",
        "POST /api/v1/auth/link",
        "GET /api/v1/nothing",
    ] {
        let answer = server.call(key.clone(), line, None).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{line}");
    }
}
