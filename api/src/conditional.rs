//! Versions of objects in HTTP: `ETag`, `If-Match`, `If-None-Match` (RFC 9110, section 13).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use streamspace_resources::Metadata;

use crate::{ApiError, Expected};

/// The `ETag` of an object as it is.
pub(crate) fn etag(metadata: &Metadata) -> HeaderValue {
    let version = metadata.resource_version.as_deref().unwrap_or("0");
    HeaderValue::from_str(&format!("\"{version}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}

/// Whether the caller has the object of this tag already.
pub(crate) fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let names = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default();
        let mut tags = text
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
    };
    headers.get_all(header::IF_NONE_MATCH).iter().any(names)
}

impl<S: Send + Sync> FromRequestParts<S> for Expected {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut values = parts.headers.get_all(header::IF_MATCH).iter().peekable();
        if values.peek().is_none() {
            return Ok(Self::Any);
        }
        let mut versions = Vec::new();
        for value in values {
            let text = value.to_str().map_err(|_| ApiError::IfMatch)?;
            if text.split(',').any(|tag| tag.trim() == "*") {
                return Ok(Self::Any);
            }
            versions.extend(strong_tags(text).ok_or(ApiError::IfMatch)?);
        }
        Ok(Self::Versions(versions))
    }
}

/// What is between the quotes of each, where a comma is like any other letter. Lists may have empty places
/// (RFC 9110, section 5.6.1.2), and an empty one names no version.
fn strong_tags(text: &str) -> Option<Vec<String>> {
    const BETWEEN: [char; 3] = [' ', '\t', ','];
    let mut tags = Vec::new();
    let mut rest = text.trim_matches(BETWEEN);
    while !rest.is_empty() {
        let (tag, tail) = rest.strip_prefix('"')?.split_once('"')?;
        if !tail.is_empty() && !tail.trim_start().starts_with(',') {
            return None;
        }
        tags.push(tag.to_owned());
        rest = tail.trim_start_matches(BETWEEN);
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn expected(values: &[&str]) -> Result<Expected, ApiError> {
        let mut request = Request::builder();
        for value in values {
            request = request.header(header::IF_MATCH, *value);
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        Expected::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn if_match_names_versions_or_any() {
        let holds =
            async |values: &[&str]| expected(values).await.expect("readable").holds(Some("7"));
        assert!(holds(&[]).await);
        assert!(holds(&["*"]).await);
        assert!(holds(&["\"7\""]).await);
        assert!(holds(&["\"6\", \"7\""]).await);
        assert!(holds(&["\"6\"", "\"7\""]).await);
        assert!(!holds(&["\"6\""]).await);
        assert!(holds(&[", \"7\","]).await);
        assert!(!holds(&[""]).await);
        assert!(!holds(&["\",\""]).await);
        // A weak tag never matches here (RFC 9110, section 13.1.1): it is refused.
        for odd in ["7", "\"7", "W/\"7\"", "\"7\"\"6\""] {
            assert!(
                matches!(expected(&[odd]).await, Err(ApiError::IfMatch)),
                "{odd}"
            );
        }
    }
}
