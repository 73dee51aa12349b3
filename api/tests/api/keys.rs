//! API keys: made, listed, used and withdrawn.

use std::time::Duration;

use jiff::Timestamp;
use streamspace_api::{AccountRole, ApiKeyList, ApiKeyMade, NewApiKey, Scope};
use streamspace_protocol::Code;

use crate::client::{Answer, Caller, Server};

const KEYS: &str = "/api/v1/auth/keys";

async fn add(server: &Server, caller: &Caller, body: &str) -> Answer {
    let line = format!("POST {KEYS}");
    server.call(caller.clone(), &line, Some(body)).await
}

async fn list(server: &Server, caller: &Caller) -> ApiKeyList {
    let line = format!("GET {KEYS}");
    server.call(caller.clone(), &line, None).await.json()
}

async fn sessions(server: &Server, key: Caller) -> u16 {
    let answer = server.call(key, "GET /api/v1/sessions", None).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_is_withdrawn() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    let body = r#"{"label":" nightly  job ","scope":"read","expiresInS":3600}"#;
    let answer = add(&server, &cookie, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let made: ApiKeyMade = answer.json();
    assert_eq!(made.about.label, "nightly job");
    let lifetime_ms = made
        .about
        .expires_unix_ms
        .map(|end| end - made.about.created_unix_ms);
    assert_eq!(lifetime_ms, Some(3_600_000));
    let path = format!("{KEYS}/{}", made.about.id);
    assert_eq!(answer.header("location"), path);

    let key = Caller::Key(made.key.clone());
    assert_eq!(sessions(&server, key.clone()).await, 200);
    let seen = list(&server, &cookie).await;
    let [seen] = seen.items.as_slice() else {
        panic!("one key: {seen:?}");
    };
    assert!(seen.used_unix_ms.is_some_and(|used| used % 3_600_000 == 0));
    assert_eq!(
        (seen.id.as_str(), seen.scope),
        (made.about.id.as_str(), Scope::Read)
    );
    let text = server
        .call(cookie.clone(), &format!("GET {KEYS}"), None)
        .await;
    assert!(!text.text().contains(made.key.expose()));

    let line = format!("DELETE {path}");
    let withdrawn = server.call(cookie.clone(), &line, Some("{}")).await;
    assert_eq!(withdrawn.status, 204);
    assert_eq!(sessions(&server, key).await, 401);
    let again = server.call(cookie, &line, Some("{}")).await;
    assert_eq!(again.problem(), (404, Code::NotFound));
}

#[tokio::test]
async fn a_key_ends_when_its_time_is_over() {
    let server = Server::new().await;
    let new = NewApiKey {
        label: "short".into(),
        scope: Scope::Read,
        expires_in_s: Some(60),
    };
    let long_ago = Timestamp::now() - Duration::from_secs(61);
    let added = server.accounts.add_api_key("admin", &new, long_ago).await;
    let (about, key) = added.expect("a key");
    assert_eq!(sessions(&server, Caller::Key(key)).await, 401);
    let seen = list(&server, &server.key().await).await;
    assert!(seen.items.contains(&about), "it is listed until withdrawn");
}

#[tokio::test]
async fn a_key_may_no_more_than_its_user() {
    let server = Server::new().await;
    let viewer = server.key_of(AccountRole::Viewer).await;
    let made: ApiKeyMade = add(&server, &viewer, r#"{"label":"all","scope":"admin"}"#)
        .await
        .json();
    let key = Caller::Key(made.key);
    let body = Some(r#"{"template":"xterm"}"#);
    for (line, body) in [("POST /api/v1/sessions", body), ("GET /api/v1/users", None)] {
        let answer = server.call(key.clone(), line, body).await;
        assert_eq!(answer.problem(), (403, Code::Forbidden), "{line}");
    }
}

#[tokio::test]
async fn nobody_sees_or_withdraws_the_keys_of_others() {
    let server = Server::new().await;
    let (admin, user) = (server.key().await, server.key_of(AccountRole::User).await);
    let made: ApiKeyMade = add(&server, &user, r#"{"label":"mine","scope":"read"}"#)
        .await
        .json();
    let admins = list(&server, &admin).await;
    assert!(admins.items.iter().all(|key| key.id != made.about.id));
    let line = format!("DELETE {KEYS}/{}", made.about.id);
    let refused = server.call(admin, &line, Some("{}")).await;
    assert_eq!(refused.problem(), (404, Code::NotFound));
    assert_eq!(sessions(&server, Caller::Key(made.key)).await, 200);
}

#[tokio::test]
async fn what_cannot_be_a_key_is_refused() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    let mine = r#"{"label":"mine","scope":"read"}"#;
    assert_eq!(add(&server, &cookie, mine).await.status, 201);
    let long = format!(r#"{{"label":"{}","scope":"read"}}"#, "x".repeat(81));
    for (body, expected) in [
        (mine, (409, Code::KeyExists)),
        (
            r#"{"label":" ","scope":"read"}"#,
            (422, Code::RequestInvalid),
        ),
        (&long, (422, Code::RequestInvalid)),
        (
            r#"{"label":"a\u0007","scope":"read"}"#,
            (422, Code::RequestInvalid),
        ),
        (
            r#"{"label":"a","scope":"root"}"#,
            (400, Code::RequestInvalid),
        ),
        (r#"{"label":"a"}"#, (400, Code::RequestInvalid)),
        (
            r#"{"label":"a","scope":"read","expiresInS":0}"#,
            (422, Code::RequestInvalid),
        ),
    ] {
        assert_eq!(
            add(&server, &cookie, body).await.problem(),
            expected,
            "{body}"
        );
    }
    let mut made = 1;
    let refused = loop {
        let body = format!(r#"{{"label":"{made}","scope":"read"}}"#);
        let answer = add(&server, &cookie, &body).await;
        if answer.status != 201 {
            break answer;
        }
        made += 1;
        assert!(made < 1000, "no limit");
    };
    assert_eq!((made, refused.problem()), (50, (429, Code::LimitReached)));
}
