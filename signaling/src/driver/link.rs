//! The gateway's end of a link to a streamer.

use std::{io, time::Duration};

use streamspace_protocol::{
    ClientSignal, FrameDecoder, LinkHello, LinkRevocation, PROTOCOL_VERSION, ShareId, TraceContext,
    ViewerId, ViewerPath, encode_frame,
};
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use crate::{Dial, Endpoint, Refusal, SessionStream, ticket::Claims};

/// How long a session's socket may take to accept a connection.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long it may take to read a message.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// Kept for as long as the link is: most say nothing most of the time.
const READ_BYTES: usize = 2 * 1024;

pub(super) struct Link {
    stream: SessionStream,
    decoder: FrameDecoder,
    buffer: Box<[u8]>,
}

/// Connects to a part of a session.
pub(crate) async fn connect(part: &Dial) -> io::Result<SessionStream> {
    in_time(CONNECT_TIME, part.connect()).await
}

/// Writes all of it, or fails: a session that does not read must not hold a browser up for ever.
pub(crate) async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    in_time(WRITE_TIME, async {
        stream.write_all(bytes).await?;
        stream.flush().await
    })
    .await
}

async fn in_time<T>(
    limit: Duration,
    operation: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    timeout(limit, operation)
        .await
        .unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()))
}

/// Tells a session's streamer that a share link is withdrawn; returns when it has heard that.
pub(super) async fn revoke(endpoint: &Endpoint, share: ShareId) -> io::Result<()> {
    let revocation = LinkRevocation {
        version: PROTOCOL_VERSION,
        key: endpoint.streamer_key.clone(),
        revoke: share,
    };
    let mut stream = connect(&endpoint.streamer).await?;
    write(&mut stream, &encode_frame(&revocation)).await?;
    in_time(CONNECT_TIME, stream.read(&mut [0])).await.map(drop)
}

impl Link {
    /// Connects to the streamer and says who comes.
    pub(super) async fn open(
        endpoint: &Endpoint,
        viewer: ViewerId,
        claims: &Claims,
        path: ViewerPath,
        trace: Option<TraceContext>,
    ) -> Result<Self, Refusal> {
        let hello = LinkHello {
            version: PROTOCOL_VERSION,
            key: endpoint.streamer_key.clone(),
            viewer,
            role: claims.role,
            person: claims.person.clone(),
            path,
            ticket: claims.ticket(),
            trace,
        };
        match Self::dial(&endpoint.streamer, &hello).await {
            Ok(link) => Ok(link),
            Err(error) => {
                tracing::info!(%error, "the streamer does not answer");
                Err(Refusal::StreamerUnreachable)
            }
        }
    }

    async fn dial(streamer: &Dial, hello: &LinkHello) -> io::Result<Self> {
        let mut stream = connect(streamer).await?;
        write(&mut stream, &encode_frame(hello)).await?;
        Ok(Self {
            stream,
            decoder: FrameDecoder::default(),
            buffer: vec![0; READ_BYTES].into_boxed_slice(),
        })
    }

    /// Hands one signal on.
    pub(super) async fn send(&mut self, signal: &ClientSignal) -> io::Result<()> {
        write(&mut self.stream, &encode_frame(signal)).await
    }

    /// The next frame's payload; `None` when the link is over. Nothing is lost if this is dropped
    /// before it is ready.
    pub(super) async fn next_frame(&mut self) -> Option<Vec<u8>> {
        loop {
            match self.decoder.next_frame() {
                Ok(Some(payload)) => return Some(payload),
                Ok(None) => (),
                Err(error) => {
                    tracing::warn!(%error, "the streamer sent an oversized frame");
                    return None;
                }
            }
            match self.stream.read(&mut self.buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(length) => self.decoder.push(&self.buffer[..length]),
            }
        }
    }
}
