//! Links about a session's files: one request each, then bytes (`protocol::FilesHello`).

use std::io;

use streamspace_protocol::{
    FileReply, FileRequest, FilesHello, MAX_FRAME_BYTES, PROTOCOL_VERSION, Wire, encode_frame,
};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{Endpoint, SessionStream, driver::link};

/// The session's side does not answer, or not in the protocol.
#[derive(Debug, thiserror::Error)]
#[error("the session's files cannot be reached; its streamer may be starting again: {0}")]
pub struct Unreachable(#[from] io::Error);

/// Asks a session's streamer, and gives its first reply and the link, on which the rest comes or goes.
///
/// Whoever calls has made sure that the person may do this; the streamer keeps to the policy.
///
/// # Errors
/// A streamer that does not answer.
pub async fn ask(
    endpoint: &Endpoint,
    request: FileRequest,
) -> Result<(FileReply, SessionStream), Unreachable> {
    let hello = FilesHello {
        version: PROTOCOL_VERSION,
        key: endpoint.streamer_key.clone(),
        request,
    };
    let mut stream = link::connect(&endpoint.streamer).await?;
    link::write(&mut stream, &encode_frame(&hello)).await?;
    let reply = next_reply(&mut stream).await?;
    Ok((reply, stream))
}

/// The streamer's next reply, and not a byte more of what comes after it.
///
/// # Errors
/// A link that ends, or that carries something else.
pub async fn next_reply(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<FileReply> {
    let length = stream.read_u32().await?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > MAX_FRAME_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await?;
    FileReply::decode(&payload).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
