//! The browsers in which somebody is signed in.

use streamspace_api::{AccountRole, SignInList};
use streamspace_protocol::Code;

use crate::client::{Caller, Server};

const SIGN_INS: &str = "/api/v1/auth/sign-ins";

/// Signed in by a browser that calls itself this.
async fn browser(server: &Server, name: &str) -> Caller {
    let body = format!(r#"{{"token":"{}"}}"#, server.token().await.expose());
    let headers = [("content-type", "application/json"), ("user-agent", name)];
    let line = "POST /api/v1/auth/login";
    let answer = server
        .call_with(Caller::Anonymous, line, &headers, body)
        .await;
    Caller::Cookie(answer.cookie())
}

async fn list(server: &Server, caller: &Caller) -> SignInList {
    let line = format!("GET {SIGN_INS}");
    server.call(caller.clone(), &line, None).await.json()
}

async fn is_in(server: &Server, caller: &Caller) -> bool {
    let answer = server
        .call(caller.clone(), "GET /api/v1/auth/me", None)
        .await;
    answer.status == 200
}

async fn delete(server: &Server, caller: &Caller, path: &str) -> u16 {
    let line = format!("DELETE {SIGN_INS}{path}");
    let answer = server.call(caller.clone(), &line, Some("{}")).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn a_browser_sees_the_others_and_ends_one_or_all_of_them() {
    let server = Server::new().await;
    let (mine, lost, old) = (
        browser(&server, "Mine").await,
        browser(&server, "Lost").await,
        browser(&server, &"x".repeat(1000)).await,
    );
    let items = list(&server, &mine).await.items;
    let mut seen: Vec<_> = items
        .iter()
        .map(|item| (&item.browser[..4], item.is_this))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, [("Lost", false), ("Mine", true), ("xxxx", false)]);
    assert!(items.iter().all(|item| item.browser.len() <= 200));

    let found = items.iter().find(|item| item.browser == "Lost");
    let path = format!("/{}", found.expect("it is listed").id);
    assert_eq!(delete(&server, &mine, &path).await, 204);
    assert!(!is_in(&server, &lost).await && is_in(&server, &old).await);
    assert_eq!(delete(&server, &mine, &path).await, 404);

    assert_eq!(delete(&server, &mine, "").await, 204);
    assert!(!is_in(&server, &old).await && is_in(&server, &mine).await);
    assert_eq!(list(&server, &mine).await.items.len(), 1);
}

#[tokio::test]
async fn nobody_ends_the_sign_ins_of_others() {
    let server = Server::new().await;
    let admin = browser(&server, "Admin").await;
    let user = server.key_of(AccountRole::User).await;
    assert_eq!(list(&server, &user).await.items, []);
    let id = &list(&server, &admin).await.items[0].id;
    let line = format!("DELETE {SIGN_INS}/{id}");
    let refused = server.call(user.clone(), &line, Some("{}")).await;
    assert_eq!(refused.problem(), (404, Code::NotFound));
    assert_eq!(delete(&server, &user, "").await, 204);
    assert!(is_in(&server, &admin).await);
}
