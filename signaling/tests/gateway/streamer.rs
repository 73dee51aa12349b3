//! A streamer's end of its links, without media.

use std::path::Path;

use streamspace_protocol::{
    ClientSignal, DisplaySize, FrameDecoder, LinkHello, ServerSignal, SessionId, Wire, encode_frame,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};

pub(crate) struct Streamer(UnixListener);

pub(crate) struct Link {
    stream: UnixStream,
    decoder: FrameDecoder,
    pub(crate) hello: LinkHello,
}

impl Streamer {
    pub(crate) fn listen(folder: &Path) -> Self {
        Self(UnixListener::bind(folder.join("streamer")).expect("a socket"))
    }

    pub(crate) async fn accept(&self) -> Link {
        let (mut stream, _) = self.0.accept().await.expect("a link");
        let mut decoder = FrameDecoder::default();
        let payload = next_frame(&mut stream, &mut decoder).await;
        let hello = LinkHello::decode(&payload.expect("a hello")).expect("a hello");
        Link {
            stream,
            decoder,
            hello,
        }
    }

    /// Takes a viewer in.
    pub(crate) async fn welcome(&self, session: &SessionId) -> Link {
        let mut link = self.accept().await;
        let LinkHello { viewer, role, .. } = link.hello;
        let display = DisplaySize {
            width: 640,
            height: 480,
        };
        let welcome = ServerSignal::Welcome {
            session: session.clone(),
            viewer,
            role,
            display,
            ice_servers: Vec::new(),
        };
        link.send(&welcome).await;
        link
    }
}

impl Link {
    pub(crate) async fn send(&mut self, signal: &ServerSignal) {
        self.send_bytes(&encode_frame(signal)).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("sent");
    }

    /// The next signal of the browser; `None` when the link is over.
    pub(crate) async fn next(&mut self) -> Option<ClientSignal> {
        let payload = next_frame(&mut self.stream, &mut self.decoder).await?;
        Some(ClientSignal::decode(&payload).expect("a signal"))
    }
}

async fn next_frame(stream: &mut UnixStream, decoder: &mut FrameDecoder) -> Option<Vec<u8>> {
    loop {
        if let Some(payload) = decoder.next_frame().expect("frames in range") {
            return Some(payload);
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await.expect("readable") {
            0 => return None,
            length => decoder.push(&buffer[..length]),
        }
    }
}
