//! A streamer's end of its links, without media.

use std::path::Path;

use streamspace_protocol::{
    ClientSignal, DisplaySize, FrameDecoder, LinkHello, LinkOpening, LinkRevocation, Role,
    ServerSignal, SessionId, Wire, encode_frame,
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

    /// What the next caller says first, and the stream to answer on.
    async fn opening(&self) -> (LinkOpening, UnixStream, FrameDecoder) {
        let (mut stream, _) = self.0.accept().await.expect("a link");
        let mut decoder = FrameDecoder::default();
        let payload = next_frame(&mut stream, &mut decoder).await;
        let opening = LinkOpening::decode(&payload.expect("an opening")).expect("an opening");
        (opening, stream, decoder)
    }

    /// Hears of a withdrawn link.
    pub(crate) async fn revocation(&self) -> LinkRevocation {
        match self.opening().await.0 {
            LinkOpening::Revocation(revocation) => revocation,
            other => panic!("not a revocation: {other:?}"),
        }
    }

    pub(crate) async fn accept(&self) -> Link {
        let (opening, stream, decoder) = self.opening().await;
        let LinkOpening::Viewer(hello) = opening else {
            panic!("not a viewer: {opening:?}");
        };
        let hello = *hello;
        Link {
            stream,
            decoder,
            hello,
        }
    }

    /// Takes a viewer in.
    pub(crate) async fn welcome(&self, session: &SessionId) -> Link {
        let link = self.accept().await;
        let role = link.hello.role;
        Self::let_in(link, session, role).await
    }

    /// Takes a viewer in, in another role than the token grants.
    pub(crate) async fn welcome_as(&self, session: &SessionId, role: Role) -> Link {
        Self::let_in(self.accept().await, session, role).await
    }

    async fn let_in(mut link: Link, session: &SessionId, role: Role) -> Link {
        let viewer = link.hello.viewer;
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
            resume: None,
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
