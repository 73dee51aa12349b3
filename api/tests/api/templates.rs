//! The catalog: looked through by all, changed by admins.

use streamspace_api::TemplateHistory;
use streamspace_protocol::Code;
use streamspace_resources::{Catalog, Template};

use crate::client::Server;

async fn found(server: &Server, query: &str) -> Vec<String> {
    let line = format!("GET /api/v1/templates?{query}");
    let catalog: Catalog = server.call(server.key().await, &line, None).await.json();
    catalog
        .items
        .into_iter()
        .map(|template| template.metadata.name)
        .collect()
}

#[tokio::test]
async fn templates_are_found_by_words_category_and_tag() {
    let server = Server::new().await;
    let body =
        r#"{"name":"gimp","spec":{"displayName":"GIMP","command":["gimp"],"category":"Graphics"}}"#;
    let made = server
        .call(server.key().await, "POST /api/v1/templates", Some(body))
        .await;
    assert_eq!((made.status.as_u16(), made.header("etag")), (201, "\"0\""));
    assert_eq!(made.header("location"), "/api/v1/templates/gimp");
    assert_eq!(found(&server, "").await, ["gimp", "xterm"]);
    assert_eq!(found(&server, "search=TERM").await, ["xterm"]);
    assert_eq!(found(&server, "search=plain%20shell").await, ["xterm"]);
    assert_eq!(found(&server, "search=plain%20gimp").await, [""; 0]);
    assert_eq!(found(&server, "category=Graphics").await, ["gimp"]);
    assert_eq!(found(&server, "tag=shell").await, ["xterm"]);
}

#[tokio::test]
async fn every_version_of_a_template_can_be_looked_at_and_brought_back() {
    let server = Server::new().await;
    let admin = server.key().await;
    let call = async |line: &str, body: Option<&str>| server.call(admin.clone(), line, body).await;
    let line = "PUT /api/v1/templates/xterm";
    let changed = call(line, Some(r#"{"displayName":"Other","command":["x"]}"#)).await;
    assert_eq!(changed.json::<Template>().spec.display_name, "Other");
    assert_eq!(
        call("DELETE /api/v1/templates/xterm", Some("{}"))
            .await
            .status,
        204
    );
    let gone = call("GET /api/v1/templates/xterm", None).await;
    assert_eq!(gone.problem(), (404, Code::TemplateNotFound));
    let history: TemplateHistory = call("GET /api/v1/templates/xterm/versions", None)
        .await
        .json();
    let removals: Vec<_> = history
        .items
        .iter()
        .map(|version| version.is_removal)
        .collect();
    assert_eq!(removals, [true, false, false]);
    let old: Template = call("GET /api/v1/templates/xterm/versions/0", None)
        .await
        .json();
    assert_eq!(old.spec.display_name, "Terminal");
    for number in ["99", "-1", "x", "4294967296"] {
        let missing = call(
            &format!("GET /api/v1/templates/xterm/versions/{number}"),
            None,
        )
        .await;
        assert_eq!(missing.problem(), (404, Code::NotFound), "{number}");
    }
    let body = serde_json::json!({ "name": "xterm", "spec": old.spec }).to_string();
    assert_eq!(
        call("POST /api/v1/templates", Some(&body)).await.status,
        201
    );
}
