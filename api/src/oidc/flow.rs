//! One sign-in on its way: what goes to the provider with the browser, and has to come back.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use form_urlencoded::Serializer;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::{OidcConfig, OidcError, discovery::Metadata};

/// In which somebody signs in at the provider.
pub(crate) const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// A page of the app has a shorter address.
const MAX_PATH_BYTES: usize = 128;

/// What only the browser that began knows, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    state: Secret,
    pub(super) nonce: Secret,
    /// Of PKCE (RFC 7636): shows that who began also finishes.
    pub(super) verifier: Secret,
    /// The page to go on with.
    pub(crate) page: String,
    expires_unix_ms: i64,
}

impl Flow {
    /// `random` makes values that nobody guesses.
    pub(crate) fn new<E>(
        page: &str,
        now: Timestamp,
        random: impl Fn() -> Result<Secret, E>,
    ) -> Result<Self, E> {
        let expires = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        Ok(Self {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            page: own_page(page).to_owned(),
            expires_unix_ms: expires.as_millisecond(),
        })
    }

    /// Where the browser goes.
    pub(super) fn address(&self, config: &OidcConfig, metadata: &Metadata) -> String {
        let challenge = digest(&SHA256, self.verifier.expose().as_bytes());
        let scope: Vec<&str> = ["openid"]
            .into_iter()
            .chain(config.scopes.iter().map(String::as_str))
            .collect();
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", &config.redirect_uri())
            .append_pair("scope", &scope.join(" "))
            .append_pair("state", self.state.expose())
            .append_pair("nonce", self.nonce.expose())
            .append_pair("code_challenge", &BASE64.encode(challenge))
            .append_pair("code_challenge_method", "S256");
        // Nobody is asked for lasting access without saying yes to it (OpenID Connect Core, 11).
        if scope.contains(&"offline_access") {
            query.append_pair("prompt", "consent");
        }
        with_query(&metadata.authorization_endpoint, &query.finish())
    }

    /// Lets by what comes back with the state that went out, in time.
    pub(crate) fn check(&self, state: &str, now: Timestamp) -> Result<(), OidcError> {
        let is_it = state == self.state.expose() && now.as_millisecond() < self.expires_unix_ms;
        is_it.then_some(()).ok_or(OidcError::Stale)
    }
}

pub(super) fn with_query(address: &str, query: &str) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{query}")
}

/// A path of this server's pages; any other is the first page.
fn own_page(path: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-".contains(&byte);
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= MAX_PATH_BYTES
        && path.bytes().all(is_plain);
    if is_own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, collections::HashMap, convert::Infallible};

    use super::*;
    use crate::oidc::config::tests::config;

    fn flow(page: &str) -> Flow {
        let count = Cell::new(0);
        let random = || {
            count.set(count.get() + 1);
            Ok::<_, Infallible>(Secret::new(format!("random-{}", count.get())))
        };
        let Ok(flow) = Flow::new(page, Timestamp::UNIX_EPOCH, random);
        flow
    }

    fn metadata(authorization_endpoint: &str) -> Metadata {
        let json = serde_json::json!({
            "issuer": config().issuer,
            "authorization_endpoint": authorization_endpoint,
            "token_endpoint": "https://id.example.org/token",
            "jwks_uri": "https://id.example.org/jwks",
        });
        Metadata::read(json.to_string().as_bytes(), &config()).expect("a provider")
    }

    #[test]
    fn the_browser_takes_along_what_has_to_come_back_and_no_secret() {
        let flow = flow("/");
        let address = flow.address(&config(), &metadata("https://id.example.org/a?b=c"));
        let query = address.strip_prefix("https://id.example.org/a?b=c&");
        let query = form_urlencoded::parse(query.expect("the endpoint").as_bytes());
        let query: HashMap<_, _> = query.into_owned().collect();
        let value = |name: &str| query.get(name).map_or("", String::as_str);
        assert_eq!(
            value("redirect_uri"),
            "https://desk.example.org/api/v1/auth/oidc/callback"
        );
        assert_eq!(value("scope"), "openid profile email");
        assert_eq!((value("state"), value("nonce")), ("random-1", "random-2"));
        assert_eq!(value("code_challenge_method"), "S256");
        let challenge = digest(&SHA256, b"random-3");
        assert_eq!(value("code_challenge"), BASE64.encode(challenge));
        assert!(!address.contains("random-3") && !address.contains("s3cret"));
    }

    #[test]
    fn the_state_has_to_come_back_in_time() {
        let flow = flow("/");
        let at = |s: i64| Timestamp::from_second(s).expect("a time");
        assert!(flow.check("random-1", at(599)).is_ok());
        for (state, s) in [("random-1", 600), ("random-2", 1), ("", 1)] {
            assert!(matches!(flow.check(state, at(s)), Err(OidcError::Stale)));
        }
    }

    #[test]
    fn it_goes_on_with_a_page_of_this_server_only() {
        for page in ["/", "/account", "/session/a-b-1"] {
            assert_eq!(flow(page).page, page);
        }
        let long = format!("/{}", "a".repeat(200));
        for page in [
            "",
            "account",
            "//evil.example",
            "/\\evil",
            "/a?b",
            "/#x",
            "/%2f",
            "/a:b",
            &long,
        ] {
            assert_eq!(flow(page).page, "/", "{page}");
        }
    }
}
