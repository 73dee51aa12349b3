//! Who may do what: the one table of the API's routes.
//!
//! What is not in [`table`] is not there, but for the gateway's own WebSockets, which check join tokens.
//! A role lets a caller as far as the handler; which sessions it reaches there is for
//! [`Reached`](crate::routes::sessions::Reached).

use axum::{
    Extension, Router,
    extract::{Request, State},
    handler::Handler,
    http::Method,
    middleware::{self, Next},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{
    AccountRole::{self, Admin, Operator, User as AnyUser, Viewer},
    Api, ApiError, User, audit, identity, metrics, rate_limit,
    routes::{self, auth, batch, events, files, server, sessions, shares, users},
};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Who {
    Anyone,
    /// Users of this role and of those above, by their browser's cookie or their programs' API key.
    AtLeast(AccountRole),
}
use Who::{Anyone, AtLeast};

/// One way of calling the API.
struct Row {
    who: Who,
    method: Method,
    path: &'static str,
    route: MethodRouter<Api>,
}

fn row<H, T>(who: Who, method: Method, path: &'static str, handler: H) -> Row
where
    H: Handler<T, Api>,
    T: 'static,
{
    let filter = MethodFilter::try_from(method.clone()).expect("a method of ours");
    let route = on(filter, handler);
    Row {
        who,
        method,
        path,
        route,
    }
}

fn table() -> Vec<Row> {
    const FILE: &str = "/sessions/{id}/files/{*path}";
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    let [viewer, user] = [AtLeast(Viewer), AtLeast(AnyUser)];
    let [operator, admin] = [AtLeast(Operator), AtLeast(Admin)];
    vec![
        row(Anyone, GET, "/health", server::health),
        row(Anyone, GET, "/version", server::version),
        row(Anyone, GET, "/openapi.json", server::description),
        row(Anyone, GET, "/docs", server::documentation),
        row(Anyone, POST, "/auth/login", auth::login),
        // Signing out must work when the sign-in is over already.
        row(Anyone, POST, "/auth/logout", auth::logout),
        // Shows the secret of a share link, and gets that session alone.
        row(Anyone, POST, "/sessions/{id}/join", shares::join),
        row(viewer, GET, "/auth/me", auth::me),
        row(viewer, POST, "/auth/link", auth::link),
        row(viewer, GET, "/templates", sessions::templates),
        row(viewer, GET, "/sessions", sessions::list),
        row(user, POST, "/sessions", sessions::create),
        row(user, POST, "/sessions/batch", batch::change_all),
        row(viewer, GET, "/sessions/events", events::watch),
        row(user, GET, "/sessions/{id}", sessions::show),
        row(user, PATCH, "/sessions/{id}", sessions::change),
        row(user, DELETE, "/sessions/{id}", sessions::end),
        row(user, PUT, "/sessions/{id}/hibernate", sessions::hibernate),
        row(user, PUT, "/sessions/{id}/wake", sessions::wake),
        row(user, GET, "/sessions/{id}/stats", sessions::stats),
        row(user, POST, "/sessions/{id}/connect", sessions::connect),
        row(user, GET, "/sessions/{id}/shares", shares::list),
        row(user, POST, "/sessions/{id}/shares", shares::create),
        row(
            user,
            DELETE,
            "/sessions/{id}/shares/{share}",
            shares::revoke,
        ),
        row(user, GET, "/sessions/{id}/files", files::read),
        row(user, GET, "/sessions/{id}/files/", files::read),
        row(user, GET, FILE, files::read),
        row(user, PUT, FILE, files::write),
        row(user, DELETE, FILE, files::discard),
        row(operator, GET, "/metrics", server::metrics),
        row(admin, GET, "/audit", routes::audit::list),
        row(admin, GET, "/users", users::list),
        row(admin, POST, "/users", users::create),
        row(admin, PATCH, "/users/{name}", users::change),
        row(admin, DELETE, "/users/{name}", users::remove),
        row(admin, POST, "/users/{name}/link", users::link),
    ]
}

/// Method and path of every route.
pub(crate) fn lines() -> Vec<(String, &'static str)> {
    let line = |row: Row| (row.method.to_string(), row.path);
    table().into_iter().map(line).collect()
}

/// Nothing where there is no such route.
pub(crate) fn who_may(method: &Method, path: &str) -> Option<Who> {
    let found = table()
        .into_iter()
        .find(|row| row.method == *method && row.path == path);
    found.map(|row| row.who)
}

/// Everything under `/api/v1`.
pub(crate) fn routes(api: &Api) -> Router<Api> {
    let require = middleware::from_fn_with_state(api.clone(), identity::require);
    let by_user = middleware::from_fn_with_state(api.clone(), rate_limit::by_user);
    let record = middleware::from_fn_with_state(api.clone(), audit::record);
    let measure = middleware::from_fn_with_state(api.clone(), metrics::measure);
    let all = table().into_iter().fold(Router::new(), |router, row| {
        let route = match row.who {
            Anyone => row.route,
            AtLeast(role) => row
                .route
                .route_layer(middleware::from_fn_with_state(role, at_least))
                .route_layer(by_user.clone())
                .route_layer(require.clone()),
        };
        let route = route
            .route_layer(record.clone())
            .route_layer(measure.clone());
        router.route(row.path, route)
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
