//! Each route with a key of each scope.

use jiff::Timestamp;
use streamspace_api::{ADMIN, NewApiKey, Scope};
use streamspace_protocol::Code;

use crate::{
    client::{Caller, Server},
    policy::{Row, rows, under_api},
};

/// The least scope of a key for each line; none where no key is needed.
fn scope_of(line: &str) -> Option<Scope> {
    let (_, path) = line.split_once(' ').expect("method and path");
    match line {
        "GET /health" | "GET /version" | "POST /auth/login" | "POST /auth/logout" => None,
        "GET /auth/methods" | "POST /auth/passkeys/challenge" => None,
        _ if path.starts_with("/auth/oidc/") => None,
        "GET /health/live" | "GET /health/ready" => None,
        "POST /sessions/desk/whep/join" | "DELETE /sessions/desk/whep/unknown" => None,
        "POST /sessions/desk/join" | "GET /openapi.json" | "GET /docs" => None,
        "GET /templates/xterm" | "GET /auth/usage" | "GET /auth/preferences" => Some(Scope::Read),
        "GET /sessions/events" | "GET /metrics" => Some(Scope::Read),
        "GET /auth/me" | "GET /templates" | "GET /sessions" | "GET /sessions/desk" => {
            Some(Scope::Read)
        }
        "GET /sessions/desk/stats" | "GET /sessions/desk/shares" => Some(Scope::Read),
        _ if path.starts_with("/sessions") => Some(Scope::Sessions),
        _ => Some(Scope::Admin),
    }
}

/// A key of the admin's.
async fn key_for(server: &Server, scope: Scope) -> Caller {
    let new = NewApiKey {
        label: scope.name().to_owned(),
        scope,
        expires_in_s: None,
    };
    let accounts = &server.accounts;
    let added = accounts.add_api_key(ADMIN, &new, Timestamp::now()).await;
    Caller::Key(added.expect("a key").1)
}

#[tokio::test]
async fn a_key_opens_what_its_scope_is_for_and_nothing_else() {
    let server = Server::new().await;
    for scope in Scope::ALL {
        let key = key_for(&server, scope).await;
        for Row {
            line,
            body,
            answers,
        } in rows()
        {
            server.backend.add("desk", ADMIN);
            let answer = server.call(key.clone(), &under_api(line), body).await;
            let is_enough = scope_of(line).is_none_or(|needed| needed <= scope);
            if is_enough {
                assert_eq!(answer.status, answers[4], "{line} for {scope:?}");
            } else {
                let problem = answer.problem();
                assert_eq!(problem, (403, Code::Forbidden), "{line} for {scope:?}");
                assert!(answer.text().contains("scope"), "{line}: {}", answer.text());
            }
        }
    }
}
