//! How browsers may reach the streamers of one server.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{DecodeError, IceServer, Wire};

/// What a server is told about its network; each of its streamers reads it from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IceSettings {
    /// Addresses of this machine, for host candidates over UDP and, passively, TCP (RFC 6544).
    pub addresses: Vec<IpAddr>,
    /// Which ports of them; any, if it is not said.
    #[serde(default)]
    pub ports: Option<PortRange>,
    /// Addresses by which a 1:1 NAT is reached, in place of the machine's own.
    #[serde(default)]
    pub public_addresses: Vec<IpAddr>,
    /// STUN and TURN servers. Browsers use all, streamers those of STUN.
    #[serde(default)]
    pub servers: Vec<IceServer>,
}

impl IceSettings {
    pub fn new(addresses: Vec<IpAddr>) -> Self {
        Self {
            addresses,
            ports: None,
            public_addresses: vec![],
            servers: vec![],
        }
    }
}

impl Wire for IceSettings {
    const MAX_BYTES: usize = 64 * 1024;

    fn check(&self) -> Result<(), DecodeError> {
        if self.addresses.is_empty() {
            return Err(DecodeError::OutOfRange { field: "addresses" });
        }
        check_servers(&self.servers)
    }
}

/// The STUN and TURN servers of a server, as a person writes them into a file: a JSON array.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IceServers(pub Vec<IceServer>);

impl Wire for IceServers {
    const MAX_BYTES: usize = 64 * 1024;

    fn check(&self) -> Result<(), DecodeError> {
        check_servers(&self.0)
    }
}

/// A browser refuses the whole connection for one address that it cannot read.
fn check_servers(servers: &[IceServer]) -> Result<(), DecodeError> {
    const SCHEMES: [&str; 4] = ["stun:", "stuns:", "turn:", "turns:"];
    let readable = |url: &String| SCHEMES.iter().any(|scheme| url.starts_with(scheme));
    let complete = |server: &IceServer| {
        let is_turn = server.urls.iter().any(|url| url.starts_with("turn"));
        let signed_in = server.username.is_some() && server.credential.is_some();
        !server.urls.is_empty() && server.urls.iter().all(readable) && (signed_in || !is_turn)
    };
    if servers.iter().all(complete) {
        Ok(())
    } else {
        Err(DecodeError::OutOfRange {
            field: "ICE servers",
        })
    }
}

/// Ports from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortRange {
    first: u16,
    last: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no range of ports such as 50000-50100")]
pub struct InvalidPortRange(String);

impl PortRange {
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }

    /// Every port once, beginning somewhere in the range.
    pub fn ports_from(self, start: u16) -> impl Iterator<Item = u16> {
        let count = u32::from(self.last - self.first) + 1;
        let first = u32::from(self.first);
        (0..count).map(move |index| {
            let port = first + (u32::from(start) + index) % count;
            u16::try_from(port).expect("not past the last port")
        })
    }
}

impl FromStr for PortRange {
    type Err = InvalidPortRange;

    fn from_str(text: &str) -> Result<Self, InvalidPortRange> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if 0 < first && first <= last => Ok(Self { first, last }),
            _ => Err(InvalidPortRange(text.to_owned())),
        }
    }
}

impl TryFrom<String> for PortRange {
    type Error = InvalidPortRange;

    fn try_from(text: String) -> Result<Self, InvalidPortRange> {
        text.parse()
    }
}

impl From<PortRange> for String {
    fn from(range: PortRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_each_of_its_ports_once_wherever_it_begins() {
        let range: PortRange = "65533-65535".parse().expect("a range");
        for (start, ports) in [
            (0, [65533, 65534, 65535]),
            (1, [65534, 65535, 65533]),
            (u16::MAX, [65533, 65534, 65535]),
        ] {
            assert_eq!(range.ports_from(start).collect::<Vec<_>>(), ports);
        }
        assert!(range.contains(65533) && range.contains(65535) && !range.contains(65532));
        let one: PortRange = "7000".parse().expect("a range");
        assert_eq!(one.ports_from(9).collect::<Vec<_>>(), [7000]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "-", "0-9", "9-8", "1-70000", "a-b", "-1"] {
            assert!(text.parse::<PortRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn servers_that_a_browser_could_not_use_are_refused() {
        for (text, good) in [
            (r#"[]"#, true),
            (r#"[{"urls":["stun:a.example:3478"]}]"#, true),
            (
                r#"[{"urls":["turns:a.example"],"username":"u","credential":"c"}]"#,
                true,
            ),
            (r#"[{"urls":["turn:a.example"]}]"#, false),
            (r#"[{"urls":["http://a.example"]}]"#, false),
            (r#"[{"urls":[]}]"#, false),
            (r#"{"urls":["stun:a.example"]}"#, false),
        ] {
            assert_eq!(IceServers::decode(text.as_bytes()).is_ok(), good, "{text}");
        }
    }
}
