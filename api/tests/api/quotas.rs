//! How much somebody may have.

use streamspace_api::{AccountRole, Group, Usage, UserQuota};
use streamspace_protocol::Code;

use crate::client::{Caller, Server};

const START: &str = "POST /api/v1/sessions";
const XTERM: &str = r#"{"template":"xterm"}"#;

/// A server with somebody whose quota is this.
async fn with_quota(quota: &str) -> (Server, Caller, Caller) {
    let server = Server::new().await;
    let (user, admin) = (server.key_of(AccountRole::User).await, server.key().await);
    let set = server
        .call(admin.clone(), "PUT /api/v1/users/user/quota", Some(quota))
        .await;
    set.json::<UserQuota>();
    (server, user, admin)
}

#[tokio::test]
async fn who_has_what_the_quota_allows_starts_no_more() {
    let (server, user, _) = with_quota(r#"{"sessions":1}"#).await;
    assert_eq!(
        server.call(user.clone(), START, Some(XTERM)).await.status,
        201
    );
    let refused = server.call(user.clone(), START, Some(XTERM)).await;
    assert_eq!(refused.problem(), (403, Code::QuotaReached));
    assert!(refused.text().contains("1 sessions"), "{}", refused.text());
    let usage: Usage = server
        .call(user, "GET /api/v1/auth/usage", None)
        .await
        .json();
    assert_eq!(
        (usage.sessions, usage.running, usage.quota.sessions),
        (1, 1, Some(1))
    );
}

#[tokio::test]
async fn a_hibernated_session_wakes_only_within_the_quota() {
    let (server, user, _) = with_quota(r#"{"running":1}"#).await;
    server.backend.add("one", "user");
    let call = async |line: &str| server.call(user.clone(), line, Some("{}")).await;
    assert_eq!(call("PUT /api/v1/sessions/one/hibernate").await.status, 200);
    server.backend.add("two", "user");
    let refused = call("PUT /api/v1/sessions/one/wake").await;
    assert_eq!(refused.problem(), (403, Code::QuotaReached));
    // It runs already, so nothing is added.
    assert_eq!(call("PUT /api/v1/sessions/two/wake").await.status, 200);
    assert_eq!(call("PUT /api/v1/sessions/two/hibernate").await.status, 200);
    assert_eq!(call("PUT /api/v1/sessions/one/wake").await.status, 200);
}

#[tokio::test]
async fn nobody_is_handed_more_than_the_quota_allows() {
    let (server, _, admin) = with_quota(r#"{"sessions":0}"#).await;
    let line = "PATCH /api/v1/sessions/desk";
    let refused = server.call(admin, line, Some(r#"{"user":"user"}"#)).await;
    assert_eq!(refused.problem(), (403, Code::QuotaReached));
}

#[tokio::test]
async fn of_many_requests_at_once_as_many_succeed_as_the_quota_allows() {
    let (server, user, _) = with_quota(r#"{"sessions":1}"#).await;
    let start = || server.call(user.clone(), START, Some(XTERM));
    let outcomes = futures_util::future::join_all((0..8).map(|_| start())).await;
    let started = outcomes
        .iter()
        .filter(|answer| answer.status == 201)
        .count();
    assert_eq!(started, 1);
}

#[tokio::test]
async fn a_group_gives_its_members_what_they_have_no_bound_of_their_own_for() {
    let (server, user, admin) = with_quota(r#"{"running":1}"#).await;
    let call = async |line: &str, body| server.call(admin.clone(), line, Some(body)).await;
    let group = r#"{"name":"artists","quota":{"sessions":7,"running":5}}"#;
    assert_eq!(call("POST /api/v1/groups", group).await.status, 201);
    let again = call("POST /api/v1/groups", group).await;
    assert_eq!(again.problem(), (409, Code::GroupExists));
    assert_eq!(
        call("PUT /api/v1/groups/artists/members/user", "{}")
            .await
            .status,
        204
    );
    let nobody = call("PUT /api/v1/groups/artists/members/nobody", "{}").await;
    assert_eq!(nobody.problem(), (404, Code::UserNotFound));
    let shown = server
        .call(admin.clone(), "GET /api/v1/groups/artists", None)
        .await;
    assert_eq!(shown.json::<Group>().members, ["user"]);
    let usage: Usage = server
        .call(user, "GET /api/v1/auth/usage", None)
        .await
        .json();
    assert_eq!(
        (usage.quota.sessions, usage.quota.running),
        (Some(7), Some(1))
    );
}
