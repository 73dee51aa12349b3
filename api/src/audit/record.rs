//! From requests to events.

use std::{panic::resume_unwind, time::Instant};

use axum::{
    Extension,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use streamspace_protocol::Code;

use super::log::News;
use crate::{Api, ApiError, guesses::PeerAddress};

/// Who a request came from, as far as its handling has found out: goes along with the answer.
#[derive(Debug, Clone)]
pub(crate) struct Actor(pub(crate) String);

/// Longer paths are cut: they name nothing that there is.
const PATH_CHARS: usize = 1024;

/// Records what came of a request. It is answered even if that fails, which the server's health tells.
///
/// What changes something goes on when its caller goes away, and so does the record of it.
pub(crate) async fn record(
    State(api): State<Api>,
    from: Option<Extension<PeerAddress>>,
    request: Request,
    next: Next,
) -> Response {
    let from = from.map_or(PeerAddress::NONE, |Extension(from)| from);
    let recorded = carry_out(api, from, request, next);
    match tokio::spawn(streamspace_traces::carried(recorded)).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        // The server ends.
        Err(_) => ApiError::Interrupted.into_response(),
    }
}

async fn carry_out(api: Api, from: PeerAddress, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path: String = request.uri().path().chars().take(PATH_CHARS).collect();
    let response = next.run(request).await;
    let who = response.extensions().get().map(|Actor(name)| name.clone());
    let status = response.status();
    if !is_worth_it(&method, &path, status) {
        return response;
    }
    // Strangers must not fill the disk.
    if who.is_none() && !status.is_success() && !may_be_recorded(&api, from) {
        return response;
    }
    let news = News {
        who,
        from: (from != PeerAddress::NONE).then_some(from.0),
        method: method.to_string(),
        path,
        status: status.as_u16(),
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
    let is_sign_in = path.ends_with("/auth/oidc/callback");
    refused || is_file || is_sign_in || !matches!(*method, Method::GET | Method::HEAD)
}

fn may_be_recorded(api: &Api, from: PeerAddress) -> bool {
    let (strangers, now) = (api.recorded_strangers(), Instant::now());
    let may = strangers.wait(from, now).is_none();
    if may {
        strangers.was_wrong(from, now);
    }
    may
}
