//! The parts put together.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header::CACHE_CONTROL},
    middleware,
};
use streamspace_signaling::{
    Gateway,
    ticket::{self, Issuer, KeyError},
};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{
    Accounts, ApiConfig, ApiError, Backend, cross_site,
    guesses::Guesses,
    hosts::{self, AllowedHosts},
    json::MAX_BODY_BYTES,
    policy, security_headers, web,
};

/// Answers hold tokens and what somebody runs: no cache keeps them.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The API with everything behind it. Clones are the same one.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

struct Shared {
    config: ApiConfig,
    backend: Arc<dyn Backend>,
    accounts: Accounts,
    issuer: Issuer,
    gateway: Gateway,
    guesses: Guesses,
}

impl Api {
    /// Makes a new key for join tokens, which ends those issued before.
    ///
    /// # Errors
    /// An operating system without random bytes.
    pub fn new(
        config: ApiConfig,
        backend: Arc<dyn Backend>,
        accounts: Accounts,
    ) -> Result<Self, KeyError> {
        let (issuer, redeemer) = ticket::pair(ticket::DEFAULT_REMEMBERED)?;
        let gateway = Gateway::new(
            backend.clone(),
            redeemer,
            config.limits,
            config.scheme,
            config.turn.clone(),
        );
        Ok(Self(Arc::new(Shared {
            config,
            backend,
            accounts,
            issuer,
            gateway,
            guesses: Guesses::default(),
        })))
    }

    /// Every route there is: the API, the gateway's WebSockets and the web page.
    pub fn router(&self) -> Router {
        let api = policy::routes(self)
            .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
            .fallback(async || ApiError::NotFound)
            .layer(middleware::from_fn_with_state(
                self.0.config.scheme,
                cross_site::check,
            ))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .layer(SetResponseHeaderLayer::if_not_present(
                CACHE_CONTROL,
                NO_STORE,
            ))
            .with_state(self.clone());
        let hosts = Arc::new(AllowedHosts::new(&self.0.config));
        Router::new()
            .nest(
                "/api",
                Router::new()
                    .nest("/v1", api)
                    .fallback(async || ApiError::NotFound),
            )
            .merge(web::routes(&self.0.config.web_root))
            .layer(middleware::from_fn_with_state(hosts, hosts::check))
            .layer(middleware::from_fn(security_headers::add))
    }

    /// The paths of all routes under `/api/v1`, with `{name}` for what varies.
    pub fn paths() -> Vec<&'static str> {
        policy::paths()
    }

    /// The gateway behind the WebSocket routes.
    pub fn gateway(&self) -> &Gateway {
        &self.0.gateway
    }

    pub(crate) fn config(&self) -> &ApiConfig {
        &self.0.config
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.0.backend
    }

    pub(crate) fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// Of share links' secrets.
    pub(crate) fn guesses(&self) -> &Guesses {
        &self.0.guesses
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }
}
