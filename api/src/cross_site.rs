//! Keeps pages of other sites from acting with a visitor's cookie.
//!
//! The cookie is `SameSite=Strict`, but every port of `localhost` is the same site. So a request that
//! changes something must show that it comes from a page of this server: browsers say so in
//! `Sec-Fetch-Site` or `Origin`, which pages cannot forge. A request with neither must be JSON, which
//! a page of another origin cannot send unasked. API keys are not sent by themselves and need no such
//! proof, and neither does the word of an identity provider's server, which is signed and for which no cookie
//! counts.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use streamspace_signaling::{Scheme, same_origin};

use crate::{ApiError, json::is_json, policy::LOGGED_OUT};

pub(crate) async fn check(State(scheme): State<Scheme>, request: Request, next: Next) -> Response {
    let (method, headers) = (request.method(), request.headers());
    let is_from_page = ["origin", "sec-fetch-site"]
        .iter()
        .any(|name| headers.contains_key(*name));
    let is_by_provider = request.uri().path() == LOGGED_OUT && !is_from_page;
    if is_by_provider || may_act(method, headers, scheme) {
        next.run(request).await
    } else {
        ApiError::CrossSite.into_response()
    }
}

fn may_act(method: &Method, headers: &HeaderMap, scheme: Scheme) -> bool {
    if method.is_safe() || headers.contains_key(header::AUTHORIZATION) {
        return true;
    }
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") || !same_origin(headers, scheme) {
        return false;
    }
    site.is_some() || headers.contains_key(header::ORIGIN) || is_json(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_needs_a_sign_that_it_comes_from_a_page_of_this_server() {
        let json = ("content-type", "application/json");
        let form = ("content-type", "text/plain");
        let own_page = ("origin", "http://localhost:8080");
        let own_fetch = ("sec-fetch-site", "same-origin");
        let cases: [(&[(&'static str, &'static str)], bool); 10] = [
            (&[json], true),
            (&[form], false),
            (&[], false),
            (&[own_page], true),
            (&[("origin", "https://localhost:8080")], false),
            (&[own_fetch], true),
            (&[json, ("origin", "http://localhost:3000")], false),
            (&[json, ("sec-fetch-site", "same-site")], false),
            (&[own_fetch, ("origin", "null")], false),
            (&[form, ("authorization", "Bearer x")], true),
        ];
        for (given, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "localhost:8080".parse().expect("a header"));
            for &(name, value) in given {
                headers.insert(name, value.parse().expect("a header"));
            }
            let may_act = |method| may_act(&method, &headers, Scheme::Http);
            assert_eq!(may_act(Method::POST), expected, "{given:?}");
            assert!(may_act(Method::GET), "reading is always allowed");
        }
    }
}
