//! Authenticator apps and recovery codes.

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use ring::hmac;
use streamspace_api::{ADMIN, AccountRole, Me, RecoveryCodes, SecondFactorStarted};
use streamspace_protocol::{Code, Secret};

use crate::{
    client::{Answer, Caller, Server},
    passwords::{PASSWORD, login, me, with_password},
};

const START: &str = "POST /api/v1/auth/second-factor";
const CONFIRM: &str = "POST /api/v1/auth/second-factor/confirm";
const REMOVE: &str = "POST /api/v1/auth/second-factor/remove";

/// What an authenticator app with this secret shows, so many steps from now.
fn shown_by_app(secret: &Secret, steps_from_now: i64) -> String {
    let secret = BASE32_NOPAD.decode(secret.expose().as_bytes());
    let key = hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        &secret.expect("base 32"),
    );
    let step = Timestamp::now().as_second() / 30 + steps_from_now;
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let start = usize::from(tag[19] & 15);
    let word: [u8; 4] = tag[start..start + 4].try_into().expect("four bytes");
    format!(
        "{:06}",
        (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000
    )
}

async fn post(server: &Server, caller: &Caller, line: &str, body: serde_json::Value) -> Answer {
    let body = body.to_string();
    server.call(caller.clone(), line, Some(&body)).await
}

async fn start(server: &Server, caller: &Caller) -> SecondFactorStarted {
    let body = serde_json::json!({ "password": PASSWORD });
    post(server, caller, START, body).await.json()
}

/// An admin who has a second factor.
struct Enrolled {
    server: Server,
    /// The admin's browser.
    cookie: Caller,
    /// What the app knows.
    secret: Secret,
    /// The code that confirmed it.
    used: String,
    recovery_codes: Vec<Secret>,
}

async fn enrolled() -> Enrolled {
    let (server, cookie) = with_password().await;
    let SecondFactorStarted { secret, .. } = start(&server, &cookie).await;
    let used = shown_by_app(&secret, 0);
    let body = serde_json::json!({ "code": used });
    let confirmed = post(&server, &cookie, CONFIRM, body).await;
    let RecoveryCodes { recovery_codes } = confirmed.json();
    Enrolled {
        server,
        cookie,
        secret,
        used,
        recovery_codes,
    }
}

async fn login_with(server: &Server, code: &str) -> Answer {
    let body = serde_json::json!({ "name": ADMIN, "password": PASSWORD, "code": code });
    let line = "POST /api/v1/auth/login";
    post(server, &Caller::Anonymous, line, body).await
}

#[tokio::test]
async fn an_account_with_a_second_factor_takes_password_and_code() {
    let Enrolled { server, secret, .. } = enrolled().await;
    let without = login(&server, ADMIN, PASSWORD).await;
    assert_eq!(without.problem(), (401, Code::SecondFactorNeeded));
    let wrong = login(&server, ADMIN, "a wrong password").await;
    assert_eq!(wrong.problem(), (401, Code::CredentialsWrong));

    let right = login_with(&server, &shown_by_app(&secret, 1)).await;
    assert_eq!(right.status, 204, "{right:?}");
    let seen: Me = me(&server, Caller::Cookie(right.cookie())).await.json();
    assert!(seen.has_second_factor);
    assert_eq!(seen.recovery_codes_left, 10);
}

#[tokio::test]
async fn a_code_is_taken_once() {
    let Enrolled {
        server,
        secret,
        used,
        ..
    } = enrolled().await;
    let next = shown_by_app(&secret, 1);
    let refused = login_with(&server, &used).await;
    assert_eq!(refused.problem(), (401, Code::SecondFactorWrong));
    assert_eq!(login_with(&server, &next).await.status, 204);
    for code in [&used, &next] {
        let again = login_with(&server, code).await;
        assert_eq!(again.problem(), (401, Code::SecondFactorWrong));
    }
}

