//! As much of a VNC client as moves a pointer (RFC 6143).

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
};

use des::{
    Des,
    cipher::{BlockEncrypt, KeyInit},
};
use streamspace_signaling::{Dial, Endpoint};

/// Signs in, points at `(x, 0)`, and returns when the server has taken that or refused to.
pub(crate) fn point(socket: &Path, password: &str, x: u8) -> io::Result<()> {
    let mut server = UnixStream::connect(socket)?;
    let version = take::<12>(&mut server)?;
    server.write_all(&version)?;
    let [types] = take(&mut server)?;
    let mut offered = vec![0; types.into()];
    server.read_exact(&mut offered)?;
    const VNC_AUTHENTICATION: u8 = 2;
    server.write_all(&[VNC_AUTHENTICATION])?;
    let challenge = take(&mut server)?;
    server.write_all(&answer(password, challenge))?;
    if take(&mut server)? != [0; 4] {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    const SHARED: u8 = 1;
    server.write_all(&[SHARED])?;
    let _sizes_and_format = take::<20>(&mut server)?;
    let name = u32::from_be_bytes(take(&mut server)?);
    io::copy(&mut (&server).take(name.into()), &mut io::sink())?;
    let pointer_event = [5, 0, 0, x, 0, 0];
    let update_request = [3, 0, 0, 0, 0, 0, 0, 1, 0, 1];
    server.write_all(&[pointer_event.as_slice(), &update_request].concat())?;
    // The server takes messages in order.
    take::<1>(&mut server).map(drop)
}

fn take<const N: usize>(server: &mut UnixStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    server.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn answer(password: &str, challenge: [u8; 16]) -> [u8; 16] {
    let mut key = [0; 8];
    for (place, byte) in key.iter_mut().zip(password.bytes()) {
        *place = byte.reverse_bits();
    }
    let mut answer = challenge;
    for block in answer.chunks_exact_mut(8) {
        Des::new(&key.into()).encrypt_block(block.into());
    }
    answer
}

/// Where this machine's VNC server listens.
pub(crate) fn socket(endpoint: &Endpoint) -> &Path {
    match &endpoint.vnc {
        Dial::Socket(path) => path,
        Dial::Pod { .. } => panic!("sessions of one machine are in no Pod"),
    }
}
