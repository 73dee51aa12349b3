//! The streaming gateway: relays signaling and VNC between browsers and sessions.

mod endpoint;

pub use endpoint::{DialError, Directory, Endpoint};