#[tokio::test]
async fn codes_that_are_wrong_are_counted() {
    let Enrolled { server, secret, .. } = enrolled().await;
    let right = shown_by_app(&secret, 1);
    let good: Vec<_> = (-2..=3).map(|steps| shown_by_app(&secret, steps)).collect();
    let mut codes = (0..).map(|number| format!("{number:06}"));
    let wrong = codes.find(|code| !good.contains(code)).expect("a million");
    for _ in 0..10 {
        let answer = login_with(&server, &wrong).await;
        assert_eq!(answer.problem(), (401, Code::SecondFactorWrong));
        // Asking what is missing gives no tries back.
        login(&server, ADMIN, PASSWORD).await;
    }
    let locked = login_with(&server, &right).await;
    assert_eq!(locked.problem(), (429, Code::TooManyTries));
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_app_once() {
    let Enrolled {
        server,
        recovery_codes: codes,
        ..
    } = enrolled().await;
    assert_eq!(codes.len(), 10);
    let code = codes[3].expose();
    let typed = code.to_uppercase().replace('-', " ");
    let first = login_with(&server, &typed).await;
    assert_eq!(first.status, 204, "{first:?}");
    let again = login_with(&server, code).await;
    assert_eq!(again.problem(), (401, Code::SecondFactorWrong));
    let seen: Me = me(&server, Caller::Cookie(first.cookie())).await.json();
    assert_eq!(seen.recovery_codes_left, 9);
}

#[tokio::test]
async fn setting_one_up_takes_the_password_and_a_code_that_is_right() {
    let (server, cookie) = with_password().await;
    let wrong = serde_json::json!({ "password": "a wrong password" });
    let refused = post(&server, &cookie, START, wrong).await;
    assert_eq!(refused.problem(), (401, Code::CredentialsWrong));
    let early = serde_json::json!({ "code": "123456" });
    let refused = post(&server, &cookie, CONFIRM, early).await;
    assert_eq!(refused.problem(), (422, Code::RequestInvalid));

    let started = start(&server, &cookie).await;
    let uri = started.uri.expose();
    assert!(
        uri.starts_with("otpauth://totp/StreamSpace:admin?"),
        "{uri}"
    );
    assert!(uri.contains(started.secret.expose()));
    assert!(started.picture.expose().contains("<svg"));
    let confirm = async |code: &str| {
        post(
            &server,
            &cookie,
            CONFIRM,
            serde_json::json!({ "code": code }),
        )
        .await
    };
    for code in ["abc", "1234567"] {
        assert_eq!(
            confirm(code).await.problem(),
            (401, Code::SecondFactorWrong)
        );
    }
    assert_eq!(login(&server, ADMIN, PASSWORD).await.status, 204, "not yet");

    // The app was set up again: what it was told before does not count.
    let newer = start(&server, &cookie).await;
    assert_ne!(newer.secret, started.secret);
    let (old, new) = (
        shown_by_app(&started.secret, 0),
        shown_by_app(&newer.secret, 0),
    );
    if old != new {
        assert_eq!(
            confirm(&old).await.problem(),
            (401, Code::SecondFactorWrong)
        );
    }
    assert_eq!(confirm(&new).await.status, 200);
    let body = serde_json::json!({ "password": PASSWORD });
    let again = post(&server, &cookie, START, body).await;
    assert_eq!(again.problem(), (409, Code::SecondFactorExists));
}

#[tokio::test]
async fn who_has_no_password_has_no_second_factor() {
    let server = Server::new().await;
    let cookie = server.cookie().await;
    for password in ["", PASSWORD] {
        let body = serde_json::json!({ "password": password });
        let refused = post(&server, &cookie, START, body).await;
        assert_eq!(refused.problem(), (401, Code::CredentialsWrong));
    }
}

#[tokio::test]
async fn it_is_removed_with_the_password_or_a_recovery_code_but_not_with_the_apps() {
    let remove =
        async |server: &Server, cookie: &Caller, body| post(server, cookie, REMOVE, body).await;
    let Enrolled {
        server,
        cookie,
        secret,
        recovery_codes: codes,
        ..
    } = enrolled().await;
    let apps = shown_by_app(&secret, 1);
    for (wrong, expected) in [
        (
            serde_json::json!({ "password": "a wrong password" }),
            (401, Code::CredentialsWrong),
        ),
        (
            serde_json::json!({ "recoveryCode": "aaaa-bbbb-cccc-dddd" }),
            (401, Code::SecondFactorWrong),
        ),
        (
            serde_json::json!({ "recoveryCode": apps }),
            (401, Code::SecondFactorWrong),
        ),
        (serde_json::json!({}), (400, Code::RequestInvalid)),
    ] {
        let refused = remove(&server, &cookie, wrong).await;
        assert_eq!(refused.problem(), expected);
    }
    assert_eq!(login(&server, ADMIN, PASSWORD).await.status, 401);

    let by_code = serde_json::json!({ "recoveryCode": codes[0] });
    assert_eq!(remove(&server, &cookie, by_code).await.status, 204);
    assert_eq!(login(&server, ADMIN, PASSWORD).await.status, 204);

    start(&server, &cookie).await;
    let by_password = serde_json::json!({ "password": PASSWORD });
    assert_eq!(remove(&server, &cookie, by_password).await.status, 204);
}

#[tokio::test]
async fn a_link_signs_in_without_a_code() {
    let server = enrolled().await.server;
    let seen: Me = me(&server, server.cookie().await).await.json();
    assert_eq!(
        (seen.role, seen.has_second_factor),
        (AccountRole::Admin, true)
    );
}

#[tokio::test]
async fn an_admin_who_takes_the_password_takes_the_second_factor_too() {
    let server = enrolled().await.server;
    let line = "DELETE /api/v1/users/admin/password";
    let removed = server.call(server.key().await, line, Some("{}")).await;
    assert_eq!(removed.status, 204);
    let seen: Me = me(&server, server.cookie().await).await.json();
    assert!(!seen.has_password && !seen.has_second_factor);
    assert_eq!(seen.recovery_codes_left, 0);
}
