//! Users, and whose sessions they see.

use streamspace_api::{AccountRole, Me, SignInLink, UserList};
use streamspace_protocol::{Code, Join, Role};
use streamspace_resources::SessionList;

use crate::client::{Caller, Server};

/// A server with a session of the user that has this role.
async fn with_session_of(role: AccountRole) -> (Server, Caller) {
    let server = Server::new().await;
    let caller = server.key_of(role).await;
    server.backend.add("mine", &Server::name_of(role));
    (server, caller)
}

async fn seen(server: &Server, caller: &Caller) -> Vec<String> {
    let answer = server
        .call(caller.clone(), "GET /api/v1/sessions", None)
        .await;
    let list: SessionList = answer.json();
    list.items
        .into_iter()
        .map(|session| session.metadata.name)
        .collect()
}

#[tokio::test]
async fn users_see_their_own_sessions_and_operators_those_of_all() {
    let (server, user) = with_session_of(AccountRole::User).await;
    assert_eq!(seen(&server, &user).await, ["mine"]);
    for role in [AccountRole::Operator, AccountRole::Admin] {
        let caller = server.key_of(role).await;
        assert_eq!(
            seen(&server, &caller).await,
            ["desk", "desk-asleep", "mine"]
        );
    }
}

#[tokio::test]
async fn a_session_of_somebody_else_is_answered_as_one_that_is_not_there() {
    let (server, user) = with_session_of(AccountRole::User).await;
    for line in ["GET /api/v1/sessions/X", "DELETE /api/v1/sessions/X"] {
        let ask = async |name| {
            let answer = server
                .call(user.clone(), &line.replace('X', name), Some("{}"))
                .await;
            String::from_utf8_lossy(&answer.body).replace(name, "X")
        };
        assert_eq!(ask("desk").await, ask("nowhere").await, "{line}");
    }
}

#[tokio::test]
async fn nothing_is_put_into_a_session_of_somebody_else() {
    let server = Server::new().await;
    for (role, expected) in [
        (AccountRole::User, (404, Code::SessionNotFound)),
        (AccountRole::Operator, (403, Code::Forbidden)),
        // As far as the streamer, which is not there.
        (AccountRole::Admin, (502, Code::StreamerUnreachable)),
    ] {
        let caller = server.key_of(role).await;
        let length = [("content-length", "1")];
        let line = "PUT /api/v1/sessions/desk/files/a";
        let answer = server.call_with(caller, line, &length, "x").await;
        assert_eq!(answer.problem(), expected, "{role:?}");
    }
}

