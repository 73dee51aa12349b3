//! Who a request comes from.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use jiff::Timestamp;
use streamspace_protocol::Secret;

use crate::{Api, ApiError, Scheme, accounts::SIGN_IN_LIFETIME};

pub(crate) const COOKIE: &str = "streamspace_session";
/// Longer ones are none of ours.
const MAX_CREDENTIAL_BYTES: usize = 256;

/// What a request shows to say who it comes from. An API key comes before a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    ApiKey(Secret),
    Cookie(Secret),
}

impl Credential {
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get(header::AUTHORIZATION) {
            Some(value) => bearer(value).map(Self::ApiKey),
            None => cookie(headers).map(Self::Cookie),
        }
    }
}

fn bearer(value: &HeaderValue) -> Option<Secret> {
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    let ours = scheme.eq_ignore_ascii_case("bearer") && key.len() <= MAX_CREDENTIAL_BYTES;
    ours.then(|| Secret::new(key))
}

fn cookie(headers: &HeaderMap) -> Option<Secret> {
    let values = headers.get_all(header::COOKIE).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|&(name, value)| name == COOKIE && value.len() <= MAX_CREDENTIAL_BYTES)
        .map(|(_, value)| Secret::new(value))
}

/// The `Set-Cookie` that keeps a browser signed in.
pub(crate) fn set_cookie(scheme: Scheme, value: &Secret) -> String {
    attributes(scheme, value.expose(), SIGN_IN_LIFETIME.as_secs())
}

/// The `Set-Cookie` that makes a browser forget.
pub(crate) fn clear_cookie(scheme: Scheme) -> String {
    attributes(scheme, "", 0)
}

fn attributes(scheme: Scheme, value: &str, max_age_s: u64) -> String {
    let secure = match scheme {
        Scheme::Http => "",
        Scheme::Https => "; Secure",
    };
    format!("{COOKIE}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}")
}

/// Lets signed-in users and API keys through, and tells the handlers who it is.
pub(crate) async fn require(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let user = match Credential::of(request.headers()) {
        Some(Credential::ApiKey(key)) => api.accounts().key_owner(&key).await?,
        Some(Credential::Cookie(cookie)) => {
            api.accounts().signed_in(&cookie, Timestamp::now()).await?
        }
        None => None,
    };
    let user = user.ok_or(ApiError::Unauthenticated)?;
    request.extensions_mut().insert(user);
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let found = Credential::of(&headers(&[
            ("cookie", "a=b; streamspace_sessions=x"),
            ("cookie", "c;streamspace_session=t ; d=e"),
        ]));
        assert_eq!(found, Some(Credential::Cookie(Secret::new("t"))));
    }

    #[test]
    fn a_key_comes_before_a_cookie_even_if_it_is_unreadable() {
        let cookie = ("cookie", "streamspace_session=t");
        let both = headers(&[cookie, ("authorization", "Bearer k")]);
        assert_eq!(
            Credential::of(&both),
            Some(Credential::ApiKey(Secret::new("k")))
        );
        let basic = headers(&[cookie, ("authorization", "Basic eDp5")]);
        assert_eq!(Credential::of(&basic), None);
    }

    #[test]
    fn oversized_credentials_are_ignored() {
        let long = "x".repeat(MAX_CREDENTIAL_BYTES + 1);
        let key = headers(&[("authorization", &format!("Bearer {long}"))]);
        let cookie = headers(&[("cookie", &format!("{COOKIE}={long}"))]);
        assert_eq!(Credential::of(&key), None);
        assert_eq!(Credential::of(&cookie), None);
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let plain = set_cookie(Scheme::Http, &Secret::new("t"));
        let expected = "streamspace_session=t; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict";
        assert_eq!(plain, expected);
        let tls = set_cookie(Scheme::Https, &Secret::new("t"));
        assert_eq!(tls, format!("{expected}; Secure"));
    }
}
