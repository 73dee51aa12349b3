//! The way to a collector of traces (OTLP over HTTP, as JSON).

use std::str::FromStr;

use hyper::{Request, Uri, body::Bytes, header::CONTENT_TYPE, http::uri};

use crate::{Outbound, OutboundError};

/// Where spans are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorAddress(Uri);

#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    #[error(
        "not an address of http or https with a host and no password, such as http://collector:4318"
    )]
    Address,
    #[error(transparent)]
    Unreachable(#[from] OutboundError),
    #[error("the collector answered {0}")]
    Refused(u16),
}

impl FromStr for CollectorAddress {
    type Err = CollectorError;

    /// Reads `OTEL_EXPORTER_OTLP_ENDPOINT`: traces go to `/v1/traces` below it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = format!("{}/v1/traces", text.trim_end_matches('/'));
        let address: Uri = address.parse().map_err(|_| CollectorError::Address)?;
        let is_spoken = [Some(&uri::Scheme::HTTP), Some(&uri::Scheme::HTTPS)];
        let has_host = address.host().is_some_and(|host| !host.is_empty());
        // A password in an address would show in the log.
        let has_password = address
            .authority()
            .is_some_and(|it| it.as_str().contains('@'));
        let has_host = has_host && !has_password;
        // Nobody expects a question in it, and what follows would not be the path.
        match is_spoken.contains(&address.scheme()) && has_host && address.query().is_none() {
            true => Ok(Self(address)),
            false => Err(CollectorError::Address),
        }
    }
}

/// Sends one request of spans.
///
/// # Errors
/// A collector that cannot be reached, or does not take them.
pub async fn send_spans(
    outbound: &Outbound,
    address: &CollectorAddress,
    body: Vec<u8>,
) -> Result<(), CollectorError> {
    let request = Request::post(&address.0)
        .header(CONTENT_TYPE, "application/json")
        .body(Bytes::from(body))
        .map_err(|_| CollectorError::Address)?;
    let status = outbound.send(request).await?.status();
    match status.is_success() {
        true => Ok(()),
        false => Err(CollectorError::Refused(status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_below_the_collectors_address() {
        for given in ["http://collector:4318", "http://collector:4318/"] {
            let CollectorAddress(address) = given.parse().expect("an address");
            assert_eq!(address, "http://collector:4318/v1/traces");
        }
        for wrong in [
            "",
            "collector:4318",
            "ftp://a",
            "http://a?b",
            "http:///a",
            "http://a:b@c",
        ] {
            assert!(wrong.parse::<CollectorAddress>().is_err(), "{wrong}");
        }
    }
}
