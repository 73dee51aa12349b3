use axum::http::{HeaderMap, header};

/// How browsers reach the server, by itself or through a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    /// Cookies are sent over TLS only.
    Https,
}

impl Scheme {
    /// What the addresses of pages begin with.
    fn prefix(self) -> &'static str {
        match self {
            Self::Http => "http://",
            Self::Https => "https://",
        }
    }
}

/// Whether a request comes from a page of this server, which browsers reach by `scheme`, or from no
/// page at all.
///
/// Browsers put `Origin` on every WebSocket and on every request that changes something; a page of
/// another origin cannot leave it out. Programs that are no browsers send none. An origin is scheme,
/// host and port (RFC 6454): without TLS whoever is on the way can make up a page of any host.
pub fn same_origin(headers: &HeaderMap, scheme: Scheme) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(str::to_ascii_lowercase);
    let host = headers.get(header::HOST).and_then(text);
    let origin = text(origin);
    let authority = origin
        .as_deref()
        .and_then(|origin| origin.strip_prefix(scheme.prefix()));
    authority.is_some() && authority == host.as_deref()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    #[test]
    fn only_a_page_of_the_same_scheme_host_and_port_is_of_the_same_origin() {
        use Scheme::{Http, Https};
        let cases = [
            (Http, None, "localhost:8080", true),
            (Http, Some("http://localhost:8080"), "localhost:8080", true),
            (Https, Some("https://Desk.example"), "desk.example", true),
            (Https, Some("http://desk.example"), "desk.example", false),
            (Http, Some("https://desk.example"), "desk.example", false),
            (Http, Some("http://localhost:3000"), "localhost:8080", false),
            (Http, Some("http://localhost"), "localhost:8080", false),
            (Http, Some("http://evil.example"), "localhost:8080", false),
            (Http, Some("null"), "localhost:8080", false),
            (Http, Some(""), "", false),
            (Http, Some("ftp://localhost:8080"), "localhost:8080", false),
        ];
        for (scheme, origin, host, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a header"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().expect("a header"));
            }
            let same = same_origin(&headers, scheme);
            assert_eq!(same, expected, "{origin:?} at {host} by {scheme:?}");
        }
    }
}
