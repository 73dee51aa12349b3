//! The API's description (OpenAPI 3.1), made from the table of routes and the types of their bodies.
//!
//! [`operations`] says what each route of the policy table takes and gives; a test fails on a route that
//! is not described, and on a description without a route. `docs/openapi.json` is what [`document`]
//! gives, and the web app's types are made from that file.

mod operation;
mod operations;
mod page;
mod schemas;

use serde_json::{Map, Value, json};

use self::{
    operation::{Content, Operation, Parameter},
    schemas::Schemas,
};
use crate::{
    json::MAX_BODY_BYTES,
    policy::{self, Who},
};

pub(crate) use page::page;

/// The whole document. It is the same on every server of this version.
pub(crate) fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for operation in operations::all() {
        let who = policy::who_may(&operation.method, operation.path);
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        let method = operation.method.as_str().to_lowercase();
        item[method] = described(&operation, who, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "StreamSpace",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Linux desktops and applications in a browser tab",
            "description": format!(
                "Every error is a `Problem` (RFC 9457) with a stable `code`. Bodies are JSON of at most \
                 {MAX_BODY_BYTES} bytes. Sessions that the caller may not see are answered as if they were not there."
            ),
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/api/v1" }],
        "paths": paths,
        "components": {
            "schemas": schemas.into_components(),
            "securitySchemes": {
                "apiKey": { "type": "http", "scheme": "bearer", "description": "An API key, for programs." },
                "browser": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "streamspace_session",
                    "description": "The cookie of a signed-in browser; its name ends in the server's port.",
                },
            },
        },
    })
}

fn described(operation: &Operation, who: Option<Who>, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    for (status, answer) in &operation.answers {
        responses.insert(
            status.as_str().to_owned(),
            answered(answer, operation, schemas),
        );
    }
    responses.insert(
        "default".to_owned(),
        json!({
            "description": "What went wrong",
            "content": { "application/problem+json": { "schema": schemas.answer(schemas::PROBLEM) } },
        }),
    );
    let mut value = json!({
        "operationId": operation.id,
        "tags": [operation.tag()],
        "summary": operation.summary,
        "responses": responses,
        "security": security(who),
    });
    if let Some(Who::AtLeast(role, scope)) = who {
        value["x-role"] = role.name().into();
        value["x-scope"] = scope.name().into();
    }
    let parameters = parameters(operation, schemas);
    if !parameters.is_empty() {
        value["parameters"] = parameters.into();
    }
    if let Some((content, required)) = &operation.body {
        value["requestBody"] = json!({
            "required": required,
            "content": content_of(content, |make| schemas.body(make)),
        });
    }
    value
}

fn security(who: Option<Who>) -> Value {
    match who {
        Some(Who::AtLeast(..)) => json!([{ "apiKey": [] }, { "browser": [] }]),
        Some(Who::Anyone) | None => json!([]),
    }
}

fn answered(content: &Content, operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut response = json!({ "description": content.description() });
    if !matches!(content, Content::Nothing) {
        response["content"] = content_of(content, |make| schemas.answer(make));
    }
    if operation.has_etag {
        response["headers"] = json!({
            "ETag": { "description": "For `If-Match`", "schema": { "type": "string" } },
        });
    }
    response
}

fn content_of(content: &Content, schema: impl FnOnce(schemas::Make) -> Value) -> Value {
    match content {
        Content::Json(make) => json!({ "application/json": { "schema": schema(*make) } }),
        Content::Plain(kind) => json!({ (*kind): {} }),
        Content::Nothing => json!({}),
    }
}

fn parameters(operation: &Operation, schemas: &mut Schemas) -> Vec<Value> {
    let in_path = operation.names_in_path().map(|name| {
        json!({
            "name": name,
            "in": "path",
            "required": true,
            "schema": operation::path_schema(name),
        })
    });
    let mut all: Vec<Value> = in_path.collect();
    if let Some(make) = operation.query {
        all.extend(schemas.query(make));
    }
    all.extend(operation.headers.iter().map(Parameter::header));
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_is_described_and_every_description_has_a_route() {
        let routes: BTreeSet<_> = policy::lines().into_iter().collect();
        let described = operations::all()
            .into_iter()
            .map(|operation| (operation.method.to_string(), operation.path))
            .collect();
        assert_eq!(routes, described);
    }

    #[test]
    fn operations_have_names_of_their_own_and_say_what_they_do() {
        let mut names = BTreeSet::new();
        for operation in operations::all() {
            assert!(
                names.insert(operation.id),
                "{} is there twice",
                operation.id
            );
            assert!(operation.summary.ends_with('.'), "{}", operation.id);
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        let mut references = 0;
        for part in text.split("\"$ref\":\"").skip(1) {
            let reference = part.split('"').next().unwrap_or_default();
            let name = reference.strip_prefix("#/components/schemas/");
            let name = name.unwrap_or_else(|| panic!("{reference} leads elsewhere"));
            assert!(
                document["components"]["schemas"].get(name).is_some(),
                "{name} is not there"
            );
            references += 1;
        }
        assert!(references > 20, "{references}");
    }
}
