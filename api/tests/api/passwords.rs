//! Signing in with name and password, and what comes of wrong ones.

use streamspace_api::{ADMIN, AccountRole, Me};
use streamspace_protocol::{Code, Secret};

use crate::client::{Answer, Caller, Server};

pub(crate) const PASSWORD: &str = "correct horse battery";
const LOGIN: &str = "POST /api/v1/auth/login";
const CHANGE: &str = "PUT /api/v1/auth/password";

/// A server whose admin has a password, and the admin's browser.
pub(crate) async fn with_password() -> (Server, Caller) {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    let set = change(&server, &cookie, None, PASSWORD).await;
    assert_eq!(set.status, 204, "{set:?}");
    (server, cookie)
}

async fn change(server: &Server, caller: &Caller, old: Option<&str>, new: &str) -> Answer {
    let body = match old {
        Some(old) => serde_json::json!({ "old": old, "new": new }),
        None => serde_json::json!({ "new": new }),
    };
    let body = body.to_string();
    server.call(caller.clone(), CHANGE, Some(&body)).await
}

pub(crate) async fn login(server: &Server, name: &str, password: &str) -> Answer {
    let body = serde_json::json!({ "name": name, "password": password }).to_string();
    server.call(Caller::Anonymous, LOGIN, Some(&body)).await
}

pub(crate) async fn me(server: &Server, caller: Caller) -> Answer {
    server.call(caller, "GET /api/v1/auth/me", None).await
}

#[tokio::test]
async fn a_password_signs_in_as_often_as_one_likes() {
    let (server, _cookie) = with_password().await;
    for _ in 0..2 {
        let answer = login(&server, ADMIN, PASSWORD).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        assert!(answer.header("set-cookie").contains("HttpOnly"));
        let me: Me = me(&server, Caller::Cookie(answer.cookie())).await.json();
        assert_eq!((me.user.as_str(), me.has_password), (ADMIN, true));
    }
}

