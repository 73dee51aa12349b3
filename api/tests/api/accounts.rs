//! Signing in and out.

use std::time::Duration;

use jiff::Timestamp;
use streamspace_api::{ADMIN, AccountRole, Me, SignInLink};
use streamspace_protocol::{Code, Secret};

use crate::client::{Answer, Caller, Server};

async fn login(server: &Server, token: &Secret) -> Answer {
    let body = format!(r#"{{"token":"{}"}}"#, token.expose());
    server
        .call(Caller::Anonymous, "POST /api/v1/auth/login", Some(&body))
        .await
}

#[tokio::test]
async fn a_one_time_token_becomes_a_cookie_once() {
    let server = Server::new().await;
    let token = server.token().await;
    let first = login(&server, &token).await;
    assert_eq!(first.status, 204);
    let attributes = first.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(attributes.contains(attribute), "{attributes}");
    }
    let me = server
        .call(Caller::Cookie(first.cookie()), "GET /api/v1/auth/me", None)
        .await;
    let admin = Me {
        user: ADMIN.into(),
        role: AccountRole::Admin,
        has_password: false,
        has_second_factor: false,
        recovery_codes_left: 0,
        announcement: String::new(),
    };
    assert_eq!(me.json::<Me>(), admin);

    let second = login(&server, &token).await;
    assert_eq!(second.problem(), (401, Code::TokenUsed));
    assert_eq!(second.header("set-cookie"), "");
}

#[tokio::test]
async fn forged_and_expired_tokens_are_told_apart() {
    let server = Server::new().await;
    let forged = login(&server, &Secret::new("x".repeat(43))).await;
    assert_eq!(forged.problem(), (401, Code::TokenInvalid));

    let long_ago = Timestamp::now() - Duration::from_secs(601);
    let token = server.accounts.create_sign_in_token(ADMIN, long_ago).await;
    let expired = login(&server, &token.expect("the admin is there")).await;
    assert_eq!(expired.problem(), (401, Code::TokenExpired));
}

#[tokio::test]
async fn signing_out_ends_the_cookie() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    let out = server
        .call(cookie.clone(), "POST /api/v1/auth/logout", Some("{}"))
        .await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    let me = server.call(cookie, "GET /api/v1/auth/me", None).await;
    assert_eq!(me.problem(), (401, Code::Unauthenticated));
}

#[tokio::test]
async fn a_link_signs_another_browser_in() {
    let server = Server::new().await;
    let answer = server
        .call(server.key().await, "POST /api/v1/auth/link", Some("{}"))
        .await;
    let link: SignInLink = answer.json();
    let path = format!("/#signin={}", link.token.expose());
    assert_eq!(link.path.expose(), path);
    assert_eq!(login(&server, &link.token).await.status, 204);
}

#[tokio::test]
async fn an_unreadable_key_is_not_made_up_for_by_a_cookie() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    let headers = [("authorization", "Basic eDp5")];
    let me = server
        .call_with(cookie, "GET /api/v1/auth/me", &headers, "")
        .await;
    assert_eq!(me.problem(), (401, Code::Unauthenticated));
}
