//! Who may do what: the one table of the API's routes.
//!
//! A route in [`signed_in`] cannot be reached without a user; there is no third place to put one but
//! the gateway's own WebSockets, which check join tokens.

use axum::{
    Router, middleware,
    routing::{delete, get, post},
};

use crate::{
    Api, identity,
    routes::{auth, files, server, sessions, shares},
};

/// Everything under `/api/v1`.
pub(crate) fn routes(api: &Api) -> Router<Api> {
    let require = middleware::from_fn_with_state(api.clone(), identity::require);
    anyone()
        .merge(signed_in().route_layer(require))
        .merge(api.gateway().router())
}

fn anyone() -> Router<Api> {
    Router::new()
        .route("/health", get(server::health))
        .route("/version", get(server::version))
        .route("/auth/login", post(auth::login))
        // Shows the secret of a share link, and gets that session alone.
        .route("/sessions/{id}/join", post(shares::join))
        // Signing out must work when the sign-in is over already.
        .route("/auth/logout", post(auth::logout))
}

/// Users, by their browser's cookie, and their programs, by API key.
fn signed_in() -> Router<Api> {
    Router::new()
        .route("/auth/me", get(auth::me))
        .route("/auth/link", post(auth::link))
        .route("/templates", get(sessions::templates))
        .route("/sessions", get(sessions::list).post(sessions::create))
        .route("/sessions/{id}", get(sessions::show).delete(sessions::end))
        .route("/sessions/{id}/stats", get(sessions::stats))
        .route("/sessions/{id}/connect", post(sessions::connect))
        .route(
            "/sessions/{id}/shares",
            get(shares::list).post(shares::create),
        )
        .route("/sessions/{id}/shares/{share}", delete(shares::revoke))
        .route("/sessions/{id}/files", get(files::read))
        .route("/sessions/{id}/files/", get(files::read))
        .route(
            "/sessions/{id}/files/{*path}",
            get(files::read).put(files::write).delete(files::discard),
        )
}
