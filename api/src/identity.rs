//! Who a request comes from.

use std::net::SocketAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use jiff::Timestamp;
use streamspace_protocol::Secret;

use crate::{Api, ApiConfig, ApiError, Scheme, Scope, accounts::SIGN_IN_LIFETIME, audit::Actor};

/// Longer ones are none of ours.
const MAX_CREDENTIAL_BYTES: usize = 256;
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
            None => cookie(headers, &cookie_name(listen)).map(Self::Cookie),
        }
    }
}

fn bearer(value: &HeaderValue) -> Option<Secret> {
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    let ours = scheme.eq_ignore_ascii_case("bearer") && key.len() <= MAX_CREDENTIAL_BYTES;
    ours.then(|| Secret::new(key))
}

/// Browsers send a cookie to every port of its host. With the port in its name, two servers of one
/// host do not overwrite each other's.
fn cookie_name(listen: SocketAddr) -> String {
    format!("streamspace_session_{}", listen.port())
}

fn cookie(headers: &HeaderMap, cookie_name: &str) -> Option<Secret> {
    let values = headers.get_all(header::COOKIE).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|&(name, value)| name == cookie_name && value.len() <= MAX_CREDENTIAL_BYTES)
        .map(|(_, value)| Secret::new(value))
}

/// What a browser calls itself, for people to tell theirs apart.
pub(crate) fn browser(headers: &HeaderMap) -> String {
    let name = headers.get(header::USER_AGENT);
    let name = name.and_then(|value| value.to_str().ok()).unwrap_or("");
    name.chars().take(MAX_BROWSER_CHARS).collect()
}

/// The `Set-Cookie` that keeps a browser signed in.
///
/// What cookies cannot do: every port of a host is the same site to a browser, so it sends this one,
/// in spite of `SameSite=Strict`, to any other program that serves HTTP on this host and that a page
/// of this host calls or the user opens; such a program can sign in with it. No attribute prevents
/// that. A server that ends takes its sign-ins along (`Accounts::end_sign_ins`), so that what a later
/// owner of its port collects is worth nothing; a program that serves at the same time has to be
/// trusted. What pages of other ports may do by themselves is for [`crate::cross_site`].
pub(crate) fn set_cookie(config: &ApiConfig, value: &Secret) -> String {
    attributes(config, value.expose(), SIGN_IN_LIFETIME.as_secs())
}

/// The `Set-Cookie` that makes a browser forget.
pub(crate) fn clear_cookie(config: &ApiConfig) -> String {
    attributes(config, "", 0)
}

fn attributes(config: &ApiConfig, value: &str, max_age_s: u64) -> String {
    let name = cookie_name(config.listen);
    let secure = match config.scheme {
        Scheme::Http => "",
        Scheme::Https => "; Secure",
    };
    format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}")
}

/// Lets signed-in users and API keys through, and tells the handlers who it is, and what for: a
/// browser may all.
pub(crate) async fn require(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let now = Timestamp::now();
    let caller = match Credential::of(request.headers(), api.config().listen) {
        Some(Credential::ApiKey(key)) => api.accounts().key_owner(&key, now).await?,
        Some(Credential::Cookie(cookie)) => {
            let user = api.accounts().signed_in(&cookie, now).await?;
            user.map(|user| (user, Scope::Admin))
        }
        None => None,
    };
    let (user, scope) = caller.ok_or(ApiError::Unauthenticated)?;
    let actor = Actor(user.name.clone());
    request.extensions_mut().insert(user);
    request.extensions_mut().insert(scope);
    let mut response = next.run(request).await;
    response.extensions_mut().insert(actor);
    Ok(response)
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
