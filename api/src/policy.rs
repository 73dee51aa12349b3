//! Who may do what: the one table of the API's routes.
//!
//! What is not in [`table`] is not there, but for the gateway's own WebSockets, which check join tokens.
//! A role lets a caller as far as the handler; which sessions it reaches there is for
//! [`Reached`](crate::routes::sessions::Reached).

use axum::{
    Extension, Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
    routing::{MethodRouter, delete, get, patch, post, put},
};

use crate::{
    AccountRole::{self, Admin, User as AnyUser, Viewer},
    Api, ApiError, User, identity,
    routes::{auth, files, server, sessions, shares, users},
};

#[derive(Debug, Clone, Copy)]
enum Who {
    Anyone,
    /// Users of this role and of those above, by their browser's cookie or their programs' API key.
    AtLeast(AccountRole),
}
use Who::{Anyone, AtLeast};

fn table() -> Vec<(Who, &'static str, MethodRouter<Api>)> {
    const FILE: &str = "/sessions/{id}/files/{*path}";
    vec![
        (Anyone, "/health", get(server::health)),
        (Anyone, "/version", get(server::version)),
        (Anyone, "/auth/login", post(auth::login)),
        // Signing out must work when the sign-in is over already.
        (Anyone, "/auth/logout", post(auth::logout)),
        // Shows the secret of a share link, and gets that session alone.
        (Anyone, "/sessions/{id}/join", post(shares::join)),
        (AtLeast(Viewer), "/auth/me", get(auth::me)),
        (AtLeast(Viewer), "/auth/link", post(auth::link)),
        (AtLeast(Viewer), "/templates", get(sessions::templates)),
        (AtLeast(Viewer), "/sessions", get(sessions::list)),
        (AtLeast(AnyUser), "/sessions", post(sessions::create)),
        (AtLeast(AnyUser), "/sessions/{id}", get(sessions::show)),
        (AtLeast(AnyUser), "/sessions/{id}", delete(sessions::end)),
        (
            AtLeast(AnyUser),
            "/sessions/{id}/stats",
            get(sessions::stats),
        ),
        (
            AtLeast(AnyUser),
            "/sessions/{id}/connect",
            post(sessions::connect),
        ),
        (AtLeast(AnyUser), "/sessions/{id}/shares", get(shares::list)),
        (
            AtLeast(AnyUser),
            "/sessions/{id}/shares",
            post(shares::create),
        ),
        (
            AtLeast(AnyUser),
            "/sessions/{id}/shares/{share}",
            delete(shares::revoke),
        ),
        (AtLeast(AnyUser), "/sessions/{id}/files", get(files::read)),
        (AtLeast(AnyUser), "/sessions/{id}/files/", get(files::read)),
        (AtLeast(AnyUser), FILE, get(files::read)),
        (AtLeast(AnyUser), FILE, put(files::write)),
        (AtLeast(AnyUser), FILE, delete(files::discard)),
        (AtLeast(Admin), "/users", get(users::list)),
        (AtLeast(Admin), "/users", post(users::create)),
        (AtLeast(Admin), "/users/{name}", patch(users::change)),
        (AtLeast(Admin), "/users/{name}", delete(users::remove)),
        (AtLeast(Admin), "/users/{name}/link", post(users::link)),
    ]
}

/// The paths of all routes.
pub(crate) fn paths() -> Vec<&'static str> {
    table().into_iter().map(|(_, path, _)| path).collect()
}

/// Everything under `/api/v1`.
pub(crate) fn routes(api: &Api) -> Router<Api> {
    let require = middleware::from_fn_with_state(api.clone(), identity::require);
    let all = table()
        .into_iter()
        .fold(Router::new(), |router, (who, path, route)| {
            let route = match who {
                Anyone => route,
                AtLeast(role) => route
                    .route_layer(middleware::from_fn_with_state(role, at_least))
                    .route_layer(require.clone()),
            };
            router.route(path, route)
        });
    all.merge(api.gateway().router())
}

async fn at_least(
    State(role): State<AccountRole>,
    Extension(user): Extension<User>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if user.role < role {
        return Err(ApiError::RoleTooLow(role));
    }
    Ok(next.run(request).await)
}
