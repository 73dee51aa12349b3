//! What a person writes about the network, and what a streamer is told of it: whatever is read is written
//! as it was read, and no browser refuses it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::{IceServer, IceServers, IceSettings, PortRange, Wire};

fn assert_usable(servers: &[IceServer]) {
    for server in servers {
        assert!(!server.urls.is_empty());
        let is_turn = server.urls.iter().any(|url| url.starts_with("turn"));
        assert!(!is_turn || server.username.is_some() && server.credential.is_some());
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(servers) = IceServers::decode(bytes) {
        assert_usable(&servers.0);
        assert_eq!(IceServers::decode(servers.encode().as_bytes()), Ok(servers));
    }
    if let Ok(settings) = IceSettings::decode(bytes) {
        assert!(!settings.addresses.is_empty());
        assert_usable(&settings.servers);
        assert_eq!(
            IceSettings::decode(settings.encode().as_bytes()),
            Ok(settings)
        );
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(range) = text.parse::<PortRange>() {
        assert_eq!(range.to_string().parse(), Ok(range));
        let start = bytes.first().copied().unwrap_or_default();
        assert!(range.ports_from(start.into()).all(|port| port > 0));
    }
});
