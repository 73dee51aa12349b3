//! Access for minutes, and the cookie that gets the next one.

use axum::http::header::SET_COOKIE;
use streamspace_api::{AccountRole, Me};
use streamspace_protocol::{Code, Secret};

use crate::client::{Answer, Caller, Server};

const ME: &str = "GET /api/v1/auth/me";

/// The value that an answer gives to the cookie of this kind.
fn given(answer: &Answer, kind: &str) -> Option<String> {
    let name = format!("streamspace_{kind}_8080=");
    let cookies = answer.headers.get_all(SET_COOKIE).into_iter();
    let values = cookies.filter_map(|cookie| cookie.to_str().ok()?.strip_prefix(&name));
    values
        .filter_map(|rest| rest.split(';').next())
        .map(str::to_owned)
        .next()
}

async fn me_with(server: &Server, cookies: &str) -> Answer {
    let headers = [("cookie", cookies)];
    server.call_with(Caller::Anonymous, ME, &headers, "").await
}

/// A user of this role, signed in: what their cookie is first.
async fn signed_in(server: &Server, role: AccountRole) -> Secret {
    let name = Server::name_of(role);
    server.key_of(role).await;
    let now = jiff::Timestamp::now();
    let token = server.accounts.create_sign_in_token(&name, now).await;
    match server.sign_in(&token.expect("a user")).await {
        Caller::Cookie(cookie) => cookie,
        Caller::Anonymous | Caller::Key(_) => panic!("a cookie"),
    }
}

/// An access token, of the kind that a browser gets with its first request.
async fn access(server: &Server, cookie: &Secret) -> String {
    let answer = me_with(
        server,
        &format!("streamspace_session_8080={}", cookie.expose()),
    )
    .await;
    assert_eq!(answer.status, 200);
    let access = given(&answer, "access").expect("an access token");
    format!("streamspace_access_8080={access}")
}

#[tokio::test]
async fn a_browser_gets_access_for_minutes_and_the_next_cookie_by_itself() {
    let server = Server::new().await;
    let cookie = signed_in(&server, AccountRole::Operator).await;
    let first = me_with(
        &server,
        &format!("streamspace_session_8080={}", cookie.expose()),
    )
    .await;
    let next = given(&first, "session").expect("the next cookie");
    assert_ne!(next, cookie.expose());
    for set in first.headers.get_all(SET_COOKIE) {
        let set = set.to_str().expect("text");
        assert!(set.contains("HttpOnly; SameSite=Strict"), "{set}");
        let is_access = set.starts_with("streamspace_access_");
        assert_eq!(set.contains("Max-Age=300;"), is_access, "{set}");
    }
    let access = given(&first, "access").expect("an access token");
    let second = me_with(&server, &format!("streamspace_access_8080={access}")).await;
    let seen: Me = second.json();
    assert_eq!(
        (seen.user.as_str(), seen.role),
        ("operator", AccountRole::Operator)
    );
    assert_eq!(given(&second, "access"), None, "it is still good");
}

#[tokio::test]
async fn an_access_token_that_is_changed_or_for_something_else_gives_none() {
    let server = Server::new().await;
    let cookie = signed_in(&server, AccountRole::User).await;
    let good = access(&server, &cookie).await;
    assert_eq!(me_with(&server, &good).await.status, 200);
    let other = Server::new().await;
    let foreign = access(&other, &signed_in(&other, AccountRole::User).await).await;
    let (start, end) = good.split_at(good.len() - 10);
    let last = if end.starts_with('A') { "B" } else { "A" };
    let changed = format!("{start}{last}{}", &end[1..]);
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJhZG1pbiJ9.";
    for odd in [
        foreign,
        changed,
        format!("streamspace_access_8080={none}"),
        "streamspace_access_8080=".to_owned(),
        format!("streamspace_access_8080={}", cookie.expose()),
    ] {
        let answer = me_with(&server, &odd).await;
        assert_eq!(answer.problem(), (401, Code::Unauthenticated), "{odd}");
    }
}

#[tokio::test]
async fn what_ends_a_sign_in_ends_its_access_at_once() {
    for line in ["POST /api/v1/auth/logout", "DELETE /api/v1/auth/sign-ins"] {
        let server = Server::new().await;
        let cookie = signed_in(&server, AccountRole::User).await;
        let token = access(&server, &cookie).await;
        // Another browser of the same user ends the first one's; leaving ends one's own.
        let caller = match line.contains("logout") {
            true => Caller::Cookie(cookie),
            false => Caller::Cookie(signed_in(&server, AccountRole::User).await),
        };
        let ended = server.call(caller, line, Some("{}")).await;
        assert_eq!(ended.status, 204, "{line}");
        let late = me_with(&server, &token).await;
        assert_eq!(late.problem(), (401, Code::Unauthenticated), "{line}");
    }
}

#[tokio::test]
async fn another_role_and_removal_hold_at_once_for_access_tokens_too() {
    let server = Server::new().await;
    let admin = server.key().await;
    let cookie = signed_in(&server, AccountRole::Operator).await;
    let token = access(&server, &cookie).await;
    let metrics = async |cookies: &str| {
        let headers = [("cookie", cookies)];
        let line = "GET /api/v1/metrics";
        let answer = server
            .call_with(Caller::Anonymous, line, &headers, "")
            .await;
        answer.status.as_u16()
    };
    assert_eq!(metrics(&token).await, 200);
    let viewer = Some(r#"{"role":"viewer"}"#);
    let change = "PATCH /api/v1/users/operator";
    assert_eq!(server.call(admin.clone(), change, viewer).await.status, 200);
    assert_eq!(metrics(&token).await, 401, "the token tells the old role");
    let both = format!("{token}; streamspace_session_8080={}", cookie.expose());
    assert_eq!(metrics(&both).await, 403, "and the cookie gets the new one");

    let remove = "DELETE /api/v1/users/operator";
    let token = access(&server, &cookie).await;
    assert_eq!(server.call(admin, remove, Some("{}")).await.status, 204);
    assert_eq!(me_with(&server, &token).await.status, 401);
    assert_eq!(me_with(&server, &both).await.status, 401);
}
