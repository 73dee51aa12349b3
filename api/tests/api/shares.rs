//! Share links: who makes them, whom they let in, and how they end.

use std::time::Duration;

use jiff::Timestamp;
use streamspace_protocol::{Code, Join, Role, Share, ShareList, ShareMade};

use crate::client::{Answer, Caller, Server};

const SHARES: &str = "/api/v1/sessions/desk/shares";

async fn make(server: &Server, body: &str) -> ShareMade {
    let line = format!("POST {SHARES}");
    let answer = server.call(server.key().await, &line, Some(body)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

async fn join(server: &Server, session: &str, secret: &str) -> Answer {
    let seat = "0123456789abcdef";
    join_as(server, session, secret, "Ada", seat).await
}

async fn join_as(server: &Server, session: &str, secret: &str, name: &str, seat: &str) -> Answer {
    let body = serde_json::json!({ "secret": secret, "name": name, "seat": seat });
    let line = format!("POST /api/v1/sessions/{session}/join");
    let body = body.to_string();
    server.call(Caller::Anonymous, &line, Some(&body)).await
}

async fn list(server: &Server) -> Vec<Share> {
    let line = format!("GET {SHARES}");
    let answer = server.call(server.key().await, &line, None).await;
    answer.json::<ShareList>().items
}

#[tokio::test]
async fn a_link_lets_a_guest_in_with_its_role_and_no_more() {
    let server = Server::new().await;
    for role in [Role::View, Role::Control, Role::Own] {
        let body = serde_json::json!({ "role": role, "label": " for  Bob " });
        let made = make(&server, &body.to_string()).await;
        assert_eq!(made.share.label, "for Bob");
        let path = format!("/session/desk#share={}", made.secret.expose());
        assert_eq!(made.path.expose(), path);
        let answer: Join = join(&server, "desk", made.secret.expose()).await.json();
        assert_eq!((answer.role, answer.session.as_str()), (role, "desk"));
    }
}

#[tokio::test]
async fn a_guest_may_ask_for_less_and_not_for_more() {
    let server = Server::new().await;
    let made = make(&server, r#"{"role":"control"}"#).await;
    for (asked, given) in [("view", Role::View), ("own", Role::Control)] {
        let body = serde_json::json!({
            "secret": made.secret, "name": "Ada", "seat": "0123456789abcdef", "role": asked,
        });
        let line = "POST /api/v1/sessions/desk/join";
        let body = body.to_string();
        let answer = server.call(Caller::Anonymous, line, Some(&body)).await;
        assert_eq!(answer.json::<Join>().role, given);
    }
}

#[tokio::test]
async fn the_secret_is_shown_once_and_opens_no_other_session() {
    let server = Server::new().await;
    server.backend.add("other", "admin");
    let made = make(&server, r#"{"role":"view"}"#).await;
    let secret = made.secret.expose();
    let line = format!("GET {SHARES}");
    let listed = server.call(server.key().await, &line, None).await;
    assert!(!listed.text().contains(secret));
    assert_eq!(list(&server).await, std::slice::from_ref(&made.share));

    for session in ["other", "nowhere", "desk-asleep"] {
        let answer = join(&server, session, secret).await;
        assert_eq!(answer.problem(), (401, Code::ShareInvalid), "{session}");
    }
    let id = made.share.id.as_str();
    for wrong in ["", id, &secret[1..], &format!("{secret}x")] {
        let answer = join(&server, "desk", wrong).await;
        assert_eq!(answer.problem(), (401, Code::ShareInvalid), "{wrong}");
    }
}

#[tokio::test]
async fn a_secret_is_no_credential_for_the_rest_of_the_api() {
    let server = Server::new().await;
    let made = make(&server, r#"{"role":"own"}"#).await;
    for caller in [
        Caller::Key(made.secret.clone()),
        Caller::Cookie(made.secret.clone()),
    ] {
        for line in [
            "GET /api/v1/sessions",
            "GET /api/v1/sessions/desk",
            "POST /api/v1/sessions/desk/connect",
            "GET /api/v1/sessions/desk/shares",
            "POST /api/v1/sessions/desk/shares",
            "DELETE /api/v1/sessions/desk",
            "GET /api/v1/auth/me",
        ] {
            let answer = server.call(caller.clone(), line, Some("{}")).await;
            assert_eq!(answer.problem(), (401, Code::Unauthenticated), "{line}");
        }
    }
}

#[tokio::test]
async fn a_link_may_have_an_end() {
    let server = Server::new().await;
    let made = make(&server, r#"{"role":"view","expiresInS":3600}"#).await;
    let until = made.share.expires_unix_ms.expect("an end");
    assert_eq!(until - made.share.created_unix_ms, 3_600_000);
    let good = join(&server, "desk", made.secret.expose()).await;
    assert_eq!(good.status, 200);
}

#[tokio::test]
async fn a_withdrawn_link_is_gone() {
    let server = Server::new().await;
    let made = make(&server, r#"{"role":"view"}"#).await;
    let line = format!("DELETE {SHARES}/{}", made.share.id);
    let withdraw = async || server.call(server.key().await, &line, Some("{}")).await;
    // No streamer answers here, so the guests may still be there.
    assert_eq!(withdraw().await.problem(), (502, Code::StreamerUnreachable));
    let late = join(&server, "desk", made.secret.expose()).await;
    assert_eq!(late.problem(), (401, Code::ShareInvalid));
    assert_eq!(list(&server).await, []);
}

#[tokio::test]
async fn the_links_of_a_session_end_with_it_also_for_another_one_of_its_name() {
    let server = Server::new().await;
    let made = make(&server, r#"{"role":"view"}"#).await;
    let line = "DELETE /api/v1/sessions/desk";
    let ended = server.call(server.key().await, line, Some("{}")).await;
    assert_eq!(ended.status, 204);
    server.backend.add("desk", "admin");
    let secret = made.secret.expose();
    let late = join(&server, "desk", secret).await;
    assert_eq!(late.problem(), (401, Code::ShareInvalid));

    let made = make(&server, r#"{"role":"view"}"#).await;
    let later = Timestamp::now() + Duration::from_secs(1);
    server.backend.add_since("desk", "admin", later);
    let late = join(&server, "desk", made.secret.expose()).await;
    assert_eq!(late.problem(), (401, Code::ShareInvalid));
}

#[tokio::test]
async fn who_guesses_has_to_wait() {
    let server = Server::new().await;
    let made = make(&server, r#"{"role":"view"}"#).await;
    let mut refused = None;
    for n in 0..50 {
        let answer = join(&server, "desk", &format!("guess-{n}")).await;
        if answer.status == 429 {
            refused = Some(n);
            break;
        }
        assert_eq!(answer.problem(), (401, Code::ShareInvalid));
    }
    assert_eq!(refused, Some(20));
    let right = join(&server, "desk", made.secret.expose()).await;
    assert_eq!(right.problem(), (429, Code::LimitReached));
}

#[tokio::test]
async fn guests_say_a_name_that_can_be_seen_and_a_seat_that_cannot_be_guessed() {
    let server = Server::new().await;
    let made = make(&server, r#"{"role":"view"}"#).await;
    let secret = made.secret.expose();
    let seat = "0123456789abcdef";
    for name in ["", " \u{202e} ", "\u{200b}"] {
        let answer = join_as(&server, "desk", secret, name, seat).await;
        assert_eq!(answer.problem(), (422, Code::RequestInvalid), "{name:?}");
    }
    for seat in ["", "short", "0123456789abcde/", &"x".repeat(65)] {
        let answer = join_as(&server, "desk", secret, "Ada", seat).await;
        assert_eq!(answer.problem(), (422, Code::RequestInvalid), "{seat:?}");
    }
}

#[tokio::test]
async fn links_out_of_range_and_too_many_of_them_are_refused() {
    let server = Server::new().await;
    let key = server.key().await;
    let line = format!("POST {SHARES}");
    for body in [
        r#"{"role":"admin"}"#,
        r#"{}"#,
        r#"{"role":"view","expiresInS":0}"#,
        r#"{"role":"view","expiresInS":4000000000}"#,
        r#"{"role":"view","more":1}"#,
        &serde_json::json!({ "role": "view", "label": "x".repeat(81) }).to_string(),
    ] {
        let answer = server.call(key.clone(), &line, Some(body)).await;
        let (status, code) = answer.problem();
        // What cannot be read, and what is out of range.
        assert!(matches!(status, 400 | 422), "{body}: {status}");
        assert_eq!(code, Code::RequestInvalid, "{body}");
    }
    for _ in 0..64 {
        make(&server, r#"{"role":"view"}"#).await;
    }
    let one_more = Some(r#"{"role":"view"}"#);
    let answer = server.call(server.key().await, &line, one_more).await;
    assert_eq!(answer.problem(), (429, Code::LimitReached));
}
