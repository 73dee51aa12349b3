//! Events as JSON lines in the body of a POST, signed with a shared secret.

use axum::http::{HeaderValue, Method, Request, Uri, header};
use hyper::body::Bytes;
use jiff::Timestamp;
use ring::hmac;
use streamspace_protocol::Secret;

use super::{ForwardError, json};
use crate::{AuditEvent, Outbound};

const SIGNATURE: &str = "streamspace-signature";

pub(super) struct Webhook {
    url: Uri,
    secret: Secret,
    outbound: Outbound,
}

impl Webhook {
    pub(super) fn new(url: Uri, secret: Secret, outbound: Outbound) -> Self {
        Self {
            url,
            secret,
            outbound,
        }
    }

    /// Anything but 2xx means that the events were not taken.
    pub(super) async fn send(&self, events: &[AuditEvent]) -> Result<(), ForwardError> {
        let body: String = events.iter().map(|event| json(event) + "\n").collect();
        let signature = signature(&self.secret, Timestamp::now().as_second(), &body);
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        let headers = request.headers_mut();
        let kind = HeaderValue::from_static("application/x-ndjson");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Ok(signature) = HeaderValue::from_str(&signature) {
            headers.insert(SIGNATURE, signature);
        }
        let answer = self.outbound.send(request).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(ForwardError::Refused(status.as_u16())),
        }
    }
}

/// Time and HMAC-SHA-256 of both time and body, so that an old request cannot be passed off as a new one.
fn signature(secret: &Secret, unix_s: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let tag = hmac::sign(&key, format!("{unix_s}.{body}").as_bytes());
    let hex = data_encoding::HEXLOWER.encode(tag.as_ref());
    format!("t={unix_s},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_time_and_body() {
        // printf '1700000000.{"number":1}\n' | openssl dgst -sha256 -hmac secret
        let made = signature(&Secret::new("secret"), 1_700_000_000, "{\"number\":1}\n");
        assert_eq!(
            made,
            "t=1700000000,v1=5d2a377d688d8c21bc029ab8e3472b2da0f52c7a62d7e54ec405483c8013d9b1"
        );
        let later = signature(&Secret::new("secret"), 1_700_000_001, "{\"number\":1}\n");
        assert_ne!(made[13..], later[13..]);
    }
}
