//! Who a request comes from.
//!
//! A browser has two cookies. The short-lived one gives access and is looked at without a database; the other one
//! is good once, and gets the next of both, with whatever request shows it. So pages need not know of any of it.

mod admission;

use std::net::SocketAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{AppendHeaders, Response},
};
use jiff::Timestamp;
use streamspace_protocol::Secret;
use streamspace_signaling::ticket::MAX_TOKEN_BYTES;

use crate::{
    Api, ApiConfig, ApiError, Scheme, Scope, User,
    accounts::{ACCESS_LIFETIME, SIGN_IN_LIFETIME, Shown},
    audit::Actor,
};

/// Longer ones are none of ours.
const MAX_CREDENTIAL_BYTES: usize = 256;
const MAX_ACCESS_BYTES: usize = 1024;
const MAX_BROWSER_CHARS: usize = 200;

/// What a request shows to say who it comes from. An API key comes before a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    ApiKey(Secret),
    Cookie(Secret),
}

impl Credential {
    /// The cookie of a browser that asks.
    pub(crate) fn cookie_of(headers: &HeaderMap, listen: SocketAddr) -> Option<Secret> {
        match Self::of(headers, listen) {
            Some(Self::Cookie(cookie)) => Some(cookie),
            Some(Self::ApiKey(_)) | None => None,
        }
    }

    /// `listen` is the server's own address, by whose port it knows its own cookie.
    pub(crate) fn of(headers: &HeaderMap, listen: SocketAddr) -> Option<Self> {
        match headers.get(header::AUTHORIZATION) {
            Some(value) => bearer(value).map(Self::ApiKey),
            None => cookie(headers, &cookie_name(listen), MAX_CREDENTIAL_BYTES).map(Self::Cookie),
        }
    }
}

fn bearer(value: &HeaderValue) -> Option<Secret> {
    bearer_within(value, MAX_CREDENTIAL_BYTES)
}

fn bearer_within(value: &HeaderValue, max_bytes: usize) -> Option<Secret> {
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    let ours = scheme.eq_ignore_ascii_case("bearer") && key.len() <= max_bytes;
    ours.then(|| Secret::new(key))
}

/// The token of somebody who comes into one session.
pub(crate) fn join_token(headers: &HeaderMap) -> Option<Secret> {
    bearer_within(headers.get(header::AUTHORIZATION)?, MAX_TOKEN_BYTES)
}

/// Browsers send a cookie to every port of its host. With the port in its name, two servers of one
/// host do not overwrite each other's.
fn cookie_name(listen: SocketAddr) -> String {
    format!("streamspace_session_{}", listen.port())
}

fn access_cookie_name(listen: SocketAddr) -> String {
    format!("streamspace_access_{}", listen.port())
}

/// The value of a cookie that is not longer than ours are.
pub(crate) fn cookie(headers: &HeaderMap, name: &str, max_bytes: usize) -> Option<Secret> {
    let values = headers.get_all(header::COOKIE).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|&(found, value)| found == name && value.len() <= max_bytes)
        .map(|(_, value)| Secret::new(value))
}

/// What a browser calls itself, for people to tell theirs apart.
pub(crate) fn browser(headers: &HeaderMap) -> String {
    let name = headers.get(header::USER_AGENT);
    let name = name.and_then(|value| value.to_str().ok()).unwrap_or("");
    name.chars().take(MAX_BROWSER_CHARS).collect()
}

/// The `Set-Cookie` that keeps a browser signed in: what it shows to get access.
///
/// What cookies cannot do: every port of a host is the same site to a browser, so it sends this one,
/// in spite of `SameSite=Strict`, to any other program that serves HTTP on this host and that a page
/// of this host calls or the user opens; such a program can sign in with it. No attribute prevents
/// that, so a program that serves at the same time has to be trusted. A server that ends takes its sign-ins along
/// (`Accounts::end_sign_ins`), so that what a later owner of its port collects is worth nothing, but for those that
/// another server goes on with: with `--keep-sessions`, or with accounts in a database that servers share. What pages of other ports may do by themselves is for [`crate::cross_site`].
pub(crate) fn set_cookie(config: &ApiConfig, value: &Secret) -> String {
    sign_in_cookie(config, value, SIGN_IN_LIFETIME.as_secs())
}

fn sign_in_cookie(config: &ApiConfig, value: &Secret, max_age_s: u64) -> String {
    attributes(
        config,
        &cookie_name(config.listen),
        value.expose(),
        max_age_s,
    )
}

/// The `Set-Cookie`s that make a browser forget.
pub(crate) fn clear_cookies(config: &ApiConfig) -> AppendHeaders<[(HeaderName, String); 2]> {
    let names = [
        cookie_name(config.listen),
        access_cookie_name(config.listen),
    ];
    AppendHeaders(names.map(|name| (header::SET_COOKIE, attributes(config, &name, "", 0))))
}

fn attributes(config: &ApiConfig, name: &str, value: &str, max_age_s: u64) -> String {
    let secure = secure(config);
    format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}")
}

