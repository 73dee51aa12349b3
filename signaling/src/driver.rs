//! The I/O around the pure parts: routes, one task a WebSocket, and the links to sessions.

mod admission;
mod browser;
mod gateway;
pub(crate) mod link;
mod origin;
mod pieces;
mod players;
mod signal;
mod slots;
mod turn;
mod vnc;

pub use gateway::Gateway;
pub use origin::{Scheme, same_origin};
pub use players::Player;
pub use slots::Limits;
pub use turn::{TurnConfig, TurnError, TurnServer, TurnTls};
