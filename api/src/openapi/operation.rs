//! What one route takes and gives.

use axum::http::{Method, StatusCode};
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::schemas::{Make, make};

pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) query: Option<Make>,
    pub(super) headers: Vec<Parameter>,
    /// And whether it has to be there.
    pub(super) body: Option<(Content, bool)>,
    pub(super) answers: Vec<(StatusCode, Content)>,
    pub(super) has_etag: bool,
}

/// A header that a route reads.
pub(super) struct Parameter {
    name: &'static str,
    description: &'static str,
    pattern: &'static str,
}

pub(super) enum Content {
    Nothing,
    Json(Make),
    /// Of this media type, which says it all.
    Plain(&'static str),
}

impl Content {
    pub(super) fn description(&self) -> &'static str {
        match self {
            Self::Nothing => "Done",
            Self::Json(_) | Self::Plain(_) => "What was asked for",
        }
    }
}

impl Parameter {
    pub(super) fn header(&self) -> Value {
        json!({
            "name": self.name,
            "in": "header",
            "description": self.description,
            "schema": { "type": "string", "pattern": self.pattern },
        })
    }
}

impl Operation {
    fn new(method: Method, path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            summary,
            query: None,
            headers: Vec::new(),
            body: None,
            answers: Vec::new(),
            has_etag: false,
        }
    }

    pub(super) fn get(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::GET, path, id, summary)
    }

    pub(super) fn post(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::POST, path, id, summary)
    }

    pub(super) fn put(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::PUT, path, id, summary)
    }

    pub(super) fn patch(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::PATCH, path, id, summary)
    }

    pub(super) fn delete(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self::new(Method::DELETE, path, id, summary)
    }

    pub(super) fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(make::<T>);
        self
    }

    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some((Content::Json(make::<T>), true));
        self
    }

    pub(super) fn may_take<T: JsonSchema>(mut self) -> Self {
        self.body = Some((Content::Json(make::<T>), false));
        self
    }

    pub(super) fn takes_bytes(self) -> Self {
        self.takes_plain("application/octet-stream")
    }

    pub(super) fn takes_plain(mut self, kind: &'static str) -> Self {
        self.body = Some((Content::Plain(kind), true));
        self
    }

    pub(super) fn takes_form(mut self) -> Self {
        self.body = Some((Content::Plain("application/x-www-form-urlencoded"), true));
        self
    }

    pub(super) fn gives<T: JsonSchema>(self, status: StatusCode) -> Self {
        self.answers_with(status, Content::Json(make::<T>))
    }

    pub(super) fn gives_plain(self, status: StatusCode, kind: &'static str) -> Self {
        self.answers_with(status, Content::Plain(kind))
    }

    pub(super) fn gives_nothing(self) -> Self {
        self.answers_with(StatusCode::NO_CONTENT, Content::Nothing)
    }

    /// Nothing, and a status of its own for that, as a standard wants it.
    pub(super) fn gives_empty(self) -> Self {
        self.answers_with(StatusCode::OK, Content::Nothing)
    }

    /// Leads a browser on.
    pub(super) fn redirects(self) -> Self {
        self.answers_with(StatusCode::SEE_OTHER, Content::Nothing)
    }

    fn answers_with(mut self, status: StatusCode, content: Content) -> Self {
        self.answers.push((status, content));
        self
    }

    /// Answers carry an `ETag`.
    pub(super) fn with_etag(mut self) -> Self {
        self.has_etag = true;
        self
    }

    /// Is done only to the object that the caller knows.
    pub(super) fn with_if_match(mut self) -> Self {
        self.headers.push(Parameter {
            name: "If-Match",
            description: "The `ETag` of the object as the caller knows it; of another one nothing is done.",
            pattern: r#"^(\*|("[^"]*"(, *"[^"]*")*)?)$"#,
        });
        self.with_etag()
    }

    /// May be sent again, and is done once.
    pub(super) fn once(mut self) -> Self {
        self.headers.push(Parameter {
            name: "Idempotency-Key",
            description: "Up to 64 characters of the caller's; a second request of the same key within a day \
                          gets the first one's answer.",
            pattern: "^[A-Za-z0-9_-]{1,64}$",
        });
        self
    }

    /// What the path is about.
    pub(super) fn tag(&self) -> &'static str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    pub(super) fn names_in_path(&self) -> impl Iterator<Item = &'static str> {
        self.path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// What may stand in a path.
pub(super) fn path_schema(name: &str) -> Value {
    match name {
        "id" => json!({ "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" }),
        "key" | "passkey" | "sign_in" => json!({ "type": "string", "pattern": "^[0-9a-f]{16}$" }),
        "share" => json!({ "type": "string", "pattern": "^[0-9a-f]{16}$" }),
        "version" => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        "name" | "user" => json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,63}$" }),
        _ => json!({ "type": "string", "minLength": 1 }),
    }
}