pub(crate) fn secure(config: &ApiConfig) -> &'static str {
    match config.scheme {
        Scheme::Http => "",
        Scheme::Https => "; Secure",
    }
}

/// Somebody who may ask, for what, and the cookies that their browser gets with the answer.
struct Caller {
    user: User,
    scope: Scope,
    cookies: Vec<String>,
}

/// Lets signed-in users and API keys through, and tells the handlers who it is, and what for: a
/// browser may all.
pub(crate) async fn require(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Caller {
        user,
        scope,
        cookies,
    } = caller(&api, request.headers()).await?;
    let actor = Actor(user.name.clone());
    request.extensions_mut().insert(user);
    request.extensions_mut().insert(scope);
    let mut response = next.run(request).await;
    response.extensions_mut().insert(actor);
    for cookie in cookies {
        let cookie = HeaderValue::from_str(&cookie).expect("cookies are made of plain letters");
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn caller(api: &Api, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let now = Timestamp::now();
    let listen = api.config().listen;
    let shown = Credential::of(headers, listen);
    if let Some(Credential::ApiKey(key)) = shown {
        let owner = api.accounts().key_owner(&key, now).await?;
        let (user, scope) = owner.ok_or(ApiError::Unauthenticated)?;
        return Ok(Caller {
            user,
            scope,
            cookies: vec![],
        });
    }
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(ApiError::Unauthenticated);
    }
    let accounts = api.accounts();
    let access = cookie(headers, &access_cookie_name(listen), MAX_ACCESS_BYTES);
    if let Some(access) = access
        && let Some(user) = api.access_tokens().user(&access, accounts, now).await
    {
        return Ok(Caller {
            user,
            scope: Scope::Admin,
            cookies: vec![],
        });
    }
    match shown {
        Some(Credential::Cookie(cookie)) => renewed(api, &cookie, now).await,
        Some(Credential::ApiKey(_)) | None => Err(ApiError::Unauthenticated),
    }
}

/// Gives access for the next minutes to a browser that is signed in.
async fn renewed(api: &Api, cookie: &Secret, now: Timestamp) -> Result<Caller, ApiError> {
    let renewed = match api.accounts().renew(cookie, now).await? {
        Shown::Good(renewed) => renewed,
        Shown::Stolen { name } => {
            tracing::warn!(user = %name, "a used cookie came again, so its sign-in is ended");
            return Err(ApiError::Unauthenticated);
        }
        Shown::Unknown => return Err(ApiError::Unauthenticated),
    };
    let user = admission::still_admitted(api, &renewed, now).await?;
    let user = user.ok_or(ApiError::Unauthenticated)?;
    let config = api.config();
    let access = api.access_tokens().issue(&user, &renewed.sign_in, now);
    let name = access_cookie_name(config.listen);
    let mut cookies = vec![attributes(
        config,
        &name,
        access.expose(),
        ACCESS_LIFETIME.as_secs(),
    )];
    if let Some(next) = &renewed.cookie {
        let left_ms = renewed.expires_unix_ms - now.as_millisecond();
        let left_s = u64::try_from(left_ms / 1000).unwrap_or(0);
        cookies.push(sign_in_cookie(config, next, left_s));
    }
    Ok(Caller {
        user,
        scope: Scope::Admin,
        cookies,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen() -> SocketAddr {
        ([127, 0, 0, 1], 8080).into()
    }

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn the_cookie_is_found_among_others_and_those_of_other_ports() {
        let headers = headers(&[
            ("cookie", "a=b; streamspace_session_80=x"),
            (
                "cookie",
                "streamspace_session_9090=y; c;streamspace_session_8080=t ; d=e",
            ),
        ]);
        let found = Credential::of(&headers, listen());
        assert_eq!(found, Some(Credential::Cookie(Secret::new("t"))));
    }

    #[test]
    fn a_key_comes_before_a_cookie_even_if_it_is_unreadable() {
        let cookie = ("cookie", "streamspace_session_8080=t");
        let both = headers(&[cookie, ("authorization", "Bearer k")]);
        assert_eq!(
            Credential::of(&both, listen()),
            Some(Credential::ApiKey(Secret::new("k")))
        );
        let basic = headers(&[cookie, ("authorization", "Basic eDp5")]);
        assert_eq!(Credential::of(&basic, listen()), None);
    }

    #[test]
    fn oversized_credentials_are_ignored() {
        let long = "x".repeat(MAX_CREDENTIAL_BYTES + 1);
        let key = headers(&[("authorization", &format!("Bearer {long}"))]);
        let cookie = headers(&[("cookie", &format!("streamspace_session_8080={long}"))]);
        assert_eq!(Credential::of(&key, listen()), None);
        assert_eq!(Credential::of(&cookie, listen()), None);
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let mut config = ApiConfig::new(listen(), "/nowhere".into());
        let plain = set_cookie(&config, &Secret::new("t"));
        let expected =
            "streamspace_session_8080=t; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict";
        assert_eq!(plain, expected);
        config.scheme = Scheme::Https;
        let tls = set_cookie(&config, &Secret::new("t"));
        assert_eq!(tls, format!("{expected}; Secure"));
    }
}
