//! A session's two sockets: a streamer that welcomes everybody, and a VNC server that pours pictures.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    os::unix::net::UnixListener,
    path::Path,
    thread,
};

use streamspace_protocol::{
    DisplaySize, FrameDecoder, LinkHello, ServerSignal, Wire, encode_frame,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{say, session_id, wait_for_end};

const WIDTH: u16 = 1920;
const HEIGHT: u16 = 1080;
const VERSION: &[u8] = b"RFB 003.008\n";
const NONE: u8 = 1;
const VNC_AUTHENTICATION: u8 = 2;
/// What a server writes at once; Xvnc's output buffer is of this order.
const WRITE_BYTES: usize = 1024 * 1024;

pub(crate) fn run(folder: &Path, open_vnc: Option<SocketAddr>) -> anyhow::Result<()> {
    let vnc = UnixListener::bind(folder.join("vnc"))?;
    thread::spawn(move || {
        for stream in vnc.incoming().flatten() {
            thread::spawn(move || serve(stream, VNC_AUTHENTICATION));
        }
    });
    if let Some(address) = open_vnc {
        let listener = TcpListener::bind(address)?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || serve(stream, NONE));
            }
        });
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let streamer =
        runtime.block_on(async { tokio::net::UnixListener::bind(folder.join("streamer")) })?;
    runtime.spawn(async move {
        while let Ok((stream, _)) = streamer.accept().await {
            tokio::spawn(welcome(stream));
        }
    });
    say("ready")?;
    wait_for_end()
}

/// Lets the viewer in and keeps the link until the gateway ends it.
async fn welcome(mut stream: tokio::net::UnixStream) -> anyhow::Result<()> {
    let mut decoder = FrameDecoder::default();
    let mut buffer = [0; 2048];
    let hello = loop {
        if let Some(frame) = decoder.next_frame()? {
            break LinkHello::decode(&frame)?;
        }
        let length = stream.read(&mut buffer).await?;
        anyhow::ensure!(length > 0, "no hello");
        decoder.push(&buffer[..length]);
    };
    let welcome = ServerSignal::Welcome {
        session: session_id(),
        viewer: hello.viewer,
        role: hello.role,
        display: DisplaySize {
            width: WIDTH,
            height: HEIGHT,
        },
        ice_servers: Vec::new(),
        resume: None,
    };
    stream.write_all(&encode_frame(&welcome)).await?;
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}

/// The handshake (RFC 6143, section 7.1), any password being good; pictures once the client has said anything more.
fn serve(mut stream: impl Read + Write, security: u8) -> std::io::Result<()> {
    stream.write_all(VERSION)?;
    stream.read_exact(&mut [0; 12])?;
    stream.write_all(&[1, security])?;
    stream.read_exact(&mut [0])?;
    if security == VNC_AUTHENTICATION {
        stream.write_all(&[7; 16])?;
        stream.read_exact(&mut [0; 16])?;
    }
    stream.write_all(&[0; 4])?;
    stream.read_exact(&mut [0])?;
    stream.write_all(&server_init())?;
    stream.read_exact(&mut [0; 10])?;
    let update = update();
    loop {
        for piece in update.chunks(WRITE_BYTES) {
            stream.write_all(piece)?;
        }
    }
}

fn server_init() -> Vec<u8> {
    let format = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
    let name = b"desk";
    [
        &WIDTH.to_be_bytes()[..],
        &HEIGHT.to_be_bytes(),
        &format,
        &(name.len() as u32).to_be_bytes(),
        name,
    ]
    .concat()
}

/// One FramebufferUpdate: the whole picture as one rectangle in the Raw encoding.
fn update() -> Vec<u8> {
    let head = [
        &[0, 0, 0, 1][..],
        &[0; 4],
        &WIDTH.to_be_bytes(),
        &HEIGHT.to_be_bytes(),
        &[0; 4],
    ]
    .concat();
    let pixels = usize::from(WIDTH) * usize::from(HEIGHT) * 4;
    let pattern = (0..pixels).map(|at| (at / 7 % 251) as u8);
    head.into_iter().chain(pattern).collect()
}
