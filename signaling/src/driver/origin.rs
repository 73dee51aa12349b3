use axum::http::{HeaderMap, header};

/// Whether a request comes from a page of this server, or from no page at all.
///
/// Browsers put `Origin` on every WebSocket and on every request that changes something; a page of
/// another origin cannot leave it out. Programs that are no browsers send none.
pub fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(str::to_ascii_lowercase);
    let host = headers.get(header::HOST).and_then(text);
    let origin = text(origin);
    let authority = origin.as_deref().and_then(|origin| {
        origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"))
    });
    authority.is_some() && authority == host.as_deref()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    #[test]
    fn only_a_page_of_the_same_host_and_port_is_of_the_same_origin() {
        let cases = [
            (None, "localhost:8080", true),
            (Some("http://localhost:8080"), "localhost:8080", true),
            (Some("https://Desk.example"), "desk.example", true),
            (Some("http://localhost:3000"), "localhost:8080", false),
            (Some("http://localhost"), "localhost:8080", false),
            (Some("http://evil.example"), "localhost:8080", false),
            (Some("null"), "localhost:8080", false),
            (Some(""), "", false),
            (Some("ftp://localhost:8080"), "localhost:8080", false),
        ];
        for (origin, host, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a header"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().expect("a header"));
            }
            assert_eq!(same_origin(&headers), expected, "{origin:?} at {host}");
        }
    }
}