#[tokio::test]
async fn owners_own_operators_watch_and_admins_own_all() {
    let (server, user) = with_session_of(AccountRole::User).await;
    let operator = server.key_of(AccountRole::Operator).await;
    let admin = server.key_of(AccountRole::Admin).await;
    for (caller, asked, granted) in [
        (&user, "{}", Role::Own),
        (&user, r#"{"role":"view"}"#, Role::View),
        (&operator, "{}", Role::View),
        (&operator, r#"{"role":"own"}"#, Role::View),
        (&admin, "{}", Role::Own),
    ] {
        let answer = server
            .call(
                caller.clone(),
                "POST /api/v1/sessions/mine/connect",
                Some(asked),
            )
            .await;
        assert_eq!(answer.json::<Join>().role, granted, "{caller:?} {asked}");
    }
}

#[tokio::test]
async fn a_new_user_signs_in_by_the_link_that_the_admin_passes_on() {
    let server = Server::new().await;
    let admin = server.key().await;
    let ada = Some(r#"{"name":"ada","role":"user"}"#);
    let made = server.call(admin.clone(), "POST /api/v1/users", ada).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.header("location"), "/api/v1/users/ada");
    let again = server.call(admin.clone(), "POST /api/v1/users", ada).await;
    assert_eq!(again.problem(), (409, Code::UserExists));

    let link = server
        .call(admin.clone(), "POST /api/v1/users/ada/link", Some("{}"))
        .await;
    let token = link.json::<SignInLink>().token;
    let cookie = server.sign_in(&token).await;
    let me = server.call(cookie, "GET /api/v1/auth/me", None).await;
    let me: Me = me.json();
    assert_eq!((me.user.as_str(), me.role), ("ada", AccountRole::User));
}

#[tokio::test]
async fn another_role_holds_from_the_next_request_on_and_so_does_removal() {
    let (server, user) = with_session_of(AccountRole::User).await;
    let (admin, name) = (server.key().await, Server::name_of(AccountRole::User));
    let path = format!("/api/v1/users/{name}");
    let change = |line: String, body| {
        let (server, admin) = (&server, admin.clone());
        async move { server.call(admin, &line, Some(body)).await }
    };
    let changed = change(format!("PATCH {path}"), r#"{"role":"viewer"}"#).await;
    assert_eq!(changed.status, 200);
    let show = async || {
        server
            .call(user.clone(), "GET /api/v1/sessions/mine", None)
            .await
            .status
    };
    assert_eq!(show().await, 403);

    let busy = change(format!("DELETE {path}"), "{}").await;
    assert_eq!(busy.problem(), (409, Code::UserHasSessions));
    change("DELETE /api/v1/sessions/mine".into(), "{}").await;
    let removed = change(format!("DELETE {path}"), "{}").await;
    assert_eq!(removed.status, 204);
    assert_eq!(show().await, 401);

    let list = server.call(admin.clone(), "GET /api/v1/users", None).await;
    let names = list.json::<UserList>().items;
    assert!(names.iter().all(|user| user.name != name));
}

#[tokio::test]
async fn what_cannot_be_a_user_is_refused() {
    let server = Server::new().await;
    let admin = server.key().await;
    for (line, body, expected) in [
        (
            "POST /api/v1/users",
            r#"{"name":"../x","role":"user"}"#,
            (422, Code::RequestInvalid),
        ),
        (
            "POST /api/v1/users",
            r#"{"name":"x","role":"root"}"#,
            (400, Code::RequestInvalid),
        ),
        (
            "PATCH /api/v1/users/admin",
            r#"{"role":"user"}"#,
            (403, Code::Forbidden),
        ),
        (
            "PATCH /api/v1/users/nobody",
            r#"{"role":"user"}"#,
            (404, Code::UserNotFound),
        ),
        (
            "DELETE /api/v1/users/nobody",
            "{}",
            (404, Code::UserNotFound),
        ),
        (
            "POST /api/v1/users/nobody/link",
            "{}",
            (404, Code::UserNotFound),
        ),
    ] {
        let answer = server.call(admin.clone(), line, Some(body)).await;
        assert_eq!(answer.problem(), expected, "{line} {body}");
    }
}

#[tokio::test]
async fn a_user_is_changed_and_removed_only_as_they_were_seen() {
    let server = Server::new().await;
    let admin = server.key().await;
    let made = server
        .call(
            admin.clone(),
            "POST /api/v1/users",
            Some(r#"{"name":"eve","role":"user"}"#),
        )
        .await;
    let first = made.header("etag").to_owned();
    let send = async |method: &str, tag: &str, body: &'static str| {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        let line = format!("{method} /api/v1/users/eve");
        server.call_with(admin.clone(), &line, &headers, body).await
    };
    let changed = send("PATCH", &first, r#"{"role":"viewer"}"#).await;
    let second = changed.header("etag").to_owned();
    assert_ne!(second, first);
    let shown = server
        .call(admin.clone(), "GET /api/v1/users/eve", None)
        .await;
    assert_eq!(shown.header("etag"), second);

    let stale = send("PATCH", &first, r#"{"role":"admin"}"#).await;
    assert_eq!(stale.problem(), (412, Code::PreconditionFailed));
    let stale = send("DELETE", &first, "").await;
    assert_eq!(stale.problem(), (412, Code::PreconditionFailed));
    assert_eq!(send("DELETE", &second, "").await.status, 204);
    assert_eq!(
        send("DELETE", &second, "").await.problem(),
        (404, Code::UserNotFound)
    );
}
