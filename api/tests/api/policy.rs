//! Each route under each kind of caller.

use std::collections::BTreeSet;

use streamspace_api::{ADMIN, AccountRole, Api};
use streamspace_protocol::{Code, Secret};

use crate::client::{Caller, Server};

/// What each kind of caller gets, in the order of [`callers`]. The session `desk` is the admin's.
pub(crate) struct Row {
    pub(crate) line: &'static str,
    pub(crate) body: Option<&'static str>,
    pub(crate) answers: [u16; 5],
}

const fn row(line: &'static str, body: Option<&'static str>, answers: [u16; 5]) -> Row {
    Row {
        line,
        body,
        answers,
    }
}

/// For everyone, whoever it is.
const fn all(status: u16) -> [u16; 5] {
    [status; 5]
}

pub(crate) fn rows() -> Vec<Row> {
    let empty = Some("{}");
    let password = Some(r#"{"password":"x"}"#);
    let passkey = Some(
        r#"{"label":"x","credential":"","clientData":"","authenticatorData":"","publicKey":""}"#,
    );
    let guest = Some(r#"{"secret":"x","name":"Ada","seat":"0123456789abcdef"}"#);
    vec![
        row("GET /health", None, all(204)),
        row("GET /health/live", None, all(204)),
        row("GET /health/ready", None, all(204)),
        row("GET /version", None, all(200)),
        row("GET /openapi.json", None, all(200)),
        row("GET /docs", None, all(200)),
        row("POST /auth/login", Some(r#"{"token":"x"}"#), all(401)),
        row("GET /auth/methods", None, all(200)),
        // There is no provider.
        row("GET /auth/oidc/start", None, all(404)),
        row("GET /auth/oidc/callback", None, all(404)),
        row("POST /auth/oidc/logged-out", Some("{}"), all(404)),
        // A secret gets in, and nothing else that somebody may have.
        row("POST /sessions/desk/join", guest, all(401)),
        // Whoever sends no offer gets no further; a player's address is known to nobody.
        row("POST /sessions/desk/whep/join", empty, all(415)),
        row("DELETE /sessions/desk/whep/unknown", empty, all(404)),
        row("GET /auth/me", None, [401, 200, 200, 200, 200]),
        row("POST /auth/link", empty, [401, 200, 200, 200, 200]),
        row(
            "PUT /auth/password",
            Some(r#"{"new":"too short"}"#),
            [401, 422, 422, 422, 422],
        ),
        // Who is signed in gets as far as the password, which is wrong.
        row("POST /auth/second-factor", password, all(401)),
        row(
            "POST /auth/second-factor/confirm",
            Some(r#"{"code":"123456"}"#),
            [401, 422, 422, 422, 422],
        ),
        row("POST /auth/second-factor/remove", password, all(401)),
        row("POST /auth/passkeys/challenge", empty, all(200)),
        row("GET /auth/passkeys", None, [401, 200, 200, 200, 200]),
        row(
            "POST /auth/passkeys/start",
            empty,
            [401, 200, 200, 200, 200],
        ),
        // Who is signed in gets as far as the passkey, which is none.
        row("POST /auth/passkeys", passkey, all(401)),
        row(
            "POST /auth/passkeys/0000000000000000/remove",
            empty,
            [401, 404, 404, 404, 404],
        ),
        row("GET /auth/keys", None, [401, 200, 200, 200, 200]),
        row(
            "POST /auth/keys",
            Some(r#"{"label":"eve","scope":"read"}"#),
            [401, 201, 201, 201, 201],
        ),
        row(
            "DELETE /auth/keys/0000000000000000",
            empty,
            [401, 404, 404, 404, 404],
        ),
        row("GET /auth/sign-ins", None, [401, 200, 200, 200, 200]),
        row("DELETE /auth/sign-ins", empty, [401, 204, 204, 204, 204]),
        row(
            "DELETE /auth/sign-ins/0000000000000000",
            empty,
            [401, 404, 404, 404, 404],
        ),
        row("GET /templates", None, [401, 200, 200, 200, 200]),
        row(
            "POST /templates",
            Some(r#"{"name":"calc","spec":{"displayName":"Calc","command":["calc"]}}"#),
            [401, 403, 403, 403, 201],
        ),
        row(
            "PUT /templates/xterm",
            Some(r#"{"displayName":"Calc","command":["calc"]}"#),
            [401, 403, 403, 403, 200],
        ),
        row("GET /templates/xterm", None, [401, 200, 200, 200, 200]),
        row(
            "GET /templates/xterm/versions",
            None,
            [401, 403, 403, 403, 200],
        ),
        row(
            "GET /templates/xterm/versions/1",
            None,
            [401, 403, 403, 403, 200],
        ),
        row("DELETE /templates/xterm", empty, [401, 403, 403, 403, 204]),
        row("GET /auth/usage", None, [401, 200, 200, 200, 200]),
        row("GET /auth/preferences", None, [401, 200, 200, 200, 200]),
        row(
            "PUT /auth/preferences",
            Some(r#"{"theme":"dark"}"#),
            [401, 200, 200, 200, 200],
        ),
        row("GET /system/settings", None, [401, 403, 403, 403, 200]),
        row(
            "PUT /system/settings",
            Some(r#"{"announcement":"Hello"}"#),
            [401, 403, 403, 403, 200],
        ),
        row("GET /groups", None, [401, 403, 403, 403, 200]),
        row(
            "POST /groups",
            Some(r#"{"name":"eve"}"#),
            [401, 403, 403, 403, 201],
        ),
        row("GET /groups/eve", None, [401, 403, 403, 403, 200]),
        row(
            "PATCH /groups/eve",
            Some(r#"{"quota":{"sessions":3}}"#),
            [401, 403, 403, 403, 200],
        ),
        row("GET /sessions", None, [401, 200, 200, 200, 200]),
        row(
            "POST /sessions",
            Some(r#"{"template":"xterm"}"#),
            [401, 403, 201, 201, 201],
        ),
        row(
            "POST /sessions/batch",
            Some(r#"{"action":"wake","sessions":["desk"]}"#),
            [401, 403, 200, 200, 200],
        ),
        row("GET /sessions/events", None, [401, 200, 200, 200, 200]),
        row("GET /sessions/desk", None, [401, 403, 404, 200, 200]),
        row(
            "PATCH /sessions/desk",
            Some(r#"{"tags":["a"]}"#),
            [401, 403, 404, 403, 200],
        ),
        row(
            "PUT /sessions/desk/hibernate",
            empty,
            [401, 403, 404, 200, 200],
        ),
        row("PUT /sessions/desk/wake", empty, [401, 403, 404, 403, 200]),
        row("DELETE /sessions/desk", empty, [401, 403, 404, 204, 204]),
        row(
            "POST /sessions/desk/heartbeat",
            empty,
            [401, 403, 404, 403, 204],
        ),
        row("GET /sessions/desk/stats", None, [401, 403, 404, 200, 200]),
        row(
            "POST /sessions/desk/connect",
            empty,
            [401, 403, 404, 200, 200],
        ),
        row("POST /sessions/desk/whep", empty, [401, 403, 404, 415, 415]),
        row("GET /sessions/desk/shares", None, [401, 403, 404, 403, 200]),
        row(
            "POST /sessions/desk/shares",
            Some(r#"{"role":"view"}"#),
            [401, 403, 404, 403, 201],
        ),
        row(
            "DELETE /sessions/desk/shares/0000000000000000",
            empty,
            [401, 403, 404, 403, 502],
        ),
        // Who may gets as far as the streamer, which is not there, or lacks a length.
        row("GET /sessions/desk/files", None, [401, 403, 404, 403, 502]),
        row("GET /sessions/desk/files/", None, [401, 403, 404, 403, 502]),
        row(
            "GET /sessions/desk/files/a/b",
            None,
            [401, 403, 404, 403, 502],
        ),
        row(
            "PUT /sessions/desk/files/a/b",
            Some("x"),
            [401, 403, 400, 400, 400],
        ),
        row(
            "DELETE /sessions/desk/files/a/b?upload=0123456789abcdef0123456789abcdef",
            empty,
            [401, 403, 404, 403, 502],
        ),
        row("GET /metrics", None, [401, 403, 403, 200, 200]),
        row("GET /audit", None, [401, 403, 403, 403, 200]),
        // This server's log cannot be changed.
        row("GET /system/log-filter", None, [401, 403, 403, 403, 404]),
        row(
            "PUT /system/log-filter",
            Some(r#"{"filter":"info"}"#),
            [401, 403, 403, 403, 404],
        ),
        row("GET /users", None, [401, 403, 403, 403, 200]),
        row(
            "POST /users",
            Some(r#"{"name":"eve","role":"user"}"#),
            [401, 403, 403, 403, 201],
        ),
        row("GET /users/eve", None, [401, 403, 403, 403, 200]),
        row(
            "PATCH /users/eve",
            Some(r#"{"role":"viewer"}"#),
            [401, 403, 403, 403, 200],
        ),
        row(
            "PUT /groups/eve/members/eve",
            empty,
            [401, 403, 403, 403, 204],
        ),
        row(
            "DELETE /groups/eve/members/eve",
            empty,
            [401, 403, 403, 403, 204],
        ),
        row("DELETE /groups/eve", empty, [401, 403, 403, 403, 204]),
        row("GET /users/eve/quota", None, [401, 403, 403, 403, 200]),
        row(
            "PUT /users/eve/quota",
            Some(r#"{"sessions":3}"#),
            [401, 403, 403, 403, 200],
        ),
        row("GET /users/eve/usage", None, [401, 403, 403, 403, 200]),
        row("POST /users/eve/link", empty, [401, 403, 403, 403, 200]),
        row(
            "DELETE /users/eve/password",
            empty,
            [401, 403, 403, 403, 204],
        ),
        row("DELETE /users/eve", empty, [401, 403, 403, 403, 204]),
        row("POST /auth/logout", empty, all(204)),
    ]
}

/// Nobody, and a key of each role.
async fn callers(server: &Server) -> Vec<Caller> {
    let mut callers = vec![Caller::Anonymous];
    for role in AccountRole::ALL {
        callers.push(server.key_of(role).await);
    }
    callers
}

pub(crate) fn under_api(line: &str) -> String {
    line.replacen(' ', " /api/v1", 1)
}

#[tokio::test]
async fn each_route_lets_in_who_may_and_nobody_else() {
    let server = Server::new().await;
    for (index, caller) in callers(&server).await.into_iter().enumerate() {
        for Row {
            line,
            body,
            answers,
        } in rows()
        {
            server.backend.add("desk", ADMIN);
            let answer = server.call(caller.clone(), &under_api(line), body).await;
            assert_eq!(
                answer.status, answers[index],
                "{line} as {caller:?}: {answer:?}"
            );
            match answer.status.as_u16() {
                403 => assert_eq!(answer.problem().1, Code::Forbidden),
                404 if line.contains(" /sessions") && !line.contains("/whep/") => {
                    assert_eq!(answer.problem().1, Code::SessionNotFound)
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_route_that_there_is_has_a_row() {
    let without_query = |row: &Row| row.line.split('?').next().unwrap_or_default().to_owned();
    let known: BTreeSet<String> = rows().iter().map(without_query).collect();
    let names = [
        ("/templates/{id}", "/templates/xterm"),
        ("{version}", "1"),
        ("{user}", "eve"),
        ("{id}", "desk"),
        ("{share}", "0000000000000000"),
        ("{*path}", "a/b"),
        ("{name}", "eve"),
        ("{key}", "0000000000000000"),
        ("{passkey}", "0000000000000000"),
        ("{sign_in}", "0000000000000000"),
        ("{player}", "unknown"),
    ];
    let filled = |(method, path): (String, &'static str)| {
        let fill = |path: String, (name, value): &(&str, &str)| path.replace(name, value);
        let path = names.iter().fold(path.to_owned(), fill);
        format!("{method} {path}")
    };
    let there: BTreeSet<String> = Api::routes().into_iter().map(filled).collect();
    assert_eq!(there, known);
}

#[tokio::test]
async fn forged_and_missing_credentials_are_told_how_to_sign_in() {
    let server = Server::new().await;
    let forged = || Secret::new("x".repeat(43));
    for caller in [
        Caller::Anonymous,
        Caller::Cookie(forged()),
        Caller::Key(forged()),
    ] {
        for Row {
            line,
            body,
            answers,
        } in rows()
        {
            let answer = server.call(caller.clone(), &under_api(line), body).await;
            assert_eq!(
                answer.status, answers[0],
                "{line} as {caller:?}: {answer:?}"
            );
            let takes_secrets = ["POST /auth/login", "POST /sessions/desk/join"];
            if answers[0] == 401 && !takes_secrets.contains(&line) {
                assert_eq!(answer.problem().1, Code::Unauthenticated);
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
            }
        }
    }
    let desk = server
        .call(server.key().await, "GET /api/v1/sessions/desk", None)
        .await;
    assert_eq!(desk.status, 200, "no stranger has ended it");
}

#[tokio::test]
async fn a_cookie_opens_what_a_key_opens() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    for Row {
        line,
        body,
        answers,
    } in rows()
    {
        server.backend.add("desk", ADMIN);
        let answer = server.call(cookie.clone(), &under_api(line), body).await;
        assert_eq!(answer.status, answers[4], "{line}: {answer:?}");
    }
}

#[tokio::test]
async fn no_route_changes_anything_for_a_page_of_another_site() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    for Row { line, body, .. } in rows() {
        if line.starts_with("GET ") {
            continue;
        }
        for sign in [
            ("origin", "http://localhost:3000"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let headers = [("content-type", "application/json"), sign];
            let body = body.unwrap_or_default();
            let answer = server
                .call_with(cookie.clone(), &under_api(line), &headers, body)
                .await;
            assert_eq!(answer.problem(), (403, Code::Forbidden), "{line} {sign:?}");
        }
    }
}

#[tokio::test]
async fn join_tokens_and_unknown_addresses_need_no_account() {
    let server = Server::new().await;
    for (line, status) in [
        // Without an upgrade they are told apart from nothing.
        ("GET /api/v1/sessions/desk/signal", 400),
        ("GET /api/v1/sessions/desk/vnc", 400),
        ("GET /api/v1/nothing", 404),
    ] {
        for caller in callers(&server).await {
            let answer = server.call(caller, line, None).await;
            assert_eq!(answer.status, status, "{line}");
        }
    }
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
