//! From requests to events.

use axum::{
    Extension,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use jiff::Timestamp;
use streamspace_protocol::Code;

use super::log::News;
use crate::{Api, guesses::PeerAddress};

/// Who a request came from, as far as its handling has found out: goes along with the answer.
#[derive(Debug, Clone)]
pub(crate) struct Actor(pub(crate) String);

/// Longer paths are cut: they name nothing that there is.
const PATH_CHARS: usize = 1024;

/// Records what came of a request. It is answered even if that fails, which the server's health tells.
pub(crate) async fn record(
    State(api): State<Api>,
    from: Option<Extension<PeerAddress>>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let path: String = request.uri().path().chars().take(PATH_CHARS).collect();
    let response = next.run(request).await;
    if !is_worth_it(&method, &path, response.status()) {
        return response;
    }
    let news = News {
        who: response.extensions().get().map(|Actor(name)| name.clone()),
        from: from.map(|Extension(from)| from.0),
        method: method.to_string(),
        path,
        status: response.status().as_u16(),
        code: response.extensions().get::<Code>().copied(),
    };
    let outcome = api.audit().add(news, Timestamp::now()).await;
    if let Err(error) = &outcome {
        tracing::error!(%error, "an event is missing from the audit log");
    }
    api.note_audit(outcome.is_ok());
    response
}

/// Looking is not, but at files, and where it is refused.
fn is_worth_it(method: &Method, path: &str, status: StatusCode) -> bool {
    let refused = matches!(status.as_u16(), 401 | 403);
    let is_file = path.contains("/files");
    refused || is_file || !matches!(*method, Method::GET | Method::HEAD)
}
