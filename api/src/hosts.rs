//! Under which names the server answers.
//!
//! A page of a stranger can point its own name at this machine and then call the server as if it were
//! its own (DNS rebinding). The `Host` header keeps the stranger's name, so unknown names are refused.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{ApiConfig, ApiError};

#[derive(Debug)]
pub(crate) struct AllowedHosts {
    listen: SocketAddr,
    /// In lower case, with or without a port.
    names: Vec<String>,
}

impl AllowedHosts {
    pub(crate) fn new(config: &ApiConfig) -> Self {
        let local = ["localhost", "127.0.0.1", "[::1]"].map(String::from);
        let configured = config.names.iter().map(|name| name.to_ascii_lowercase());
        Self {
            listen: config.listen,
            names: local.into_iter().chain(configured).collect(),
        }
    }

    /// `host` is the value of a `Host` header.
    fn allow(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let own_port = format!(":{}", self.listen.port());
        let name = host.strip_suffix(&own_port).unwrap_or(&host);
        self.names
            .iter()
            .any(|allowed| *allowed == host || allowed == name)
            || self.allow_address(name)
    }

    /// A server that listens on every address answers under every address: rebinding takes a name.
    fn allow_address(&self, name: &str) -> bool {
        let bare = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
            .unwrap_or(name);
        let ip = self.listen.ip();
        bare.parse::<IpAddr>()
            .is_ok_and(|address| address == ip || ip.is_unspecified())
    }
}

pub(crate) async fn check(
    State(hosts): State<Arc<AllowedHosts>>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = host(request.headers()).is_some_and(|host| hosts.allow(host));
    if allowed {
        next.run(request).await
    } else {
        ApiError::UnknownHost.into_response()
    }
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listen: &str) -> AllowedHosts {
        let listen = listen.parse().expect("an address");
        let mut config = ApiConfig::new(listen, "/nowhere".into());
        config.names = vec!["Desk.example".into(), "proxy.example:8443".into()];
        AllowedHosts::new(&config)
    }

    #[test]
    fn known_names_are_allowed_and_others_are_not() {
        let local = hosts("127.0.0.1:8080");
        for host in [
            "localhost:8080",
            "LOCALHOST:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "desk.example",
            "desk.example:8080",
            "proxy.example:8443",
        ] {
            assert!(local.allow(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost:9090",
            "localhost.evil.example:8080",
            "proxy.example",
            "192.168.0.7:8080",
            "localhost:8080@evil.example",
        ] {
            assert!(!local.allow(host), "{host}");
        }
    }

    #[test]
    fn a_server_on_every_address_answers_under_addresses_but_not_under_unknown_names() {
        for listen in ["0.0.0.0:8080", "[::]:8080"] {
            let open = hosts(listen);
            assert!(open.allow("192.168.0.7:8080"));
            assert!(open.allow("[fd00::1]:8080"));
            assert!(!open.allow("evil.example:8080"));
        }
    }
}
