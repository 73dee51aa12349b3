//! Under which names the server answers.

use streamspace_protocol::Code;

use crate::client::{Caller, Server};

#[tokio::test]
async fn strange_names_are_misdirected_for_pages_and_api_alike() {
    let server = Server::new().await;
    for line in [
        "GET /",
        "GET /api/v1/version",
        "POST /api/v1/auth/login",
        "GET /app.js",
    ] {
        for host in ["evil.example", "evil.example:8080", "localhost:9999", ""] {
            let headers = [("host", host)];
            let answer = server
                .call_with(Caller::Anonymous, line, &headers, "")
                .await;
            assert_eq!(
                answer.problem(),
                (421, Code::Forbidden),
                "{line} at {host:?}"
            );
        }
    }
}

#[tokio::test]
async fn local_names_are_answered() {
    let server = Server::new().await;
    for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
        let headers = [("host", host)];
        let answer = server
            .call_with(Caller::Anonymous, "GET /api/v1/version", &headers, "")
            .await;
        assert_eq!(answer.status, 200, "{host}");
    }
}
