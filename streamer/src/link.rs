//! The gateway's side door: a Unix socket, one stream a viewer.

use std::{io, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use streamspace_protocol::{
    ClientSignal, DecodeError, FileRequest, FrameDecoder, LinkHello, LinkOpening, LinkRevocation,
    PROTOCOL_VERSION, Secret, ServerSignal, ShareId, Wire, encode_frame,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// How long a peer may take to say who it is.
const HELLO_LIMIT: Duration = Duration::from_secs(5);
/// How long a peer may take to read: a browser that does not holds back the gateway, and that us.
const SEND_LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("the link broke: {0}")]
    Io(#[from] io::Error),
    #[error("the link is closed")]
    Closed,
    #[error("the gateway said what cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("the gateway was silent for {} s", HELLO_LIMIT.as_secs())]
    Silent,
    #[error("what is sent was not read for {} s", SEND_LIMIT.as_secs())]
    Unread,
    #[error("the gateway shows a wrong key")]
    WrongKey,
    #[error("the gateway speaks version {0} of the protocol, not {PROTOCOL_VERSION}")]
    WrongVersion(u32),
}

/// Opens the socket, for this user only.
pub(crate) fn listen(path: &Path) -> io::Result<UnixListener> {
    // A streamer that crashed leaves its socket behind; the supervisor runs only one at a time.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// What a gateway whose key was right wants.
#[derive(Debug)]
pub(crate) enum Caller {
    Viewer(Box<Link>),
    /// Somebody wants a file, or brings one.
    Files(FileLink),
    /// A share link is withdrawn. Closing the stream says that this has been heard.
    Revocation(ShareId, UnixStream),
}

/// What has to be done about files, and where.
#[derive(Debug)]
pub(crate) struct FileLink {
    pub(crate) request: FileRequest,
    pub(crate) stream: UnixStream,
}

/// The gateway's half of a viewer's link.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) hello: LinkHello,
    pub(crate) reader: LinkReader,
    pub(crate) writer: LinkWriter,
}

#[derive(Debug)]
pub(crate) struct LinkReader {
    stream: OwnedReadHalf,
    decoder: FrameDecoder,
}

#[derive(Debug)]
pub(crate) struct LinkWriter(OwnedWriteHalf);

/// Reads who is there and checks the key.
pub(crate) async fn accept(stream: UnixStream, key: &Secret) -> Result<Caller, LinkError> {
    let (read, write) = stream.into_split();
    let mut reader = LinkReader {
        stream: read,
        decoder: FrameDecoder::default(),
    };
    let opening: LinkOpening = tokio::time::timeout(HELLO_LIMIT, reader.message())
        .await
        .map_err(|_| LinkError::Silent)??;
    if opening.version() != PROTOCOL_VERSION {
        return Err(LinkError::WrongVersion(opening.version()));
    }
    if !equal_in_constant_time(opening.key().expose().as_bytes(), key.expose().as_bytes()) {
        return Err(LinkError::WrongKey);
    }
    let whole = |reader: LinkReader, write| {
        let both = reader.stream.reunite(write);
        both.expect("they are halves of one stream")
    };
    Ok(match opening {
        LinkOpening::Viewer(hello) => Caller::Viewer(Box::new(Link {
            hello: *hello,
            reader,
            writer: LinkWriter(write),
        })),
        LinkOpening::Files(hello) => Caller::Files(FileLink {
            request: hello.request,
            stream: whole(reader, write),
        }),
        LinkOpening::Revocation(LinkRevocation { revoke, .. }) => {
            Caller::Revocation(revoke, whole(reader, write))
        }
    })
}

impl LinkReader {
    /// The browser's next message. Safe to cancel: what has arrived stays in the decoder.
    pub(crate) async fn next(&mut self) -> Result<ClientSignal, LinkError> {
        self.message().await
    }

    async fn message<M: Wire>(&mut self) -> Result<M, LinkError> {
        Ok(M::decode(&self.frame().await?)?)
    }

    async fn frame(&mut self) -> Result<Vec<u8>, LinkError> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(frame) = self.decoder.next_frame()? {
                return Ok(frame);
            }
            match self.stream.read(&mut buffer).await? {
                0 => return Err(LinkError::Closed),
                count => self.decoder.push(&buffer[..count]),
            }
        }
    }
}

