//! What the provider says of itself (OpenID Connect Discovery), and its keys.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::Uri;
use hyper::{Request, body::Bytes};
use serde::{Deserialize, de::DeserializeOwned};

use super::{OidcConfig, OidcError};
use crate::{Outbound, jose::KeySet};

/// Providers change where things are rarely.
const GOOD_FOR: Duration = Duration::from_secs(60 * 60);
/// Many may begin to sign in at once.
const JUST_NOW: Duration = Duration::from_secs(3);
/// And their keys at any time; tokens of keys that nobody knows must not make us ask all the time.
const KEYS_REST: Duration = Duration::from_secs(10);

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    jwks_uri: String,
    pub(super) userinfo_endpoint: Option<String>,
    pub(super) end_session_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Metadata {
    pub(super) fn read(json: &[u8], config: &OidcConfig) -> Result<Self, OidcError> {
        let read: Self = serde_json::from_slice(json)
            .map_err(|_| OidcError::Discovery("it is no description of a provider"))?;
        if read.issuer != config.issuer {
            return Err(OidcError::Discovery("it calls itself by another name"));
        }
        // What began with TLS goes on with it, and nothing else than HTTP is opened anywhere.
        let least = scheme(&config.issuer);
        let is_usable = read.addresses().all(|address| scheme_is(address, least));
        match is_usable {
            true => Ok(read),
            false => Err(OidcError::Discovery(
                "it names addresses that are not of https",
            )),
        }
    }

    fn addresses(&self) -> impl Iterator<Item = &String> {
        let always = [
            &self.authorization_endpoint,
            &self.token_endpoint,
            &self.jwks_uri,
        ];
        let maybe = [&self.userinfo_endpoint, &self.end_session_endpoint];
        always.into_iter().chain(maybe.into_iter().flatten())
    }

    /// Whether the secret goes into the body, for who does not take it as it is usual.
    pub(super) fn takes_secret_in_body(&self) -> bool {
        let methods = &self.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|known| known == method);
        !takes("client_secret_basic") && takes("client_secret_post")
    }
}

fn scheme(issuer: &str) -> &'static str {
    match issuer.starts_with("http://") {
        true => "http",
        false => "https",
    }
}

fn scheme_is(address: &str, least: &str) -> bool {
    let uri: Option<Uri> = address.parse().ok();
    let found = uri.as_ref().and_then(Uri::scheme_str);
    found == Some("https") || (found == Some("http") && least == "http")
}

/// What was found, for as long as it is good.
pub(super) struct Discovery {
    outbound: Outbound,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Instant, Arc<Metadata>)>,
    keys: Option<(Instant, Arc<KeySet>)>,
    keys_asked: Option<Instant>,
}

impl Discovery {
    pub(super) fn new(outbound: Outbound) -> Self {
        Self {
            outbound,
            known: Mutex::default(),
        }
    }

    pub(super) async fn metadata(&self, config: &OidcConfig) -> Result<Arc<Metadata>, OidcError> {
        self.metadata_for(config, GOOD_FOR).await
    }

    /// From a provider that has answered just now, so that no browser is sent to one that does not.
    pub(super) async fn metadata_now(
        &self,
        config: &OidcConfig,
    ) -> Result<Arc<Metadata>, OidcError> {
        self.metadata_for(config, JUST_NOW).await
    }

