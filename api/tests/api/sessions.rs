//! Lists, changes and news of sessions.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use serde_json::{Value, json};
use streamspace_api::{ADMIN, AccountRole};
use streamspace_protocol::Code;
use streamspace_resources::{BatchAnswer, Session, SessionList};
use tokio::time::timeout;

use crate::client::{Caller, Server};

fn names(list: &SessionList) -> Vec<&str> {
    list.items
        .iter()
        .map(|session| session.metadata.name.as_str())
        .collect()
}

async fn list(server: &Server, query: &str) -> SessionList {
    let line = format!("GET /api/v1/sessions{query}");
    server.call(server.key().await, &line, None).await.json()
}

#[tokio::test]
async fn sessions_are_filtered_and_come_in_pages() {
    let server = Server::new().await;
    for (name, second) in [("c", 3), ("a", 1), ("b", 2), ("b2", 2)] {
        let since = Timestamp::from_second(second).expect("a time");
        server.backend.add_since(name, "ann", since);
    }
    assert_eq!(
        names(&list(&server, "?user=ann").await),
        ["a", "b", "b2", "c"]
    );
    assert_eq!(
        names(&list(&server, "?user=ann&phase=Running").await),
        [""; 0]
    );

    let first = list(&server, "?user=ann&limit=2").await;
    assert_eq!(names(&first), ["a", "b"]);
    let next = first.next.expect("there is more");
    // Whatever becomes of the last one that was seen.
    let gone = server.call(server.key().await, "DELETE /api/v1/sessions/b", Some("{}"));
    assert_eq!(gone.await.status, 204);
    let second = list(&server, &format!("?user=ann&limit=2&after={next}")).await;
    assert_eq!(
        (names(&second), second.next.clone()),
        (vec!["b2", "c"], None)
    );

    for odd in [
        "?limit=0",
        "?limit=1001",
        "?limit=x",
        "?after=x",
        "?wrong=1",
        "?phase=Odd",
    ] {
        let line = format!("GET /api/v1/sessions{odd}");
        let answer = server.call(server.key().await, &line, None).await;
        assert_eq!(answer.problem(), (400, Code::RequestInvalid), "{odd}");
    }
}

#[tokio::test]
async fn a_change_is_made_to_what_the_caller_knows_and_to_nothing_else() {
    let server = Server::new().await;
    let key = server.key().await;
    let line = "PATCH /api/v1/sessions/desk";
    let tagged = server
        .call(key.clone(), line, Some(r#"{"tags":["a"]}"#))
        .await;
    let etag = tagged.header("etag").to_owned();
    assert_eq!(tagged.json::<Session>().spec.tags, ["a"]);

    let shown = server
        .call(key.clone(), "GET /api/v1/sessions/desk", None)
        .await;
    assert_eq!(shown.header("etag"), etag);
    let known = [("if-none-match", etag.as_str())];
    let same = server
        .call_with(key.clone(), "GET /api/v1/sessions/desk", &known, "")
        .await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));

    let change = async |etag: &str| {
        let headers = [("content-type", "application/json"), ("if-match", etag)];
        let body = r#"{"tags":["b"]}"#;
        server.call_with(key.clone(), line, &headers, body).await
    };
    let stale = change("\"0\"").await;
    assert_eq!(stale.problem(), (412, Code::PreconditionFailed));
    assert_eq!(change("x").await.problem(), (400, Code::RequestInvalid));
    let any = change("*").await;
    assert_eq!(any.json::<Session>().spec.tags, ["b"]);
    assert_ne!(any.header("etag"), etag);
}

#[tokio::test]
async fn a_session_is_handed_to_a_user_who_may_have_sessions() {
    let server = Server::new().await;
    let key = server.key().await;
    let user = server.key_of(AccountRole::User).await;
    server.key_of(AccountRole::Viewer).await;
    let hand = async |to: &str| {
        let body = json!({ "user": to }).to_string();
        server
            .call(key.clone(), "PATCH /api/v1/sessions/desk", Some(&body))
            .await
    };
    assert_eq!(hand("nobody").await.problem(), (404, Code::UserNotFound));
    assert_eq!(hand("viewer").await.problem(), (422, Code::RequestInvalid));
    let shown = server
        .call(user.clone(), "GET /api/v1/sessions/desk", None)
        .await;
    assert_eq!(shown.status, 404);
    assert_eq!(hand("user").await.json::<Session>().spec.user, "user");
    let shown = server.call(user, "GET /api/v1/sessions/desk", None).await;
    assert_eq!(shown.status, 200);
}

