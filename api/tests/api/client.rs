//! A server without a socket, and requests to it.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use streamspace_api::{ADMIN, AccountRole, Accounts, Api, ApiConfig, AuditLog};
use streamspace_protocol::{Code, Problem, Secret};
use streamspace_resources::TemplateSpec;
use tower::ServiceExt;

use crate::{backend::MapBackend, test_database::scratch_database};

pub(crate) const HOST: &str = "localhost:8080";
/// The name of the sign-in cookie of a server on port 8080.
const COOKIE: &str = "streamspace_session_8080";

pub(crate) struct Server {
    pub(crate) backend: Arc<MapBackend>,
    pub(crate) accounts: Accounts,
    pub(crate) api: Api,
    router: Router,
}

/// Who a request is from.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    Anonymous,
    Cookie(Secret),
    Key(Secret),
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Server {
    pub(crate) async fn new() -> Self {
        Self::with_web_root(Path::new("/nowhere")).await
    }

    pub(crate) async fn with_web_root(web_root: &Path) -> Self {
        let listen = "127.0.0.1:8080".parse().expect("an address");
        let backend = MapBackend::default();
        Self::with(ApiConfig::new(listen, web_root.into()), backend).await
    }

    pub(crate) async fn with(config: ApiConfig, backend: MapBackend) -> Self {
        let backend = Arc::new(backend);
        backend.add("desk", ADMIN);
        backend.add("desk-asleep", ADMIN);
        let xterm = TemplateSpec {
            display_name: "Terminal".into(),
            description: "A plain one.".into(),
            tags: vec!["shell".into()],
            ..TemplateSpec::default()
        };
        backend.add_template("xterm", xterm);
        let database = scratch_database().await;
        let folder = tempfile::tempdir().expect("a folder");
        let accounts = Accounts::in_database(database, &folder.path().join("key")).await;
        let accounts = accounts.expect("accounts");
        let audit = AuditLog::in_database(scratch_database().await).await;
        let audit = audit.expect("an audit log");
        let api = Api::new(config, backend.clone(), accounts.clone(), audit);
        Self {
            backend,
            accounts,
            router: api.router(),
            api,
        }
    }

    pub(crate) async fn token(&self) -> Secret {
        let token = self.accounts.create_sign_in_token(ADMIN, Timestamp::now());
        token.await.expect("the admin is there")
    }

    /// Signed in by the way a browser takes.
    pub(crate) async fn cookie(&self) -> Caller {
        self.sign_in(&self.token().await).await
    }

    pub(crate) async fn sign_in(&self, token: &Secret) -> Caller {
        let body = format!(r#"{{"token":"{}"}}"#, token.expose());
        let answer = self
            .call(Caller::Anonymous, "POST /api/v1/auth/login", Some(&body))
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        Caller::Cookie(answer.cookie())
    }

    /// The user of whom [`Self::key_of`] makes a key.
    pub(crate) fn name_of(role: AccountRole) -> String {
        format!("{role:?}").to_lowercase()
    }

    /// A key of a user of this role, who is made if there is none.
    pub(crate) async fn key_of(&self, role: AccountRole) -> Caller {
        let name = Self::name_of(role);
        if name != ADMIN {
            drop(self.accounts.add_user(&name, role).await);
        }
        let key = self
            .accounts
            .create_api_key(&name, "test", Timestamp::now());
        Caller::Key(key.await.expect("the user is there"))
    }

    pub(crate) async fn key(&self) -> Caller {
        let key = self
            .accounts
            .create_api_key(ADMIN, "test", Timestamp::now());
        Caller::Key(key.await.expect("the admin is there"))
    }

    /// `line` is method and path; `body` is JSON.
    pub(crate) async fn call(&self, caller: Caller, line: &str, body: Option<&str>) -> Answer {
        let mut request = request(line, body.unwrap_or_default().to_owned());
        let headers = request.headers_mut();
        if body.is_some() {
            headers.insert(
                "content-type",
                "application/json".parse().expect("a header"),
            );
        }
        sign(headers, &caller);
        self.send(request).await
    }

    /// A request with just these headers, and `host`.
    pub(crate) async fn call_with(
        &self,
        caller: Caller,
        line: &str,
        headers: &[(&'static str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = request(line, body);
        for &(name, value) in headers {
            request
                .headers_mut()
                .insert(name, value.parse().expect("a header"));
        }
        sign(request.headers_mut(), &caller);
        self.send(request).await
    }

    /// News of sessions: what each is, and its data.
    pub(crate) async fn events(
        &self,
        caller: Caller,
    ) -> impl Stream<Item = (String, Value)> + Unpin {
        let mut request = request("GET /api/v1/sessions/events", String::new());
        sign(request.headers_mut(), &caller);
        let response = self.router.clone().oneshot(request).await;
        let pieces = response.expect("infallible").into_body().into_data_stream();
        let events = pieces.filter_map(async |piece| {
            let piece = piece.expect("not broken off");
            let text = std::str::from_utf8(&piece).expect("text");
            let (kind, data) = text
                .trim()
                .strip_prefix("event: ")?
                .split_once("\ndata: ")?;
            Some((kind.to_owned(), serde_json::from_str(data).expect("JSON")))
        });
        Box::pin(events)
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await;
        let (head, body) = response.expect("infallible").into_parts();
        let kind = head.headers.get("content-type");
        // Those do not end.
        let body = match kind.is_some_and(|kind| kind == "text/event-stream") {
            true => Vec::new(),
            false => to_bytes(body, 1 << 23).await.expect("a body").to_vec(),
        };
        Answer {
            status: head.status,
            headers: head.headers,
            body,
        }
    }
}

fn request(line: &str, body: impl Into<Body>) -> Request<Body> {
    let (method, path) = line.split_once(' ').expect("method and path");
    let builder = Request::builder()
        .method(method)
        .uri(path)
        .header("host", HOST);
    builder.body(body.into()).expect("a request")
}

fn sign(headers: &mut HeaderMap, caller: &Caller) {
    let (name, value) = match caller {
        Caller::Anonymous => return,
        Caller::Cookie(cookie) => ("cookie", format!("{COOKIE}={}", cookie.expose())),
        Caller::Key(key) => ("authorization", format!("Bearer {}", key.expose())),
    };
    headers.insert(name, value.parse().expect("a header"));
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{self:?}");
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    /// The value of the sign-in cookie that is set.
    pub(crate) fn cookie(&self) -> Secret {
        let pair = self.header("set-cookie").split_once('=');
        let (name, rest) = pair.expect("a cookie");
        assert_eq!(name, COOKIE);
        Secret::new(rest.split(';').next().unwrap_or_default())
    }

    /// Status and code of an error, which is a whole problem.
    pub(crate) fn problem(&self) -> (u16, Code) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem");
        assert_eq!(problem.status, self.status.as_u16());
        assert!(problem.r#type.ends_with(&format!("#{}", problem.code)));
        assert!(!problem.title.is_empty() && !problem.detail.is_empty());
        (problem.status, problem.code)
    }
}
