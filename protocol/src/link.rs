//! The link between gateway and streamer: one byte stream a viewer, dialled by the gateway.
//!
//! Each frame is a 32-bit big-endian length and that many bytes of JSON. The first frame is a
//! [`LinkOpening`]. Of a viewer it is a [`LinkHello`]; then the gateway passes [`ClientSignal`](crate::ClientSignal)s on, and the
//! streamer answers with [`ServerSignal`](crate::ServerSignal)s, starting with `Welcome`. Of a
//! transfer it is a [`FilesHello`], which goes on in its own way.

use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, FilesHello, Person, Role, Secret, ShareId, TraceContext, ViewerId, ViewerPath,
    Wire,
};

/// The largest payload of a frame.
pub const MAX_FRAME_BYTES: usize = 128 * 1024;

/// What the gateway tells the streamer about a viewer whose token it has checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkHello {
    pub version: u32,
    /// Proves that the peer is the gateway: only it and the streamer have this key.
    pub key: Secret,
    pub viewer: ViewerId,
    /// What the token grants; owners change it while the session runs.
    pub role: Role,
    pub person: Person,
    /// A viewer by VNC has a link too, on which it learns its role and when it has to leave.
    pub path: ViewerPath,
    /// By which the viewer came, so that nobody comes by it again, whichever gateway they ask. Absent for those
    /// who came without one, or whom the streamer has let in before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// The gateway's span, where the opening of the session is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}

/// What tells one join token from all others, as long as it is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ticket {
    pub expires_unix_ms: i64,
    pub nonce: [u8; 16],
}

/// Word that a share link is no good any more. The streamer ends its guests, then the link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkRevocation {
    pub version: u32,
    pub key: Secret,
    pub revoke: ShareId,
}

/// The first frame of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LinkOpening {
    Viewer(Box<LinkHello>),
    Files(Box<FilesHello>),
    Revocation(LinkRevocation),
}

impl Wire for LinkHello {
    const MAX_BYTES: usize = 4 * 1024;
}

impl Wire for LinkRevocation {
    const MAX_BYTES: usize = 4 * 1024;
}

impl LinkOpening {
    pub fn version(&self) -> u32 {
        match self {
            Self::Viewer(hello) => hello.version,
            Self::Files(hello) => hello.version,
            Self::Revocation(revocation) => revocation.version,
        }
    }

    pub fn key(&self) -> &Secret {
        match self {
            Self::Viewer(hello) => &hello.key,
            Self::Files(hello) => &hello.key,
            Self::Revocation(revocation) => &revocation.key,
        }
    }
}

impl Wire for LinkOpening {
    const MAX_BYTES: usize = FilesHello::MAX_BYTES;

    fn check(&self) -> Result<(), DecodeError> {
        match self {
            Self::Viewer(hello) => hello.check(),
            Self::Files(hello) => hello.check(),
            Self::Revocation(revocation) => revocation.check(),
        }
    }
}

/// One message as a frame.
pub fn encode_frame(message: &impl Wire) -> Vec<u8> {
    let payload = message.encode();
    let length = u32::try_from(payload.len()).expect("messages are far below 4 GiB");
    [&length.to_be_bytes(), payload.as_bytes()].concat()
}

/// Cuts a byte stream into frames.
#[derive(Debug, Default)]
pub struct FrameDecoder {
    buffer: Vec<u8>,
}

impl FrameDecoder {
    /// Takes bytes as they arrive.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame's payload, if it has arrived.
    ///
    /// # Errors
    /// A length over [`MAX_FRAME_BYTES`]; the stream cannot be read on after that.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, DecodeError> {
        let Some((header, _)) = self.buffer.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*header) as usize;
        if length > MAX_FRAME_BYTES {
            return Err(DecodeError::TooLarge {
                bytes: length,
                limit: MAX_FRAME_BYTES,
            });
        }
        if self.buffer.len() < 4 + length {
            return Ok(None);
        }
        let rest = self.buffer.split_off(4 + length);
        let frame = std::mem::replace(&mut self.buffer, rest);
        Ok(Some(frame[4..].to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(payload: &[u8]) -> Vec<u8> {
        [&(payload.len() as u32).to_be_bytes()[..], payload].concat()
    }

    proptest! {
        #[test]
        fn frames_survive_any_split_of_the_stream(
            payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..8),
            step in 1usize..20,
        ) {
            let stream: Vec<u8> = payloads.iter().flat_map(|payload| frame(payload)).collect();
            let mut decoder = FrameDecoder::default();
            let mut decoded = Vec::new();
            for piece in stream.chunks(step) {
                decoder.push(piece);
                while let Some(payload) = decoder.next_frame().expect("lengths are in range") {
                    decoded.push(payload);
                }
            }
            prop_assert_eq!(decoded, payloads);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut decoder = FrameDecoder::default();
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next_frame() {}
        }
    }

    #[test]
    fn an_oversized_length_is_refused_before_its_bytes_arrive() {
        let mut decoder = FrameDecoder::default();
        decoder.push(&u32::MAX.to_be_bytes());
        assert!(matches!(
            decoder.next_frame(),
            Err(DecodeError::TooLarge { .. })
        ));
    }
}
