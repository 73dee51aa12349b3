//! The parts put together.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header::CACHE_CONTROL},
    middleware,
};
use streamspace_signaling::{
    Gateway,
    ticket::{self, Issuer},
};
use tokio::sync::watch;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{
    Accounts, ApiConfig, ApiError, AuditLog, Backend,
    access::AccessTokens,
    cross_site,
    guesses::{Guesses, Lockout},
    hosts::{self, AllowedHosts},
    json::MAX_BODY_BYTES,
    listeners::Listeners,
    metrics::Metrics,
    openapi, peers, policy,
    rate_limit::{self, RateLimits},
    security_headers, web,
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
    /// How much of what strangers try in vain is recorded.
    recorded_strangers: Guesses,
    listeners: Listeners,
    closing: watch::Sender<bool>,
    /// Whether new work should go elsewhere.
    is_stopping: AtomicBool,
    audit: AuditLog,
    /// Whether the last event was written.
    is_audited: AtomicBool,
    rate_limits: RateLimits,
    metrics: Metrics,
    lockout: Lockout,
    /// Held while it is looked whether somebody may have more.
    admissions: tokio::sync::Mutex<()>,
    access_tokens: AccessTokens,
}

impl Api {
    /// Servers with the same accounts take each other's join tokens.
    #[must_use]
    pub fn new(
        config: ApiConfig,
        backend: Arc<dyn Backend>,
        accounts: Accounts,
        audit: AuditLog,
    ) -> Self {
        let seed = accounts.ticket_seed();
        let (issuer, redeemer) = ticket::pair(&seed, ticket::DEFAULT_REMEMBERED);
        let gateway = Gateway::new(
            backend.clone(),
            redeemer,
            config.limits,
            config.scheme,
            config.turn.clone(),
            config.tracer.clone(),
        );
        let rate_limits = RateLimits::new(config.requests);
        Self(Arc::new(Shared {
            audit,
            is_audited: AtomicBool::new(true),
            rate_limits,
            metrics: Metrics::default(),
            access_tokens: AccessTokens::new(accounts.access_key()),
            config,
            backend,
            accounts,
            issuer,
            gateway,
            guesses: Guesses::default(),
            recorded_strangers: Guesses::default(),
            listeners: Listeners::default(),
            closing: watch::Sender::new(false),
            is_stopping: AtomicBool::new(false),
            lockout: Lockout::default(),
            admissions: tokio::sync::Mutex::default(),
        }))
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
        let by_address = middleware::from_fn_with_state(self.clone(), rate_limit::by_address);
        let hosts = Arc::new(AllowedHosts::new(&self.0.config));
        Router::new()
            .nest(
                "/api",
                Router::new()
                    .nest("/v1", api)
                    .fallback(async || ApiError::NotFound)
                    .layer(by_address),
            )
            .merge(web::routes(&self.0.config.web_root))
            .layer(middleware::from_fn_with_state(hosts, hosts::check))
            .layer(middleware::from_fn_with_state(self.clone(), peers::check))
            .layer(middleware::from_fn_with_state(
                self.0.config.scheme,
                security_headers::add,
            ))
    }

    /// Method and path of every route under `/api/v1`, with `{name}` for what varies.
    pub fn routes() -> Vec<(String, &'static str)> {
        policy::lines()
    }

    /// What can be asked of the API (OpenAPI 3.1).
    pub fn description() -> serde_json::Value {
        openapi::document()
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

    /// Of passwords and codes.
    pub(crate) fn lockout(&self) -> &Lockout {
        &self.0.lockout
    }

    pub(crate) fn access_tokens(&self) -> &AccessTokens {
        &self.0.access_tokens
    }

    pub(crate) fn recorded_strangers(&self) -> &Guesses {
        &self.0.recorded_strangers
    }

    /// Of the sessions' changes.
    pub(crate) fn listeners(&self) -> &Listeners {
        &self.0.listeners
    }

    /// From now on readiness says no.
    pub(crate) fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.is_stopping.load(Ordering::Relaxed)
    }

    /// Answers without an end have to end.
    pub(crate) fn close(&self) {
        self.0.closing.send_replace(true);
    }

    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.0.closing.subscribe()
    }

    pub(crate) fn audit(&self) -> &AuditLog {
        &self.0.audit
    }

    pub(crate) fn is_audited(&self) -> bool {
        self.0.is_audited.load(Ordering::Relaxed)
    }

    pub(crate) fn note_audit(&self, is_written: bool) {
        self.0.is_audited.store(is_written, Ordering::Relaxed);
        if !is_written {
            self.0.metrics.audit_failed();
        }
    }

    pub(crate) fn rate_limits(&self) -> &RateLimits {
        &self.0.rate_limits
    }

    pub(crate) fn admissions(&self) -> &tokio::sync::Mutex<()> {
        &self.0.admissions
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }
}
