//! Bodies that pass through, with a piece of them in memory at a time.

use std::{io, time::Duration};

use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::{StreamExt, stream};
use streamspace_protocol::FileReply;
use streamspace_signaling::{
    SessionStream,
    files::{Unreachable, next_reply},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    time::timeout,
};

use crate::ApiError;

const READ_BYTES: usize = 256 * 1024;
/// A piece of an archive is no longer than what the streamer reads at once.
const MAX_PIECE_BYTES: u32 = 1024 * 1024;
/// How long a browser may be silent in the middle of an upload.
const PATIENCE: Duration = Duration::from_secs(45);
/// A browser that is refused in the middle of an upload hears of it only once it has sent the rest.
const MOST_DRAINED: usize = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(20);

/// So many bytes of a link. Fewer of them break the answer off.
pub(crate) fn content_body(link: SessionStream, length: u64) -> Body {
    Body::from_stream(stream::try_unfold(
        (link, length),
        |(mut link, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let most = usize::try_from(left).unwrap_or(READ_BYTES).min(READ_BYTES);
            let mut buffer = Vec::with_capacity(most);
            let count = (&mut link).take(most as u64).read_buf(&mut buffer).await?;
            match count {
                0 => Err(broken_off()),
                count => Ok(Some((Bytes::from(buffer), (link, left - count as u64)))),
            }
        },
    ))
}

/// The pieces of an archive. Without its end the answer is broken off.
pub(crate) fn archive_body(link: SessionStream) -> Body {
    Body::from_stream(stream::try_unfold(link, |mut link| async move {
        let length = link.read_u32().await?;
        if length == 0 {
            return Ok(None);
        }
        if length > MAX_PIECE_BYTES {
            return Err(broken_off());
        }
        let mut piece = vec![0; usize::try_from(length).expect("a piece is small")];
        link.read_exact(&mut piece).await?;
        Ok(Some((Bytes::from(piece), link)))
    }))
}

fn broken_off() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// Sends a request's body to a streamer that waits for it, and gives its verdict.
pub(crate) async fn send_body(link: SessionStream, body: Body) -> Result<FileReply, ApiError> {
    let (mut replies, mut sink) = tokio::io::split(link);
    let mut body = body.into_data_stream();
    let early = tokio::select! {
        // It may have enough before all is sent, as when the disk is full.
        reply = next_reply(&mut replies) => Some(reply),
        sent = pump(&mut body, &mut sink) => {
            sent?;
            None
        }
    };
    let reply = match early {
        Some(reply) => {
            drain(&mut body).await;
            reply
        }
        None => last_reply(&mut replies).await,
    };
    Ok(reply.map_err(Unreachable::from)?)
}

/// Until the body ends; a streamer that takes no more has said why.
async fn pump(
    body: &mut BodyDataStream,
    sink: &mut WriteHalf<SessionStream>,
) -> Result<(), ApiError> {
    loop {
        let next = timeout(PATIENCE, body.next()).await;
        match next.map_err(|_elapsed| ApiError::Interrupted)? {
            None => {
                // One that takes no more has said why.
                let _ = sink.flush().await;
                return Ok(());
            }
            Some(Err(_)) => return Err(ApiError::Interrupted),
            Some(Ok(bytes)) => {
                if sink.write_all(&bytes).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

async fn last_reply(replies: &mut ReadHalf<SessionStream>) -> io::Result<FileReply> {
    let reply = timeout(PATIENCE, next_reply(replies)).await;
    reply.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()))
}

async fn drain(body: &mut BodyDataStream) {
    let rest = async {
        let mut drained = 0;
        while let Some(Ok(bytes)) = body.next().await {
            drained += bytes.len();
            if drained > MOST_DRAINED {
                return;
            }
        }
    };
    // Whoever takes longer finds the connection closed.
    let _ = timeout(DRAIN_TIME, rest).await;
}
