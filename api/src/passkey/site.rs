use std::net::IpAddr;

use axum::http::{HeaderMap, header};

use crate::Scheme;

/// What a passkey is for: this server, by one of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    host: String,
    origin: String,
}

impl Site {
    /// As the browser called this server, which answers to its own names only ([`crate::hosts`]). `None` for an
    /// address without a name, for which browsers have no passkeys.
    pub(crate) fn of(headers: &HeaderMap, scheme: Scheme) -> Option<Self> {
        let called = headers
            .get(header::HOST)?
            .to_str()
            .ok()?
            .to_ascii_lowercase();
        let host = match called.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &called,
        };
        let is_name = !host.starts_with('[') && host.parse::<IpAddr>().is_err();
        let scheme = match scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        is_name.then(|| Self {
            host: host.to_owned(),
            origin: format!("{scheme}://{called}"),
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(host: &str, scheme: Scheme) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header"));
        let site = Site::of(&headers, scheme)?;
        Some((site.host().to_owned(), site.origin().to_owned()))
    }

    #[test]
    fn a_site_is_a_name_with_what_is_before_and_behind_it() {
        let pair = |host: &str, origin: &str| Some((host.to_owned(), origin.to_owned()));
        let local = site("LOCALHOST:8080", Scheme::Http);
        assert_eq!(local, pair("localhost", "http://localhost:8080"));
        let public = site("desk.example.org", Scheme::Https);
        assert_eq!(public, pair("desk.example.org", "https://desk.example.org"));
        for address in ["127.0.0.1:8080", "192.0.2.1", "[::1]:8080", "[::1]"] {
            assert_eq!(site(address, Scheme::Http), None, "{address}");
        }
    }
}
