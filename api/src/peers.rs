//! Which address a request really comes from, and whether that may come at all.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::{Api, ApiError, guesses::PeerAddress};

/// Of the network, all of it empty by default: nobody is a proxy, everybody may come.
#[derive(Debug, Clone, Default)]
pub struct PeerRules {
    /// Proxies in front of the server. What one of them says of an address is believed.
    pub proxies: Vec<IpNet>,
    /// If there are any, nobody else may come.
    pub allowed: Vec<IpNet>,
    /// These may not, whatever else is said.
    pub blocked: Vec<IpNet>,
}

impl PeerRules {
    /// The address behind the proxies: the last in `X-Forwarded-For` that is not a proxy's. Each proxy
    /// adds the address it was called from at the end, and whatever stands before the first that is not
    /// ours may be made up.
    fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !is_in(&self.proxies, peer) {
            return peer;
        }
        let values = headers.get_all("x-forwarded-for").into_iter();
        let told: Vec<&str> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let mut origin = peer;
        for text in told.into_iter().rev() {
            // What cannot be read cannot be believed, nor what stands before it.
            let Some(address) = address(text.trim()) else {
                break;
            };
            origin = address;
            if !is_in(&self.proxies, address) {
                break;
            }
        }
        origin
    }

    fn may_come(&self, from: IpAddr) -> bool {
        !is_in(&self.blocked, from) && (self.allowed.is_empty() || is_in(&self.allowed, from))
    }
}

/// With or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let alone = bare.unwrap_or(text).parse().ok();
    alone.or_else(|| Some(text.parse::<std::net::SocketAddr>().ok()?.ip()))
}

/// An IPv4 address in the form of IPv6 is the same address.
fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// Puts the real address in place of the connection's, and turns away who may not come.
pub(crate) async fn check(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let peer = request.extensions().get::<PeerAddress>().copied();
    let PeerAddress(peer) = peer.unwrap_or(PeerAddress::NONE);
    let rules = &api.config().peers;
    let origin = rules.origin(peer, request.headers()).to_canonical();
    if !rules.may_come(origin) {
        return Err(ApiError::AddressRefused);
    }
    request.extensions_mut().insert(PeerAddress(origin));
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts
            .iter()
            .map(|text| text.parse().expect("a network"))
            .collect()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn origin(peer: &str, forwarded: &[&str]) -> IpAddr {
        let rules = PeerRules {
            proxies: networks(&["10.0.0.0/8", "fd00::/8"]),
            ..PeerRules::default()
        };
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().expect("a header"));
        }
        rules.origin(ip(peer), &headers)
    }

    #[test]
    fn only_proxies_are_believed_and_only_about_who_called_them() {
        assert_eq!(
            origin("192.0.2.1", &["198.51.100.7"]),
            ip("192.0.2.1"),
            "no proxy"
        );
        assert_eq!(origin("10.0.0.1", &["198.51.100.7"]), ip("198.51.100.7"));
        // The client made the first one up.
        let made_up = ["203.0.113.9, 198.51.100.7"];
        assert_eq!(origin("10.0.0.1", &made_up), ip("198.51.100.7"));
        let two_proxies = ["203.0.113.9, 198.51.100.7", "10.0.0.2"];
        assert_eq!(origin("10.0.0.1", &two_proxies), ip("198.51.100.7"));
        assert_eq!(origin("10.0.0.1", &["nonsense"]), ip("10.0.0.1"));
        assert_eq!(
            origin("10.0.0.1", &["203.0.113.9, x, 10.0.0.2"]),
            ip("10.0.0.2")
        );
        assert_eq!(
            origin("fd00::1", &["[2001:db8::1]:4711"]),
            ip("2001:db8::1")
        );
        assert_eq!(
            origin("::ffff:10.0.0.1", &["198.51.100.7:80"]),
            ip("198.51.100.7")
        );
        assert_eq!(origin("10.0.0.1", &[]), ip("10.0.0.1"));
    }

    #[test]
    fn blocked_ones_may_not_come_and_where_some_are_allowed_only_those() {
        let rules = PeerRules {
            allowed: networks(&["192.0.2.0/24"]),
            blocked: networks(&["192.0.2.66/32"]),
            ..PeerRules::default()
        };
        assert!(rules.may_come(ip("192.0.2.1")));
        assert!(rules.may_come(ip("::ffff:192.0.2.1")));
        assert!(!rules.may_come(ip("192.0.2.66")));
        assert!(!rules.may_come(ip("198.51.100.7")));
        assert!(PeerRules::default().may_come(ip("198.51.100.7")));
    }
}
