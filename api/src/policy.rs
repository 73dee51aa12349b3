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
    Api, ApiError, Scope, User, identity,
    routes::{
        auth, files, keys, password, second_factor, server, sessions, shares, sign_ins, users,
    },
};

#[derive(Debug, Clone, Copy)]
enum Who {
    Anyone,
    /// Users of this role and of those above, by their browser's cookie, or by an API key of this
    /// scope and of those above.
    AtLeast(AccountRole, Scope),
}
use Scope::{Admin as All, Read, Sessions};
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
        (AtLeast(Viewer, Read), "/auth/me", get(auth::me)),
        (AtLeast(Viewer, All), "/auth/link", post(auth::link)),
        (
            AtLeast(Viewer, All),
            "/auth/password",
            put(password::change),
        ),
        (
            AtLeast(Viewer, All),
            "/auth/second-factor",
            post(second_factor::start),
        ),
        (
            AtLeast(Viewer, All),
            "/auth/second-factor/confirm",
            post(second_factor::confirm),
        ),
        (
            AtLeast(Viewer, All),
            "/auth/second-factor/remove",
            post(second_factor::remove),
        ),
        (AtLeast(Viewer, All), "/auth/keys", get(keys::list)),
        (AtLeast(Viewer, All), "/auth/keys", post(keys::create)),
        (
            AtLeast(Viewer, All),
            "/auth/keys/{key}",
            delete(keys::remove),
        ),
        (AtLeast(Viewer, All), "/auth/sign-ins", get(sign_ins::list)),
        (
            AtLeast(Viewer, All),
            "/auth/sign-ins",
            delete(sign_ins::end_others),
        ),
        (
            AtLeast(Viewer, All),
            "/auth/sign-ins/{sign_in}",
            delete(sign_ins::end),
        ),
        (
            AtLeast(Viewer, Read),
            "/templates",
            get(sessions::templates),
        ),
        (AtLeast(Viewer, Read), "/sessions", get(sessions::list)),
        (
            AtLeast(AnyUser, Sessions),
            "/sessions",
            post(sessions::create),
        ),
        (
            AtLeast(AnyUser, Read),
            "/sessions/{id}",
            get(sessions::show),
        ),
        (
            AtLeast(AnyUser, Sessions),
            "/sessions/{id}",
            delete(sessions::end),
        ),
        (
            AtLeast(AnyUser, Read),
            "/sessions/{id}/stats",
            get(sessions::stats),
        ),
        (
            AtLeast(AnyUser, Sessions),
            "/sessions/{id}/connect",
            post(sessions::connect),
        ),
        (
            AtLeast(AnyUser, Read),
            "/sessions/{id}/shares",
            get(shares::list),
        ),
        (
            AtLeast(AnyUser, Sessions),
            "/sessions/{id}/shares",
            post(shares::create),
        ),
        (
            AtLeast(AnyUser, Sessions),
            "/sessions/{id}/shares/{share}",
            delete(shares::revoke),
        ),
        (
            AtLeast(AnyUser, Sessions),
            "/sessions/{id}/files",
            get(files::read),
        ),
        (
            AtLeast(AnyUser, Sessions),
            "/sessions/{id}/files/",
            get(files::read),
        ),
        (AtLeast(AnyUser, Sessions), FILE, get(files::read)),
        (AtLeast(AnyUser, Sessions), FILE, put(files::write)),
        (AtLeast(AnyUser, Sessions), FILE, delete(files::discard)),
        (AtLeast(Admin, All), "/users", get(users::list)),
        (AtLeast(Admin, All), "/users", post(users::create)),
        (AtLeast(Admin, All), "/users/{name}", patch(users::change)),
        (AtLeast(Admin, All), "/users/{name}", delete(users::remove)),
        (AtLeast(Admin, All), "/users/{name}/link", post(users::link)),
        (
            AtLeast(Admin, All),
            "/users/{name}/password",
            delete(password::remove),
        ),
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
                AtLeast(role, scope) => route
                    .route_layer(middleware::from_fn_with_state((role, scope), at_least))
                    .route_layer(require.clone()),
            };
            router.route(path, route)
        });
    all.merge(api.gateway().router())
}

async fn at_least(
    State((role, scope)): State<(AccountRole, Scope)>,
    Extension(user): Extension<User>,
    Extension(granted): Extension<Scope>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if user.role < role {
        return Err(ApiError::RoleTooLow(role));
    }
    if granted < scope {
        return Err(ApiError::ScopeTooLow(scope));
    }
    Ok(next.run(request).await)
}
