//! A VNC client that reads as fast as bytes come.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::ensure;
use serde_json::json;
use streamspace_protocol::{Hello, PROTOCOL_VERSION, Wire};

use crate::{SESSION, issuer, say, token, websocket::Socket};

/// Until buffers are full and the window is open.
const WARM_UP: Duration = Duration::from_millis(500);
/// A FramebufferUpdateRequest for everything.
const REQUEST: [u8; 10] = [3, 0, 0, 0, 0, 0, 7, 128, 4, 56];
const SERVER_INIT_BYTES: usize = 24 + 4;

/// Prints `begin` once the bytes flow, and afterwards what came: `{"bytes": …, "seconds": …}`.
pub(crate) fn run(address: SocketAddr, seconds: u64, bare: bool) -> anyhow::Result<()> {
    let mut socket = join(address, bare)?;
    socket.binary(&REQUEST)?;
    count_for(&mut socket, WARM_UP)?;
    say("begin")?;
    let began = Instant::now();
    let bytes = count_for(&mut socket, Duration::from_secs(seconds))?;
    let seconds = began.elapsed().as_secs_f64();
    say(&json!({ "bytes": bytes, "seconds": seconds }).to_string())
}

/// A client after the handshake (RFC 6143, section 7.1), to which the gateway and websockify both offer "None".
fn join(address: SocketAddr, bare: bool) -> anyhow::Result<Socket> {
    let mut socket = if bare {
        Socket::open(address, "/")?
    } else {
        let mut socket = Socket::open(address, &format!("/sessions/{SESSION}/vnc"))?;
        let (version, token) = (PROTOCOL_VERSION, token(&issuer()));
        socket.text(&Hello { version, token }.encode())?;
        socket
    };
    let version = socket.exact(12)?;
    socket.binary(&version)?;
    ensure!(socket.exact(2)? == [1, 1], "a password is wanted");
    socket.binary(&[1])?;
    ensure!(socket.exact(4)? == [0; 4], "not let in");
    socket.binary(&[1])?;
    socket.exact(SERVER_INIT_BYTES)?;
    Ok(socket)
}

fn count_for(socket: &mut Socket, time: Duration) -> anyhow::Result<u64> {
    let until = Instant::now() + time;
    let mut bytes = 0;
    while Instant::now() < until {
        bytes += socket.read()?.len() as u64;
    }
    Ok(bytes)
}
