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
    Api, ApiError, Scope, User, audit, identity, metrics, rate_limit,
    routes::{
        self, auth, batch, events, files, groups, keys, oidc, passkeys, password, second_factor,
        server, sessions, settings, shares, sign_ins, system, templates, users, whep,
    },
};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Who {
    Anyone,
    /// Users of this role and of those above, by their browser's cookie, or by an API key of this
    /// scope and of those above.
    AtLeast(AccountRole, Scope),
}
use Scope::{Admin as All, Read, Sessions};
use Who::{Anyone, AtLeast};

/// The identity provider's server calls it with a form, and shows no cookie.
pub(crate) const LOGGED_OUT: &str = "/auth/oidc/logged-out";

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
    const MEMBER: &str = "/groups/{name}/members/{user}";
    const FILE: &str = "/sessions/{id}/files/{*path}";
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    // Who may, and with which API key.
    let account = AtLeast(Viewer, All);
    let look = AtLeast(Viewer, Read);
    let [see, act] = [AtLeast(AnyUser, Read), AtLeast(AnyUser, Sessions)];
    let operator = AtLeast(Operator, Read);
    let admin = AtLeast(Admin, All);
    vec![
        row(Anyone, GET, "/health", server::health),
        row(Anyone, GET, "/health/live", server::alive),
        row(Anyone, GET, "/health/ready", server::ready),
        row(Anyone, GET, "/version", server::version),
        row(Anyone, GET, "/openapi.json", server::description),
        row(Anyone, GET, "/docs", server::documentation),
        row(Anyone, POST, "/auth/login", auth::login),
        row(Anyone, GET, "/auth/methods", oidc::methods),
        row(Anyone, GET, "/auth/oidc/start", oidc::start),
        row(Anyone, GET, "/auth/oidc/callback", oidc::callback),
        // Shows a token that the provider has signed.
        row(Anyone, POST, LOGGED_OUT, oidc::logged_out),
        // Signing out must work when the sign-in is over already.
        row(Anyone, POST, "/auth/logout", auth::logout),
        // Shows the secret of a share link, and gets that session alone.
        row(Anyone, POST, "/sessions/{id}/join", shares::join),
        // Shows a join token, and gets that session alone.
        row(
            Anyone,
            POST,
            "/sessions/{id}/whep/join",
            whep::play_by_token,
        ),
        // Knows an address that nobody can guess.
        row(Anyone, DELETE, "/sessions/{id}/whep/{player}", whep::stop),
        row(
            Anyone,
            POST,
            "/auth/passkeys/challenge",
            passkeys::challenge,
        ),
        row(look, GET, "/auth/me", auth::me),
        row(account, POST, "/auth/link", auth::link),
        row(account, PUT, "/auth/password", password::change),
        row(account, POST, "/auth/second-factor", second_factor::start),
        row(
            account,
            POST,
            "/auth/second-factor/confirm",
            second_factor::confirm,
        ),
        row(
            account,
            POST,
            "/auth/second-factor/remove",
            second_factor::remove,
        ),
        row(account, GET, "/auth/passkeys", passkeys::list),
        row(account, POST, "/auth/passkeys", passkeys::add),
        row(account, POST, "/auth/passkeys/start", passkeys::start),
        row(
            account,
            POST,
            "/auth/passkeys/{passkey}/remove",
            passkeys::remove,
        ),
        row(account, GET, "/auth/keys", keys::list),
        row(account, POST, "/auth/keys", keys::create),
        row(account, DELETE, "/auth/keys/{key}", keys::remove),
        row(account, GET, "/auth/sign-ins", sign_ins::list),
        row(account, DELETE, "/auth/sign-ins", sign_ins::end_others),
        row(account, DELETE, "/auth/sign-ins/{sign_in}", sign_ins::end),
        row(look, GET, "/templates", templates::list),
        row(admin, POST, "/templates", templates::create),
        row(look, GET, "/templates/{id}", templates::show),
        row(admin, PUT, "/templates/{id}", templates::change),
        row(admin, DELETE, "/templates/{id}", templates::remove),
        row(admin, GET, "/templates/{id}/versions", templates::history),
        row(
            admin,
            GET,
            "/templates/{id}/versions/{version}",
            templates::version,
        ),
        row(look, GET, "/sessions", sessions::list),
        row(act, POST, "/sessions", sessions::create),
        row(act, POST, "/sessions/batch", batch::change_all),
        row(look, GET, "/sessions/events", events::watch),
        row(see, GET, "/sessions/{id}", sessions::show),
        row(act, PATCH, "/sessions/{id}", sessions::change),
        row(act, DELETE, "/sessions/{id}", sessions::end),
        row(act, PUT, "/sessions/{id}/hibernate", sessions::hibernate),
        row(act, PUT, "/sessions/{id}/wake", sessions::wake),
        row(act, POST, "/sessions/{id}/heartbeat", sessions::heartbeat),
        row(see, GET, "/sessions/{id}/stats", sessions::stats),
        row(act, POST, "/sessions/{id}/connect", sessions::connect),
        row(act, POST, "/sessions/{id}/whep", whep::play),
        row(see, GET, "/sessions/{id}/shares", shares::list),
        row(act, POST, "/sessions/{id}/shares", shares::create),
        row(act, DELETE, "/sessions/{id}/shares/{share}", shares::revoke),
        row(act, GET, "/sessions/{id}/files", files::read),
        row(act, GET, "/sessions/{id}/files/", files::read),
        row(act, GET, FILE, files::read),
        row(act, PUT, FILE, files::write),
        row(act, DELETE, FILE, files::discard),
        row(operator, GET, "/metrics", server::metrics),
        row(admin, GET, "/audit", routes::audit::list),
        row(admin, GET, "/system/log-filter", system::log_filter),
        row(admin, PUT, "/system/log-filter", system::set_log_filter),
        row(admin, GET, "/users", users::list),
        row(admin, POST, "/users", users::create),
        row(admin, GET, "/users/{name}", users::show),
        row(admin, PATCH, "/users/{name}", users::change),
        row(admin, DELETE, "/users/{name}", users::remove),
        row(admin, POST, "/users/{name}/link", users::link),
        row(admin, DELETE, "/users/{name}/password", password::remove),
        row(admin, GET, "/users/{name}/quota", groups::quota),
        row(admin, PUT, "/users/{name}/quota", groups::set_quota),
        row(admin, GET, "/users/{name}/usage", groups::usage),
        row(look, GET, "/auth/usage", groups::own_usage),
        row(look, GET, "/auth/preferences", settings::preferences),
        row(account, PUT, "/auth/preferences", settings::set_preferences),
        row(admin, GET, "/groups", groups::list),
        row(admin, POST, "/groups", groups::create),
        row(admin, GET, "/groups/{name}", groups::show),
        row(admin, PATCH, "/groups/{name}", groups::change),
        row(admin, DELETE, "/groups/{name}", groups::remove),
        row(admin, PUT, MEMBER, groups::add_member),
        row(admin, DELETE, MEMBER, groups::remove_member),
        row(admin, GET, "/system/settings", settings::show),
        row(admin, PUT, "/system/settings", settings::change),
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
            AtLeast(role, scope) => row
                .route
                .route_layer(middleware::from_fn_with_state((role, scope), at_least))
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
