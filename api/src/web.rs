//! The web client's files.

use std::{io, path::Path, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use tower_http::services::ServeDir;

use crate::ApiError;

/// What a browser shows when the client is not there.
const NOT_BUILT: &str = include_str!("web/not-built.html");

/// Pages of the app, which all are `index.html`, and the files beside it.
pub(crate) fn routes(root: &Path) -> Router {
    let index: Arc<Path> = root.join("index.html").into();
    let files = ServeDir::new(root).append_index_html_on_directories(false);
    Router::new()
        .route("/", get(page))
        .route("/session/{id}", get(page))
        .route("/session/{id}/", get(page))
        .route("/account", get(page))
        .with_state(index)
        .fallback_service(files)
        .layer(middleware::from_fn(finish))
}

async fn page(State(index): State<Arc<Path>>) -> Response {
    match tokio::fs::read(&index).await {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::error!(%error, path = %index.display(), "the web page cannot be read");
            }
            (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response()
        }
    }
}

/// Browsers ask again each time, so that a new build shows at once; what is the same costs a 304.
async fn finish(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match response.status() {
        StatusCode::NOT_FOUND => response = ApiError::NotFound.into_response(),
        StatusCode::METHOD_NOT_ALLOWED => {
            response = ([(header::ALLOW, "GET,HEAD")], ApiError::MethodNotAllowed).into_response();
        }
        _ => (),
    }
    let no_cache: (HeaderName, HeaderValue) =
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().extend([no_cache]);
    response
}
