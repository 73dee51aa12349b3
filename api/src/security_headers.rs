//! Headers on every answer that tell browsers what its page may do.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use streamspace_signaling::Scheme;

const POLICY: &str = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; \
    style-src 'self' 'unsafe-inline'; script-src 'self'; media-src 'self' blob: mediastream:; \
    frame-ancestors 'self'; object-src 'none'; base-uri 'none'";

const PERMISSIONS: &str = "autoplay=(self), clipboard-read=(self), clipboard-write=(self), \
    fullscreen=(self), keyboard-map=(self), microphone=(self), camera=(), geolocation=(), \
    payment=(), usb=()";

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(PERMISSIONS),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Who came by TLS once is to come by nothing else for a year. Of this name only: others are not ours.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

pub(crate) async fn add(State(scheme): State<Scheme>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.extend(HEADERS);
    if scheme == Scheme::Https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    response
}
