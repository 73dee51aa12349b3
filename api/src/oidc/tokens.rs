//! Asking the provider for tokens (RFC 6749), and for what they do not say.

use base64::{Engine, engine::general_purpose::STANDARD};
use form_urlencoded::Serializer;
use hyper::{Request, body::Bytes};
use serde::Deserialize;
use serde_json::{Map, Value};
use streamspace_protocol::Secret;

use super::{
    OidcConfig, OidcError,
    discovery::{Metadata, json, send},
};
use crate::Outbound;

/// What tokens are given for.
pub(super) enum Grant<'a> {
    Code { code: &'a str, verifier: &'a Secret },
    Refresh(&'a Secret),
}

#[derive(Debug, Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: Secret,
    pub(super) id_token: Option<Secret>,
    pub(super) refresh_token: Option<Secret>,
}

pub(super) async fn tokens(
    outbound: &Outbound,
    config: &OidcConfig,
    metadata: &Metadata,
    grant: Grant<'_>,
) -> Result<Tokens, OidcError> {
    let (credentials, body) = form(config, metadata, grant);
    let mut request = Request::post(&metadata.token_endpoint)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json");
    if let Some(credentials) = credentials {
        request = request.header("authorization", credentials.expose());
    }
    let answer = send(outbound, request, body.into()).await?;
    json(&answer).ok_or(OidcError::Answer)
}

/// The `Authorization` header, and the body.
fn form(config: &OidcConfig, metadata: &Metadata, grant: Grant<'_>) -> (Option<Secret>, String) {
    let mut form = Serializer::new(String::new());
    match grant {
        Grant::Code { code, verifier } => form
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &config.redirect_uri())
            .append_pair("code_verifier", verifier.expose()),
        Grant::Refresh(token) => form
            .append_pair("grant_type", "refresh_token")
            .append_pair("refresh_token", token.expose()),
    };
    let mut header = None;
    match &config.client_secret {
        Some(secret) if !metadata.takes_secret_in_body() => {
            let pair = format!(
                "{}:{}",
                escaped(&config.client_id),
                escaped(secret.expose())
            );
            header = Some(Secret::new(format!("Basic {}", STANDARD.encode(pair))));
        }
        Some(secret) => {
            form.append_pair("client_id", &config.client_id)
                .append_pair("client_secret", secret.expose());
        }
        None => {
            form.append_pair("client_id", &config.client_id);
        }
    }
    (header, form.finish())
}

/// As it has to stand in the header (RFC 6749, 2.3.1).
fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What the provider says of whom this token is about (OpenID Connect Core, 5.3).
pub(super) async fn user_info(
    outbound: &Outbound,
    address: &str,
    access_token: &Secret,
    subject: &str,
) -> Result<Map<String, Value>, OidcError> {
    let authorization = format!("Bearer {}", access_token.expose());
    let request = Request::get(address)
        .header("authorization", authorization)
        .header("accept", "application/json");
    let answer = send(outbound, request, Bytes::new()).await?;
    let claims: Map<String, Value> = json(&answer).ok_or(OidcError::Answer)?;
    // It must not be about somebody else (5.3.2).
    match claims.get("sub").and_then(Value::as_str) == Some(subject) {
        true => Ok(claims),
        false => Err(super::claims::ClaimFault::Subject.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::config::tests::config;

    fn metadata(method: &str) -> Metadata {
        let json = serde_json::json!({
            "issuer": config().issuer,
            "authorization_endpoint": "https://id.example.org/auth",
            "token_endpoint": "https://id.example.org/token",
            "jwks_uri": "https://id.example.org/jwks",
            "token_endpoint_auth_methods_supported": [method],
        });
        Metadata::read(json.to_string().as_bytes(), &config()).expect("a provider")
    }

    #[test]
    fn the_secret_is_shown_in_the_header_or_in_the_body_and_never_in_the_address() {
        let token = Secret::new("r");
        let by = |config: &OidcConfig, method: &str| {
            form(config, &metadata(method), Grant::Refresh(&token))
        };
        let (header, body) = by(&config(), "client_secret_basic");
        let expected = STANDARD.encode("streamspace:s3cret%2F%2B");
        assert_eq!(header, Some(Secret::new(format!("Basic {expected}"))));
        assert_eq!(body, "grant_type=refresh_token&refresh_token=r");

        let (header, body) = by(&config(), "client_secret_post");
        assert_eq!(header, None);
        assert!(
            body.ends_with("&client_id=streamspace&client_secret=s3cret%2F%2B"),
            "{body}"
        );

        let public = OidcConfig {
            client_secret: None,
            ..config()
        };
        let (header, body) = by(&public, "none");
        assert_eq!(header, None);
        assert!(body.ends_with("&client_id=streamspace"), "{body}");
    }
}
