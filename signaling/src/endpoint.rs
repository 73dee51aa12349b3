//! Where a session's streamer and VNC server are, told by whoever runs the sessions.

use async_trait::async_trait;
use streamspace_protocol::{Code, Policy, Secret, SessionId, VncLimits};

use crate::{Dial, turn::MediaAddresses};

/// How the gateway reaches one running session.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Where the streamer takes links (`protocol::LinkHello` first).
    pub streamer: Dial,
    /// Proves to the streamer that the gateway is calling.
    pub streamer_key: Secret,
    /// The X server's RFB side.
    pub vnc: Dial,
    /// VNC authentication's password: 8 bytes at most.
    pub vnc_password: Secret,
    /// The password with which the VNC server itself lets its client see but not touch, nor learn of
    /// the clipboard; for viewers of the role `view`.
    pub vnc_view_password: Secret,
    /// What the session's template allows of VNC.
    pub vnc_limits: VncLimits,
    /// What may be carried into the session and out of it, to be shown: its own side enforces it.
    pub policy: Policy,
    /// Where the streamer takes media, for a relay.
    pub media: MediaAddresses,
}

/// Finds sessions; the only thing the gateway knows of whoever runs them.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    async fn endpoint(&self, session: &SessionId) -> Result<Endpoint, DialError>;

    /// Somebody does something in the session. Told at most once a second for each viewer; returns at once.
    fn note_activity(&self, session: &SessionId) {
        // Whoever ends no session by itself need not know.
        let _ = session;
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    #[error("there is no session named {0}")]
    NotFound(SessionId),
    #[error("the session {0} is not running; start it again from the catalog")]
    NotRunning(SessionId),
}

impl DialError {
    pub fn code(&self) -> Code {
        match self {
            Self::NotFound(_) => Code::SessionNotFound,
            Self::NotRunning(_) => Code::SessionNotRunning,
        }
    }
}
