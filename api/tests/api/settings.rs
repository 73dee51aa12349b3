//! What admins settle for all, and everybody for themselves.

use serde_json::Value;
use streamspace_api::{AccountRole, Me};
use streamspace_protocol::Code;

use crate::client::{Caller, Server};

const SETTINGS: &str = "/api/v1/system/settings";

#[tokio::test]
async fn settings_are_changed_only_as_they_were_seen() {
    let server = Server::new().await;
    let admin = server.key().await;
    let shown = server
        .call(admin.clone(), &format!("GET {SETTINGS}"), None)
        .await;
    let tag = shown.header("etag").to_owned();
    let headers = [
        ("if-match", tag.as_str()),
        ("content-type", "application/json"),
    ];
    let change = async |body: &'static str| {
        server
            .call_with(admin.clone(), &format!("PUT {SETTINGS}"), &headers, body)
            .await
    };
    assert_eq!(
        change(r#"{"announcement":"Maintenance at noon"}"#)
            .await
            .status,
        200
    );
    let stale = change(r#"{"announcement":"None"}"#).await;
    assert_eq!(stale.problem(), (412, Code::PreconditionFailed));
    let me = server
        .call(admin.clone(), "GET /api/v1/auth/me", None)
        .await;
    assert_eq!(me.json::<Me>().announcement, "Maintenance at noon");
    let long = format!(r#"{{"announcement":"{}"}}"#, "x".repeat(501));
    let refused = server
        .call(admin, &format!("PUT {SETTINGS}"), Some(&long))
        .await;
    assert_eq!(refused.problem(), (422, Code::RequestInvalid));
}

#[tokio::test]
async fn passwords_sign_nobody_in_where_an_admin_has_said_so() {
    let server = Server::new().await;
    let (user, admin) = (server.key_of(AccountRole::User).await, server.key().await);
    let set = r#"{"new":"correct horse battery"}"#;
    assert_eq!(
        server
            .call(user, "PUT /api/v1/auth/password", Some(set))
            .await
            .status,
        204
    );
    let sign_in = r#"{"name":"user","password":"correct horse battery"}"#;
    let login = async || {
        server
            .call(Caller::Anonymous, "POST /api/v1/auth/login", Some(sign_in))
            .await
    };
    assert_eq!(login().await.status, 204);
    let off = r#"{"passwordSignIn":false}"#;
    assert_eq!(
        server
            .call(admin, &format!("PUT {SETTINGS}"), Some(off))
            .await
            .status,
        200
    );
    assert_eq!(login().await.problem(), (403, Code::Forbidden));
}

#[tokio::test]
async fn preferences_are_kept_for_each_user_up_to_a_size() {
    let server = Server::new().await;
    let (user, admin) = (server.key_of(AccountRole::User).await, server.key().await);
    let line = "PUT /api/v1/auth/preferences";
    let kept = server
        .call(user.clone(), line, Some(r#"{"theme":"dark"}"#))
        .await;
    assert_eq!(kept.header("etag"), "\"1\"");
    let shown = async |caller| {
        let answer = server
            .call(caller, "GET /api/v1/auth/preferences", None)
            .await;
        answer.json::<Value>()
    };
    assert_eq!(shown(user.clone()).await["theme"], "dark");
    assert_eq!(shown(admin).await, serde_json::json!({}));
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(16 * 1024));
    let refused = server.call(user, line, Some(&large)).await;
    assert_eq!(refused.problem(), (422, Code::RequestInvalid));
}
