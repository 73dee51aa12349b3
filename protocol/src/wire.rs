//! JSON on the wire: one bounded way in, one way out.

use serde::{Serialize, de::DeserializeOwned};

use crate::Code;

/// A message that crosses a process boundary as JSON.
pub trait Wire: Serialize + DeserializeOwned {
    /// The largest encoded form that is looked at, in bytes.
    const MAX_BYTES: usize;

    /// Checks what the type alone cannot say, such as lengths.
    fn check(&self) -> Result<(), DecodeError> {
        Ok(())
    }

    /// Reads one message from a peer's bytes.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(DecodeError::TooLarge {
                bytes: bytes.len(),
                limit: Self::MAX_BYTES,
            });
        }
        let message: Self = serde_json::from_slice(bytes).map_err(DecodeError::malformed)?;
        message.check()?;
        Ok(message)
    }

    /// Writes the message for a peer.
    fn encode(&self) -> String {
        serde_json::to_string(self).expect("wire messages hold no map with non-string keys")
    }
}

/// Why a peer's bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("message of {bytes} bytes is over the limit of {limit}")]
    TooLarge { bytes: usize, limit: usize },
    /// Holds where and what kind, never the content: it may be a key, a clipboard or an SDP.
    #[error("malformed message ({kind} at line {line}, column {column})")]
    Malformed {
        kind: &'static str,
        line: usize,
        column: usize,
    },
    #[error("{field} is out of range")]
    OutOfRange { field: &'static str },
}

impl DecodeError {
    fn malformed(error: serde_json::Error) -> Self {
        let kind = match error.classify() {
            serde_json::error::Category::Syntax => "syntax error",
            serde_json::error::Category::Data => "unexpected content",
            serde_json::error::Category::Eof => "unexpected end",
            serde_json::error::Category::Io => "read error",
        };
        Self::Malformed {
            kind,
            line: error.line(),
            column: error.column(),
        }
    }

    pub fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::MessageTooLarge,
            Self::Malformed { .. } | Self::OutOfRange { .. } => Code::MessageMalformed,
        }
    }
}