    async fn metadata_for(
        &self,
        config: &OidcConfig,
        good_for: Duration,
    ) -> Result<Arc<Metadata>, OidcError> {
        if let Some((found, metadata)) = &self.known().metadata
            && found.elapsed() < good_for
        {
            return Ok(metadata.clone());
        }
        let issuer = config.issuer.trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        let metadata = Arc::new(Metadata::read(&self.get(&address).await?, config)?);
        self.known().metadata = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    /// Keys among which this one is, if the provider has it.
    pub(super) async fn keys(
        &self,
        config: &OidcConfig,
        name: Option<&str>,
    ) -> Result<Arc<KeySet>, OidcError> {
        if let Some(keys) = self.keys_for_now(name, Instant::now()) {
            return Ok(keys);
        }
        let metadata = self.metadata(config).await?;
        let json = self.get(&metadata.jwks_uri).await?;
        let keys = KeySet::read(&json).ok_or(OidcError::Discovery("its keys are none"))?;
        let keys = Arc::new(keys);
        self.known().keys = Some((Instant::now(), keys.clone()));
        Ok(keys)
    }

    /// Those that are known, if the key is among them or the provider was asked just now.
    fn keys_for_now(&self, name: Option<&str>, now: Instant) -> Option<Arc<KeySet>> {
        let mut known = self.known();
        let asked = known.keys_asked;
        let was_asked_now = asked.is_some_and(|asked| now.duration_since(asked) < KEYS_REST);
        let keys = known.keys.as_ref();
        let found = keys.filter(|(found, keys)| {
            was_asked_now || (keys.has(name) && now.duration_since(*found) < GOOD_FOR)
        });
        if let Some((_, keys)) = found {
            return Some(keys.clone());
        }
        if was_asked_now {
            return Some(Arc::default());
        }
        known.keys_asked = Some(now);
        None
    }

    async fn get(&self, address: &str) -> Result<Bytes, OidcError> {
        let request = Request::get(address).header("accept", "application/json");
        send(&self.outbound, request, Bytes::new()).await
    }

    pub(super) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of an answer that is one.
pub(super) async fn send(
    outbound: &Outbound,
    request: hyper::http::request::Builder,
    body: Bytes,
) -> Result<Bytes, OidcError> {
    let request = request
        .body(body)
        .map_err(|_| OidcError::Discovery("it names an address that is none"))?;
    let answer = outbound.send(request).await?;
    match answer.status().is_success() {
        true => Ok(answer.into_body()),
        false => Err(refused(answer.status().as_u16(), answer.body())),
    }
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// Of what the answer says, its code is passed on (RFC 6749, 5.2).
fn refused(status: u16, body: &[u8]) -> OidcError {
    match json::<Refused>(body) {
        Some(Refused { error }) if status < 500 => {
            OidcError::Refused(super::error::Refusal::new(&error))
        }
        Some(_) | None => OidcError::Status(status),
    }
}

pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::oidc::config::tests::config;

    fn read(change: Value) -> Result<Metadata, OidcError> {
        let mut all = json!({
            "issuer": "https://id.example.org",
            "authorization_endpoint": "https://id.example.org/auth",
            "token_endpoint": "https://id.example.org/token",
            "jwks_uri": "https://keys.example.net/jwks",
        });
        let fields = all.as_object_mut().expect("an object");
        fields.extend(change.as_object().expect("an object").clone());
        Metadata::read(all.to_string().as_bytes(), &config())
    }

    #[test]
    fn a_provider_describes_itself_and_stays_with_tls() {
        assert!(read(json!({})).is_ok());
        for change in [
            json!({ "issuer": "https://evil.example" }),
            json!({ "issuer": "https://id.example.org/" }),
            json!({ "token_endpoint": "http://id.example.org/token" }),
            json!({ "authorization_endpoint": "javascript:alert(1)" }),
            json!({ "end_session_endpoint": "//id.example.org" }),
            json!({ "jwks_uri": "file:///etc/passwd" }),
            json!({ "jwks_uri": 7 }),
        ] {
            let outcome = read(change.clone());
            assert!(matches!(outcome, Err(OidcError::Discovery(_))), "{change}");
        }
        assert!(Metadata::read(b"<html>", &config()).is_err());
    }

    #[test]
    fn the_secret_goes_into_the_body_only_where_that_is_the_only_way() {
        let takes = |methods: Value| {
            let read = read(json!({ "token_endpoint_auth_methods_supported": methods }));
            read.expect("readable").takes_secret_in_body()
        };
        assert!(!takes(json!([])));
        assert!(!takes(json!(["client_secret_post", "client_secret_basic"])));
        assert!(takes(json!(["client_secret_post"])));
    }

    #[test]
    fn a_key_that_nobody_knows_is_asked_for_once_in_a_while() {
        let outbound = Outbound::new(vec![], b"").expect("no certificates of ours");
        let discovery = Discovery::new(outbound);
        let now = Instant::now();
        assert!(discovery.keys_for_now(Some("a"), now).is_none(), "ask");
        assert!(discovery.keys_for_now(Some("a"), now).is_some());
        assert!(discovery.keys_for_now(Some("b"), now).is_some());
        let later = now + KEYS_REST;
        assert!(
            discovery.keys_for_now(Some("b"), later).is_none(),
            "ask again"
        );
    }
}