#[tokio::test]
async fn a_wrong_name_no_password_and_a_wrong_password_are_answered_alike() {
    let (server, _cookie) = with_password().await;
    server.key_of(AccountRole::User).await;
    let long = "x".repeat(5000);
    let mut answers = Vec::new();
    for (name, password) in [
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("user", PASSWORD),
        (ADMIN, "correct horse batterx"),
        (ADMIN, ""),
        (ADMIN, &long),
        (&long, PASSWORD),
    ] {
        let answer = login(&server, name, password).await;
        assert_eq!(answer.problem(), (401, Code::CredentialsWrong), "{name}");
        assert_eq!(answer.header("set-cookie"), "");
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_sign_in_is_either_a_token_or_a_name_with_a_password() {
    let server = Server::new().await;
    for body in [
        r#"{"name":"admin"}"#,
        r#"{"token":"x","name":"admin","password":"y"}"#,
        r#"{"name":"admin","password":"y","more":1}"#,
        "{}",
    ] {
        let answer = server.call(Caller::Anonymous, LOGIN, Some(body)).await;
        assert_eq!(answer.problem(), (400, Code::RequestInvalid), "{body}");
    }
}

#[tokio::test]
async fn passwords_are_long_enough_and_not_too_long() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    let longest = "x".repeat(1024);
    for (password, status) in [
        ("eleven char", 422),
        ("", 422),
        (&"x".repeat(1025), 422),
        ("ääääääääääää", 204),
    ] {
        let answer = change(&server, &cookie, None, password).await;
        assert_eq!(answer.status, status, "{password:.20}");
        assert!(!answer.text().contains("eleven"), "{}", answer.text());
    }
    let answer = change(&server, &cookie, Some("ääääääääääää"), &longest).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(login(&server, ADMIN, &longest).await.status, 204);
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_ends_it() {
    let (server, cookie) = with_password().await;
    let next = "another long password";
    for wrong in [None, Some(""), Some(next)] {
        let answer = change(&server, &cookie, wrong, next).await;
        assert_eq!(answer.problem(), (401, Code::CredentialsWrong), "{wrong:?}");
    }
    let changed = change(&server, &cookie, Some(PASSWORD), next).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    let old = login(&server, ADMIN, PASSWORD).await;
    assert_eq!(old.problem(), (401, Code::CredentialsWrong));
    assert_eq!(login(&server, ADMIN, next).await.status, 204);
}

#[tokio::test]
async fn a_new_password_signs_the_other_browsers_out_and_ends_waiting_links() {
    let (server, cookie) = with_password().await;
    let other = server.cookie().await;
    let waiting = server.token().await;
    let changed = change(&server, &cookie, Some(PASSWORD), "another long password").await;
    assert_eq!(changed.status, 204);
    assert_eq!(me(&server, cookie).await.status, 200);
    assert_eq!(me(&server, other).await.status, 401);
    let body = format!(r#"{{"token":"{}"}}"#, waiting.expose());
    let late = server.call(Caller::Anonymous, LOGIN, Some(&body)).await;
    assert_eq!(late.problem(), (401, Code::TokenExpired));
}

#[tokio::test]
async fn who_guesses_is_locked_out_and_a_link_still_signs_in() {
    let (server, _cookie) = with_password().await;
    let mut wrong = 0;
    let locked = loop {
        let answer = login(&server, ADMIN, "a wrong password").await;
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.status, 401);
        wrong += 1;
        assert!(wrong < 100, "no lockout");
    };
    assert_eq!(wrong, 10);
    assert_eq!(locked.problem(), (429, Code::TooManyTries));
    let seconds: u32 = locked.header("retry-after").parse().expect("a number");
    assert!((1..=300).contains(&seconds), "{seconds}");

    let right = login(&server, ADMIN, PASSWORD).await;
    assert_eq!(right.status, 429, "not even with the password");
    let Caller::Cookie(_) = server.cookie().await else {
        panic!("a link signs in");
    };
}

#[tokio::test]
async fn who_is_signed_in_guesses_no_more_than_a_stranger() {
    let (server, cookie) = with_password().await;
    let outcome = async || change(&server, &cookie, Some("a wrong one"), PASSWORD).await;
    for _ in 0..10 {
        assert_eq!(outcome().await.status, 401);
    }
    assert_eq!(outcome().await.problem(), (429, Code::TooManyTries));
    assert_eq!(login(&server, ADMIN, PASSWORD).await.status, 204);
}

#[tokio::test]
async fn an_admin_takes_a_password_away_and_gives_a_link() {
    let server = Server::new().await;
    let admin = server.key().await;
    server.key_of(AccountRole::User).await;
    let link = "POST /api/v1/users/user/link";
    let made = server.call(admin.clone(), link, Some("{}")).await;
    let made: streamspace_api::SignInLink = made.json();
    let user = server.sign_in(&made.token).await;
    assert_eq!(change(&server, &user, None, PASSWORD).await.status, 204);

    let remove = "DELETE /api/v1/users/user/password";
    let removed = server.call(admin.clone(), remove, Some("{}")).await;
    assert_eq!(removed.status, 204, "{removed:?}");
    assert_eq!(me(&server, user).await.status, 401);
    let old = login(&server, "user", PASSWORD).await;
    assert_eq!(old.problem(), (401, Code::CredentialsWrong));

    let made = server.call(admin.clone(), link, Some("{}")).await;
    let made: streamspace_api::SignInLink = made.json();
    let again = server.sign_in(&made.token).await;
    let seen: Me = me(&server, again).await.json();
    assert!(!seen.has_password);

    let nobody = "DELETE /api/v1/users/nobody/password";
    let nobody = server.call(admin, nobody, Some("{}")).await;
    assert_eq!(nobody.problem(), (404, Code::UserNotFound));
}

#[tokio::test]
async fn a_page_of_another_site_changes_no_password() {
    let (server, cookie) = with_password().await;
    let body = serde_json::json!({ "old": PASSWORD, "new": "another long password" });
    for (name, value) in [
        ("origin", "http://localhost:3000"),
        ("sec-fetch-site", "same-site"),
    ] {
        let headers = [("content-type", "application/json"), (name, value)];
        let answer = server
            .call_with(cookie.clone(), CHANGE, &headers, body.to_string())
            .await;
        assert_eq!(answer.problem(), (403, Code::Forbidden), "{name}");
    }
    assert_eq!(login(&server, ADMIN, PASSWORD).await.status, 204);
}

#[tokio::test]
async fn a_password_is_not_repeated_nor_shown() {
    let (server, cookie) = with_password().await;
    for answer in [
        login(&server, PASSWORD, PASSWORD).await,
        change(&server, &cookie, Some("wrong horse battery"), PASSWORD).await,
        me(&server, cookie.clone()).await,
    ] {
        assert!(!answer.text().contains("horse"), "{}", answer.text());
    }
    let shown = format!("{:?}", Secret::new(PASSWORD));
    assert!(!shown.contains("horse"));
}