impl LinkWriter {
    pub(crate) async fn send(&mut self, signal: &ServerSignal) -> Result<(), LinkError> {
        let frame = encode_frame(signal);
        let sent = tokio::time::timeout(SEND_LIMIT, self.0.write_all(&frame)).await;
        Ok(sent.map_err(|_| LinkError::Unread)??)
    }
}

fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    let difference = left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b));
    left.len() == right.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use streamspace_protocol::{
        FilesHello, Person, PersonId, PersonName, Role, ViewerId, ViewerPath,
    };

    use super::*;

    fn hello(version: u32, key: &str) -> LinkHello {
        LinkHello {
            version,
            key: Secret::new(key),
            viewer: ViewerId(1),
            role: Role::View,
            person: Person {
                id: PersonId::new([0; 16]),
                name: PersonName::cleaned("Ada").expect("a name"),
                share: None,
                until_unix_ms: None,
            },
            path: ViewerPath::Webrtc,
            trace: None,
            ticket: None,
        }
    }

    async fn accepted(bytes: &[u8]) -> Result<Caller, LinkError> {
        let (mut gateway, streamer) = UnixStream::pair().expect("a socket pair");
        gateway
            .write_all(bytes)
            .await
            .expect("room for a few bytes");
        drop(gateway);
        accept(streamer, &Secret::new("right")).await
    }

    #[tokio::test]
    async fn only_the_gateway_with_the_key_gets_in() {
        let right = accepted(&encode_frame(&hello(PROTOCOL_VERSION, "right"))).await;
        let viewer = match right.expect("the right key") {
            Caller::Viewer(link) => link.hello.viewer,
            other => panic!("not a viewer: {other:?}"),
        };
        assert_eq!(viewer, ViewerId(1));
        for key in ["wrong", "", "right-and-more"] {
            let wrong = accepted(&encode_frame(&hello(PROTOCOL_VERSION, key))).await;
            assert!(matches!(wrong, Err(LinkError::WrongKey)), "{key}");
        }
        let newer = accepted(&encode_frame(&hello(PROTOCOL_VERSION + 1, "right"))).await;
        assert!(matches!(newer, Err(LinkError::WrongVersion(_))));
    }

    #[tokio::test]
    async fn only_the_gateway_with_the_key_withdraws_links() {
        let revocation = |key: &str| LinkRevocation {
            version: PROTOCOL_VERSION,
            key: Secret::new(key),
            revoke: ShareId::new([7; 8]),
        };
        let right = accepted(&encode_frame(&revocation("right"))).await;
        assert!(
            matches!(&right, Ok(Caller::Revocation(share, _)) if *share == ShareId::new([7; 8])),
            "{right:?}"
        );
        let wrong = accepted(&encode_frame(&revocation("wrong"))).await;
        assert!(matches!(wrong, Err(LinkError::WrongKey)));
    }

    #[tokio::test]
    async fn whoever_wants_a_file_needs_the_key_too() {
        let hello = |key| FilesHello {
            version: PROTOCOL_VERSION,
            key: Secret::new(key),
            request: FileRequest::Archive {
                path: "Documents".parse().expect("a path"),
            },
        };
        let right = accepted(&encode_frame(&hello("right"))).await;
        assert!(matches!(right, Ok(Caller::Files(_))), "{right:?}");
        let wrong = accepted(&encode_frame(&hello("wrong"))).await;
        assert!(matches!(wrong, Err(LinkError::WrongKey)));
    }

    #[tokio::test]
    async fn bytes_that_are_no_hello_end_the_link() {
        assert!(matches!(
            accepted(b"\0\0\0\x02{}").await,
            Err(LinkError::Decode(_))
        ));
        assert!(matches!(
            accepted(b"GET / HTTP/1.1\r\n").await,
            Err(LinkError::Decode(_))
        ));
        assert!(matches!(accepted(b"\0\0").await, Err(LinkError::Closed)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_does_not_read_ends_the_link() {
        let (gateway, streamer) = UnixStream::pair().expect("a socket pair");
        let mut writer = LinkWriter(streamer.into_split().1);
        let signal = ServerSignal::Answer {
            sdp: Secret::new("v=0".repeat(10_000)),
        };
        let error = loop {
            if let Err(error) = writer.send(&signal).await {
                break error;
            }
        };
        assert!(matches!(error, LinkError::Unread), "{error}");
        drop(gateway);
    }
}
