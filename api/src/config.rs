use std::{net::SocketAddr, path::PathBuf};

use streamspace_signaling::{Limits, Scheme, turn::Turn};

use crate::{PeerRules, RequestRate};

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
    /// The folder of the built web client.
    pub web_root: PathBuf,
    pub limits: Limits,
    /// Who may come, and through which proxies.
    pub peers: PeerRules,
    /// The most that one user may ask for; an address may four times as much.
    pub requests: RequestRate,
    /// The TURN server that viewers are told of.
    pub turn: Option<Turn>,
}

impl ApiConfig {
    /// Plain HTTP, with the default limits and no TURN server.
    pub fn new(listen: SocketAddr, web_root: PathBuf) -> Self {
        Self {
            listen,
            names: Vec::new(),
            scheme: Scheme::Http,
            web_root,
            limits: Limits::default(),
            peers: PeerRules::default(),
            requests: RequestRate::default(),
            turn: None,
        }
    }
}
