use streamspace_protocol::{Code, DecodeError, PROTOCOL_VERSION, ServerSignal};

use crate::{
    DialError,
    rfb::{ClientError, ServerError},
    ticket::TicketError,
};

/// Why the gateway ends a connection that the browser wanted to keep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the browser sent something that cannot be read: {0}")]
    Malformed(#[from] DecodeError),
    #[error("the browser sent a WebSocket message of the wrong kind or over the size limit")]
    WrongMessage,
    #[error("the browser sent {0} at the wrong moment")]
    OutOfOrder(&'static str),
    #[error("the browser did not say who it is in time")]
    NoHello,
    #[error(
        "the browser speaks version {0} of the protocol, this server {PROTOCOL_VERSION}; reload the page"
    )]
    Version(u32),
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error("{limit} connections are open, which is the server's limit; close one and try again")]
    TooManyConnections { limit: usize },
    #[error("{limit} viewers are in this session, which is the limit; close one and try again")]
    TooManyViewers { limit: usize },
    #[error("the session's streamer does not answer; it may be starting again")]
    StreamerUnreachable,
    #[error("the session's streamer ended the connection; it may be starting again")]
    StreamerLeft,
    /// In the streamer's words.
    #[error("{message}")]
    NotLetIn {
        code: Code,
        message: String,
        retry: bool,
    },
    #[error("the session's streamer sent something that cannot be read; try again")]
    StreamerMalformed,
    #[error("the template of this session does not allow VNC")]
    VncDisabled,
    #[error("the session's VNC server does not answer; it may be starting again")]
    VncUnreachable,
    #[error("the session's VNC server ended the connection; the session may have ended")]
    VncLeft,
    #[error("the session's VNC server does not let the gateway in: {0}")]
    VncRefused(#[from] ServerError),
    #[error("the browser's VNC client broke the protocol: {0}")]
    VncClient(#[from] ClientError),
}

impl Refusal {
    pub fn code(&self) -> Code {
        match self {
            Self::Malformed(error) => error.code(),
            Self::WrongMessage | Self::VncClient(_) => Code::MessageMalformed,
            Self::OutOfOrder(_) | Self::NoHello => Code::MessageOutOfOrder,
            Self::Version(_) => Code::VersionUnsupported,
            Self::Ticket(error) => error.code(),
            Self::Dial(error) => error.code(),
            Self::NotLetIn { code, .. } => *code,
            Self::TooManyConnections { .. } | Self::TooManyViewers { .. } => Code::LimitReached,
            Self::StreamerUnreachable | Self::StreamerLeft | Self::StreamerMalformed => {
                Code::StreamerUnreachable
            }
            Self::VncDisabled => Code::VncDisabled,
            Self::VncUnreachable | Self::VncLeft | Self::VncRefused(_) => Code::VncUnreachable,
        }
    }

    /// Whether a new connection, with a new token, may do better.
    pub fn retry(&self) -> bool {
        match self {
            Self::Malformed(_)
            | Self::WrongMessage
            | Self::OutOfOrder(_)
            | Self::Version(_)
            | Self::Dial(_)
            | Self::VncDisabled
            | Self::VncRefused(_)
            | Self::VncClient(_)
            | Self::Ticket(TicketError::Invalid) => false,
            Self::NotLetIn { retry, .. } => *retry,
            Self::Ticket(TicketError::Expired | TicketError::Used | TicketError::TooMany)
            | Self::NoHello
            | Self::TooManyConnections { .. }
            | Self::TooManyViewers { .. }
            | Self::StreamerUnreachable
            | Self::StreamerLeft
            | Self::StreamerMalformed
            | Self::VncUnreachable
            | Self::VncLeft => true,
        }
    }

    /// The last message of a signaling socket.
    pub fn signal(&self) -> ServerSignal {
        ServerSignal::Error {
            code: self.code(),
            message: self.to_string(),
            retry: self.retry(),
        }
    }

    /// The close frame that follows.
    pub fn closing(&self) -> Closing {
        Closing::Refused {
            code: self.code(),
            retry: self.retry(),
        }
    }
}

/// How a WebSocket ends (RFC 6455, section 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// One side left on purpose.
    Normal,
    /// The server is stopping.
    GoingAway,
    /// With close code 4000, or 4001 where trying again may help; the reason is the code's text.
    Refused { code: Code, retry: bool },
}

impl Closing {
    /// Close code and reason.
    pub fn frame(self) -> (u16, String) {
        match self {
            Self::Normal => (1000, String::new()),
            Self::GoingAway => (1001, "the server is stopping".into()),
            Self::Refused { code, retry: false } => (4000, code.to_string()),
            Self::Refused { code, retry: true } => (4001, code.to_string()),
        }
    }
}
