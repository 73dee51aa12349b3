//! What `benches/lib/measure/gateway.mjs` runs: the gateway with one session, that session, and the clients.
//!
//! ```text
//!   drain, idle ── WebSocket ──▶ serve (or websockify) ── Unix socket (or TCP) ──▶ session
//! ```
//!
//! Each is a process of its own, so that `/proc` tells what it costs. `serve` and `session` print `ready` with
//! their address and end with their standard input; the clients print a JSON object.

mod drain;
mod idle;
mod serve;
mod session;
mod websocket;

use std::{io::Read, net::SocketAddr, path::PathBuf};

use clap::Parser;
use streamspace_protocol::{Person, PersonId, PersonName, Role, Secret, SessionId};
use streamspace_signaling::ticket::{self, Issuer};

/// Of the key that signs join tokens: server and clients are started together, and sign for nobody else.
const SEED: [u8; 32] = [7; 32];
const SESSION: &str = "desk";

#[derive(Debug, Parser)]
enum Args {
    /// The gateway itself.
    Serve {
        /// With the session's sockets, `streamer` and `vnc`.
        folder: PathBuf,
    },
    /// A streamer that welcomes everybody, and a VNC server that pours pictures.
    Session {
        folder: PathBuf,
        /// Where VNC is to be had without a password, for other gateways.
        #[arg(long)]
        open_vnc: Option<SocketAddr>,
    },
    /// Reads pictures as fast as they come.
    Drain {
        address: SocketAddr,
        #[arg(long)]
        seconds: u64,
        /// Is websockify: it takes no token.
        #[arg(long)]
        bare: bool,
    },
    /// Opens WebSockets and leaves them be, until its standard input ends.
    Idle {
        address: SocketAddr,
        #[arg(long)]
        count: usize,
        #[arg(long)]
        bare: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Args::parse() {
        Args::Serve { folder } => serve::run(folder),
        Args::Session { folder, open_vnc } => session::run(&folder, open_vnc),
        Args::Drain {
            address,
            seconds,
            bare,
        } => drain::run(address, seconds, bare),
        Args::Idle {
            address,
            count,
            bare,
        } => idle::run(address, count, bare),
    }
}

fn session_id() -> SessionId {
    SESSION.parse().expect("a valid name")
}

fn issuer() -> Issuer {
    Issuer::from_seed(&SEED)
}

/// A join token of somebody who may act.
fn token(issuer: &Issuer) -> Secret {
    let person = Person {
        id: PersonId::new([1; 16]),
        name: PersonName::cleaned("Ada").expect("a name"),
        share: None,
        until_unix_ms: None,
    };
    issuer.issue(&session_id(), Role::Control, person, jiff::Timestamp::now())
}

/// As many tokens as clients may show while they are good.
fn redeemer() -> ticket::Redeemer {
    ticket::pair(&SEED, 100_000).1
}

/// Prints a line for whoever has started this process.
fn say(line: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Until whoever has started this process closes its standard input, or is gone.
fn wait_for_end() -> anyhow::Result<()> {
    let mut nothing = [0];
    while std::io::stdin().read(&mut nothing)? > 0 {}
    Ok(())
}
