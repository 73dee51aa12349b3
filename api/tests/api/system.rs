//! What is logged, and whether the server is well.

use std::sync::Arc;

use streamspace_api::{ApiConfig, LogFilter, serve};
use streamspace_protocol::Code;
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    backend::MapBackend,
    client::{Caller, Server},
};

fn config() -> ApiConfig {
    let listen = "127.0.0.1:8080".parse().expect("an address");
    ApiConfig::new(listen, "/nowhere".into())
}

#[tokio::test]
async fn an_admin_changes_what_is_logged_and_learns_what_is_wrong_with_a_filter() {
    let (filter, _layer) = LogFilter::new("info").expect("a filter");
    let mut config = config();
    config.log = Some(Arc::new(filter));
    let server = Server::with(config, MapBackend::default()).await;
    let admin = server.key().await;
    let line = "PUT /api/v1/system/log-filter";
    let set = async |body| server.call(admin.clone(), line, Some(body)).await;

    let answer = set(r#"{"filter":"warn,streamspace_api=trace"}"#).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let refused = set(r#"{"filter":"info,streamspace_api=loud"}"#).await;
    assert_eq!(refused.problem(), (422, Code::RequestInvalid));
    assert!(refused.text().contains("filter of the log"), "{refused:?}");
    let now = server.call(admin.clone(), "GET /api/v1/system/log-filter", None);
    assert!(now.await.text().contains("warn,streamspace_api=trace"));

    let events = server.call(admin, "GET /api/v1/audit", None).await;
    let events: serde_json::Value = events.json();
    let of_filter = |event: &&serde_json::Value| event["path"] == "/system/log-filter";
    let items = events["items"].as_array().expect("events");
    let statuses: Vec<_> = items
        .iter()
        .filter(of_filter)
        .map(|event| &event["status"])
        .collect();
    assert_eq!(statuses, [200, 422]);
}

#[tokio::test]
async fn a_server_that_is_asked_to_end_is_alive_and_not_ready() {
    let server = Server::with(config(), MapBackend::default()).await;
    let ask = async |path| {
        let line = format!("GET /api/v1/health/{path}");
        server.call(Caller::Anonymous, &line, None).await
    };
    assert_eq!(ask("ready").await.status, 204);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (end, ended) = oneshot::channel::<()>();
    let api = server.api.clone();
    let serving =
        tokio::spawn(async move { serve(listener, &api, async { drop(ended.await) }).await });
    end.send(()).expect("it serves");
    serving.await.expect("no panic").expect("no error");
    assert_eq!(ask("live").await.status, 204);
    let refused = ask("ready").await.problem();
    assert_eq!(refused, (503, Code::ServerStopping));
}
