//! Which of this machine's ports a connection uses.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
    sync::atomic::{AtomicU16, Ordering},
};

use streamspace_protocol::{IceSettings, PortRange};

/// Addresses to bind, each with a port that was free a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sockets {
    pub(super) udp: Vec<SocketAddr>,
    pub(super) tcp: Vec<SocketAddr>,
}

#[derive(Debug, thiserror::Error)]
#[error("no port of {ports} is free on {address}: {source}; widen the range")]
pub(crate) struct NoFreePort {
    address: IpAddr,
    ports: PortRange,
    source: io::Error,
}

/// Where the next search begins, so that connections made at once do not find the same port.
static NEXT: AtomicU16 = AtomicU16::new(0);

impl Sockets {
    pub(super) fn choose(settings: &IceSettings) -> Result<Self, NoFreePort> {
        let choose = |is_free: fn(SocketAddr) -> io::Result<()>| {
            settings
                .addresses
                .iter()
                .map(|&address| free_port(address, settings.ports, is_free))
                .collect::<Result<_, _>>()
        };
        Ok(Self {
            udp: choose(|address| UdpSocket::bind(address).map(drop))?,
            tcp: choose(|address| TcpListener::bind(address).map(drop))?,
        })
    }
}

fn free_port(
    address: IpAddr,
    ports: Option<PortRange>,
    is_free: fn(SocketAddr) -> io::Result<()>,
) -> Result<SocketAddr, NoFreePort> {
    let Some(ports) = ports else {
        return Ok(SocketAddr::new(address, 0));
    };
    let start = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut last_error = io::Error::from(io::ErrorKind::AddrInUse);
    for port in ports.ports_from(start) {
        let candidate = SocketAddr::new(address, port);
        match is_free(candidate) {
            Ok(()) => return Ok(candidate),
            Err(error) => last_error = error,
        }
    }
    Err(NoFreePort {
        address,
        ports,
        source: last_error,
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn settings(ports: Option<PortRange>) -> IceSettings {
        IceSettings {
            ports,
            ..IceSettings::new(vec![Ipv4Addr::LOCALHOST.into()])
        }
    }

    #[test]
    fn without_a_range_the_system_chooses() {
        let sockets = Sockets::choose(&settings(None)).expect("any port");
        assert_eq!((sockets.udp[0].port(), sockets.tcp[0].port()), (0, 0));
    }

    #[test]
    fn a_port_that_is_taken_is_passed_over_until_none_is_left() {
        let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("its address").port();
        let range: PortRange = port.to_string().parse().expect("a range");
        let error = Sockets::choose(&settings(Some(range))).expect_err("taken");
        assert!(error.to_string().contains("widen the range"), "{error}");
        drop(taken);
        let sockets = Sockets::choose(&settings(Some(range))).expect("free again");
        assert_eq!(sockets.udp[0].port(), port);
    }
}
