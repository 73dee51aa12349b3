//! The streaming gateway: lets browsers into sessions, and relays signaling and VNC. It never touches
//! media, but for its TURN server, which passes them on unread.
//!
//! ```text
//!               pure                                  I/O
//!   ticket   Issuer, Redeemer: join tokens     driver::gateway  routes, limits, shutdown
//!   relay    Relay: one signaling socket       driver::signal   one task a signaling socket
//!   rfb      handshakes, view-only filter      driver::vnc      one task a VNC socket
//!   whep     whole answers                     driver::players  one task a standard player
//!   turn     credentials, relayed datagrams    driver::turn     one task an allocation
//! ```
//!
//! Files go another way: the API asks for each by a link of its own ([`files`]), because a person's
//! right to them is a matter of the API.
//!
//! A browser opens a WebSocket, says [`Hello`](streamspace_protocol::Hello) with a join token, and
//! the gateway dials the session at the [`Endpoint`] its [`Directory`] names. Any gateway can serve
//! any session: it keeps nothing of a session but the connections through it.

mod dial;
mod driver;
mod endpoint;
pub mod files;
mod pin;
pub mod pod;
mod problem;
mod refusal;
pub mod relay;
pub mod rfb;
pub mod ticket;
mod tls;
pub mod turn;
mod whep;

pub use dial::{Dial, Duplex, SessionStream};
pub use driver::{
    Gateway, Limits, Player, Scheme, TurnConfig, TurnError, TurnServer, TurnTls, same_origin,
};
pub use endpoint::{DialError, Directory, Endpoint};
pub use pin::Pin;
pub use problem::{problem, problem_response, refusal};
pub use refusal::{Closing, Refusal};
pub use tls::{TlsError, TlsFiles, TlsIdentity};
