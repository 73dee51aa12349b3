use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use streamspace_signaling::{Limits, Scheme, TlsIdentity, turn::Turn};
use streamspace_traces::Tracer;

use crate::{IdentityProvider, LogFilter, PeerRules, RequestRate};

/// What the API must be told; nothing is read from the environment.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// The address that the server listens on, with its real port.
    pub listen: SocketAddr,
    /// Further names that browsers may call the server by: `desk.example.org`, which means with the
    /// port of `listen` or none, or `desk.example.org:8443`.
    pub names: Vec<String>,
    /// How browsers reach the server, by itself or through a proxy.
    pub scheme: Scheme,
    /// For a server that speaks TLS itself.
    pub tls: Option<Arc<TlsIdentity>>,
    /// The folder of the built web client.
    pub web_root: PathBuf,
    pub limits: Limits,
    /// Who may come, and through which proxies.
    pub peers: PeerRules,
    /// The most that one user may ask for; an address may four times as much.
    pub requests: RequestRate,
    /// The TURN server that viewers are told of.
    pub turn: Option<Turn>,
    /// What is logged, where that can be changed.
    pub log: Option<Arc<LogFilter>>,
    /// Whether browsers stay signed in when the server is started again.
    pub keeps_sign_ins: bool,
    /// How long the server takes connections after it was asked to end, while its readiness says no: for
    /// balancers that have to hear of it.
    pub drain: Duration,
    /// By whom people may sign in, beside what this server itself asks for.
    pub provider: Option<Arc<IdentityProvider>>,
    /// Takes the spans of requests that come with a `traceparent`.
    pub tracer: Tracer,
}

impl ApiConfig {
    /// Plain HTTP, with the default limits and no TURN server.
    pub fn new(listen: SocketAddr, web_root: PathBuf) -> Self {
        Self {
            listen,
            names: Vec::new(),
            scheme: Scheme::Http,
            tls: None,
            web_root,
            limits: Limits::default(),
            peers: PeerRules::default(),
            requests: RequestRate::default(),
            turn: None,
            log: None,
            keeps_sign_ins: false,
            drain: Duration::ZERO,
            provider: None,
            tracer: Tracer::default(),
        }
    }
}