#[tokio::test]
async fn a_batch_says_of_each_what_came_of_it() {
    let server = Server::new().await;
    let user = server.key_of(AccountRole::User).await;
    server.backend.add("own", "user");
    let body = r#"{"action":"end","sessions":["own","desk","nothing"]}"#;
    let answer = server
        .call(user.clone(), "POST /api/v1/sessions/batch", Some(body))
        .await;
    let codes: Vec<_> = answer
        .json::<BatchAnswer>()
        .items
        .into_iter()
        .map(|item| item.problem.map(|problem| problem.code))
        .collect();
    let missing = Some(Code::SessionNotFound);
    assert_eq!(codes, [None, missing, missing]);

    let many = json!({ "action": "wake", "sessions": vec!["desk"; 101] }).to_string();
    let answer = server
        .call(user, "POST /api/v1/sessions/batch", Some(&many))
        .await;
    assert_eq!(answer.problem(), (422, Code::RequestInvalid));
}

#[tokio::test]
async fn a_session_is_started_once_however_often_its_request_comes() {
    let server = Server::new().await;
    let key = server.key().await;
    let create = async |idempotency: &str, body: &'static str| {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", idempotency),
        ];
        server
            .call_with(key.clone(), "POST /api/v1/sessions", &headers, body)
            .await
    };
    let first = create("k1", r#"{"template":"xterm"}"#)
        .await
        .json::<Session>();
    let again = create("k1", r#"{"template":"xterm"}"#).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.json::<Session>(), first);
    let other = create("k1", r#"{"template":"missing"}"#).await;
    assert_eq!(other.problem(), (422, Code::KeyReused));
    // What failed has made nothing and may be tried again.
    for _ in 0..2 {
        let failed = create("k2", r#"{"template":"missing"}"#).await;
        assert_eq!(failed.problem(), (422, Code::ProgramMissing));
    }
    let odd = create("no spaces", r#"{"template":"xterm"}"#).await;
    assert_eq!(odd.problem(), (400, Code::RequestInvalid));
}

#[tokio::test]
async fn news_of_sessions_arrive_as_they_happen_and_of_ones_own_alone() {
    let server = Server::new().await;
    server.backend.add("own", "user");
    let user = server.key_of(AccountRole::User).await;
    let mut events = server.events(user).await;
    let mut next = async || {
        let event = timeout(Duration::from_secs(20), events.next()).await;
        event.expect("in time").expect("not the end")
    };
    let (kind, data) = next().await;
    assert_eq!(
        (kind.as_str(), &data["metadata"]["name"]),
        ("session", &json!("own"))
    );
    assert_eq!(next().await.0, "listed");

    server.backend.add("desk2", ADMIN);
    let tagged = server.call(
        server.key().await,
        "PATCH /api/v1/sessions/own",
        Some(r#"{"tags":["new"]}"#),
    );
    assert_eq!(tagged.await.status, 200);
    let (kind, data) = next().await;
    assert_eq!(
        (kind.as_str(), &data["spec"]["tags"]),
        ("session", &json!(["new"]))
    );
    let ended = server.call(
        server.key().await,
        "DELETE /api/v1/sessions/own",
        Some("{}"),
    );
    assert_eq!(ended.await.status, 204);
    assert_eq!(next().await, ("gone".to_owned(), json!({ "name": "own" })));
}

#[tokio::test]
async fn who_asks_too_often_has_to_wait_and_is_told_how_long() {
    let server = Server::new().await;
    let key = server.key().await;
    let ask = async |caller: Caller| server.call(caller, "GET /api/v1/auth/me", None).await;
    let first = ask(key.clone()).await;
    assert_eq!(first.header("ratelimit-policy"), "\"requests\";q=500;w=10");
    assert!(
        first.header("ratelimit").starts_with("\"requests\";r=499;"),
        "{first:?}"
    );
    let mut answer = first;
    for _ in 0..2000 {
        answer = ask(key.clone()).await;
        if answer.status != 200 {
            break;
        }
    }
    assert_eq!(answer.problem(), (429, Code::LimitReached));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(
        answer.header("ratelimit").starts_with("\"requests\";r=0;"),
        "{answer:?}"
    );
    let another = ask(server.key_of(AccountRole::User).await).await;
    assert_eq!(another.status, 200, "others are not held up");
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_sessions_by_phase() {
    let server = Server::new().await;
    let key = server.key().await;
    for name in ["desk", "nothing"] {
        let line = format!("GET /api/v1/sessions/{name}");
        server.call(key.clone(), &line, None).await;
    }
    let answer = server.call(key, "GET /api/v1/metrics", None).await;
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let text = answer.text();
    for line in [
        r#"streamspace_api_requests_total{method="GET",route="/api/v1/sessions/{id}",status="200"} 1"#,
        r#"streamspace_api_requests_total{method="GET",route="/api/v1/sessions/{id}",status="404"} 1"#,
        r#"streamspace_sessions{phase="Pending"} 2"#,
        "streamspace_gateway_connections 0",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn changes_and_refusals_are_recorded_and_looks_are_not() {
    let server = Server::new().await;
    let user = server.key_of(AccountRole::User).await;
    server
        .call(user.clone(), "GET /api/v1/sessions", None)
        .await;
    server.call(user.clone(), "GET /api/v1/users", None).await;
    server
        .call(Caller::Anonymous, "GET /api/v1/sessions", None)
        .await;
    server
        .call(
            server.key().await,
            "DELETE /api/v1/sessions/desk",
            Some("{}"),
        )
        .await;
    let answer = server
        .call(server.key().await, "GET /api/v1/audit", None)
        .await;
    let list: Value = answer.json();
    let events: Vec<_> = list["items"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| {
            json!([
                event["number"],
                event["who"],
                event["method"],
                event["path"],
                event["status"],
                event["code"]
            ])
        })
        .collect();
    assert_eq!(
        events,
        [
            json!([1, "user", "GET", "/users", 403, "forbidden"]),
            json!([2, null, "GET", "/sessions", 401, "unauthenticated"]),
            json!([3, "admin", "DELETE", "/sessions/desk", 204, null]),
        ]
    );
}

#[tokio::test]
async fn who_goes_away_in_the_middle_is_recorded_all_the_same() {
    let server = Server::new().await;
    let key = server.key().await;
    let call = server.call(key.clone(), "DELETE /api/v1/sessions/desk", Some("{}"));
    assert!(call.now_or_never().is_none(), "it takes longer than that");
    let recorded = async || {
        let answer = server.call(key.clone(), "GET /api/v1/audit", None).await;
        answer.text().contains("/sessions/desk")
    };
    let until = async {
        while !recorded().await {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), until)
        .await
        .expect("recorded");
}

#[tokio::test]
async fn strangers_cannot_fill_the_record() {
    let server = Server::new().await;
    for _ in 0..50 {
        let line = "DELETE /api/v1/sessions/desk";
        server.call(Caller::Anonymous, line, Some("{}")).await;
    }
    let answer = server
        .call(server.key().await, "GET /api/v1/audit", None)
        .await;
    let events = answer.json::<Value>()["items"].as_array().map(Vec::len);
    assert_eq!(events, Some(20));
}

#[tokio::test]
async fn a_repeated_request_shows_no_session_that_is_anothers_by_now() {
    let server = Server::new().await;
    let user = server.key_of(AccountRole::User).await;
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let create = async || {
        let body = r#"{"template":"xterm"}"#;
        let line = "POST /api/v1/sessions";
        server.call_with(user.clone(), line, &headers, body).await
    };
    assert_eq!(create().await.status, 201);
    let body = r#"{"user":"admin"}"#;
    let handed = server.call(user.clone(), "PATCH /api/v1/sessions/xterm-1", Some(body));
    assert_eq!(handed.await.status, 200);
    assert_eq!(create().await.problem(), (404, Code::SessionNotFound));
}

#[tokio::test]
async fn who_has_another_role_has_to_ask_for_news_again() {
    let server = Server::new().await;
    let operator = server.key_of(AccountRole::Operator).await;
    let mut events = server.events(operator).await;
    while events.next().await.expect("not the end").0 != "listed" {}
    let name = Server::name_of(AccountRole::Operator);
    let changed = server
        .accounts
        .set_role(&name, AccountRole::User, Timestamp::now())
        .await;
    changed.expect("another role");
    server.backend.add("secret", ADMIN);
    let next = timeout(Duration::from_secs(20), events.next()).await;
    assert_eq!(next.expect("in time"), None);
}
