//! Where a session takes media.

use std::net::{IpAddr, SocketAddr};

use streamspace_protocol::PortRange;

/// Where the streamer of one session may listen for media: a relay sends nowhere else, whatever a
/// streamer says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaAddresses {
    /// The machine's or the pod's own.
    pub addresses: Vec<IpAddr>,
    /// Which ports of them; any, if it is not said.
    pub ports: Option<PortRange>,
    /// Those by which a 1:1 NAT is reached, and which streamers tell in place of their own.
    pub public: Vec<IpAddr>,
}

/// A streamer's socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer {
    /// As browsers name it.
    pub(super) told: SocketAddr,
    /// As it is reached from here: what is behind the same NAT is not reached through it.
    pub(super) real: SocketAddr,
}

impl MediaAddresses {
    /// The peer that a streamer tells by this address, if it is one of the session's.
    pub(super) fn peer(&self, told: SocketAddr) -> Option<Peer> {
        let told = SocketAddr::new(told.ip().to_canonical(), told.port());
        let in_range = self.ports.is_none_or(|ports| ports.contains(told.port()));
        if told.port() == 0 || !in_range {
            return None;
        }
        let ip = if self.addresses.contains(&told.ip()) {
            told.ip()
        } else if self.public.contains(&told.ip()) {
            self.only_address_like(told.ip())?
        } else {
            return None;
        };
        let real = SocketAddr::new(ip, told.port());
        Some(Peer { told, real })
    }

    /// Of several it could not be said which one stands behind a public address.
    fn only_address_like(&self, public: IpAddr) -> Option<IpAddr> {
        let mut alike = self
            .addresses
            .iter()
            .filter(|address| address.is_ipv4() == public.is_ipv4());
        let first = alike.next()?;
        alike.next().is_none().then_some(*first)
    }
}

/// The address of a UDP candidate (RFC 8839, section 5.1): `candidate:1 1 udp 1 192.0.2.1 9 typ host`.
pub(super) fn candidate_address(candidate: &str) -> Option<SocketAddr> {
    let mut fields = candidate
        .strip_prefix("candidate:")?
        .split_ascii_whitespace();
    let (transport, ip, port) = (fields.nth(2)?, fields.nth(1)?, fields.next()?);
    if !transport.eq_ignore_ascii_case("udp") {
        return None;
    }
    Some(SocketAddr::new(ip.parse().ok()?, port.parse().ok()?))
}

/// The addresses of the UDP candidates in a session description.
pub(super) fn addresses_in_sdp(sdp: &str) -> impl Iterator<Item = SocketAddr> {
    sdp.lines()
        .filter_map(|line| candidate_address(line.strip_prefix("a=")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn media(addresses: &[&str], ports: Option<&str>, public: &[&str]) -> MediaAddresses {
        let parsed = |list: &[&str]| list.iter().map(|ip| ip.parse().expect("an IP")).collect();
        MediaAddresses {
            addresses: parsed(addresses),
            ports: ports.map(|ports| ports.parse().expect("a range")),
            public: parsed(public),
        }
    }

    #[test]
    fn only_the_sessions_own_addresses_and_ports_are_peers() {
        let media = media(&["192.0.2.1", "2001:db8::1"], Some("50000-50010"), &[]);
        for good in [
            "192.0.2.1:50000",
            "[2001:db8::1]:50010",
            "[::ffff:192.0.2.1]:50001",
        ] {
            let peer = media.peer(address(good)).expect(good);
            assert_eq!(peer.told, peer.real);
        }
        for bad in [
            "192.0.2.1:49999",
            "192.0.2.1:50011",
            "192.0.2.2:50000",
            "127.0.0.1:50000",
            "169.254.169.254:50000",
            "[fe80::1]:50000",
            "0.0.0.0:50000",
        ] {
            assert_eq!(media.peer(address(bad)), None, "{bad}");
        }
    }

    #[test]
    fn behind_a_nat_the_machine_is_reached_at_its_own_address() {
        let one = media(&["10.0.0.5"], None, &["198.51.100.7"]);
        let peer = one
            .peer(address("198.51.100.7:4000"))
            .expect("the session's");
        assert_eq!(peer.real, address("10.0.0.5:4000"));
        let two = media(&["10.0.0.5", "10.0.0.6"], None, &["198.51.100.7"]);
        assert_eq!(two.peer(address("198.51.100.7:4000")), None);
        assert_eq!(one.peer(address("198.51.100.7:0")), None);
    }

    #[test]
    fn addresses_are_read_from_candidates_over_udp_only() {
        let sdp = "v=0\r\na=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host\r\n\
                   a=candidate:2 1 tcp 1671430143 192.0.2.1 50000 typ host tcptype passive\r\n\
                   a=candidate:3 1 UDP 1 2001:db8::1 50001 typ host generation 0\r\n\
                   candidate:4 1 udp 1 192.0.2.9 1 typ host\r\na=end-of-candidates\r\n";
        let found: Vec<_> = addresses_in_sdp(sdp).collect();
        assert_eq!(
            found,
            [address("192.0.2.1:50000"), address("[2001:db8::1]:50001")]
        );
        for none in [
            "",
            "candidate:",
            "candidate:1 1 udp 1 a.local 9 typ host",
            "candidate:1 1 udp 1 192.0.2.1",
            "candidate:1 1 udp 1 192.0.2.1 70000 typ host",
        ] {
            assert_eq!(candidate_address(none), None, "{none}");
        }
    }
}
