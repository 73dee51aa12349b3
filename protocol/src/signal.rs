//! Signaling between browser and streamer, relayed by the gateway as JSON text frames.

use serde::{Deserialize, Serialize};

use crate::{Code, DecodeError, DisplaySize, Role, Screen, Secret, SessionId, ViewerId, Wire};

/// Raised when an older peer could misread a message.
pub const PROTOCOL_VERSION: u32 = 1;

/// The first message on every WebSocket, signaling and VNC alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hello {
    pub version: u32,
    /// The join token.
    pub token: Secret,
}

/// Browser to streamer. The browser always offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum ClientSignal {
    /// An SDP offer (RFC 8829); a later one renegotiates or restarts ICE.
    Offer {
        sdp: Secret,
        /// Which of the session's displays this viewer shows, for as long as it is here.
        #[serde(default)]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Screen>"))]
        screen: Screen,
        /// The key of an earlier `Welcome`: this connection goes on, by another gateway or the same one
        /// started again, and restarts ICE.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        resume: Option<Secret>,
    },
    /// A trickled ICE candidate (RFC 8838).
    Candidate(Candidate),
    /// The viewer leaves on purpose.
    Bye,
}

/// An `RTCIceCandidateInit`; an empty `candidate` ends the candidates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    pub candidate: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub sdp_mid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub sdp_m_line_index: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub username_fragment: Option<Secret>,
}

/// Streamer or gateway to browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ServerSignal {
    /// The token was good and the streamer answers: the offer may come.
    Welcome {
        session: SessionId,
        viewer: ViewerId,
        role: Role,
        display: DisplaySize,
        ice_servers: Vec<IceServer>,
        /// By which the connection goes on after its gateway has gone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        resume: Option<Secret>,
    },
    Answer {
        sdp: Secret,
    },
    Candidate(Candidate),
    /// A piece of the text that a program has copied, for a viewer by VNC: what VNC itself carries out of a
    /// session has no bound, and the streamer knows the policy's.
    Copied {
        text: Secret,
        /// Whether the text ends with it.
        last: bool,
    },
    /// Somebody acts on the session. For the gateway alone, which tells whoever ends what nobody uses.
    #[cfg_attr(feature = "typescript", ts(skip))]
    Active,
    /// The last message before the connection closes.
    Error {
        code: Code,
        /// What happened, why, and what to do next.
        message: String,
        /// Whether the same thing may work a moment later.
        retry: bool,
    },
}

/// An `RTCIceServer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct IceServer {
    pub urls: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub credential: Option<Secret>,
}

/// A piece of copied text: as JSON it is six times as long at most.
pub const MAX_COPIED_BYTES: usize = 16 * 1024;
const MAX_SDP_BYTES: usize = 64 * 1024;
const MAX_RESUME_BYTES: usize = 64;
const MAX_CANDIDATE_BYTES: usize = 1024;

impl Candidate {
    fn check(&self) -> Result<(), DecodeError> {
        let short = |text: Option<&str>| text.is_none_or(|text| text.len() <= 256);
        let fits = self.candidate.expose().len() <= MAX_CANDIDATE_BYTES
            && short(self.sdp_mid.as_deref())
            && short(self.username_fragment.as_ref().map(Secret::expose));
        if fits {
            Ok(())
        } else {
            Err(DecodeError::OutOfRange { field: "candidate" })
        }
    }
}

fn check_sdp(sdp: &Secret) -> Result<(), DecodeError> {
    if sdp.expose().len() <= MAX_SDP_BYTES {
        Ok(())
    } else {
        Err(DecodeError::OutOfRange { field: "sdp" })
    }
}

impl Wire for Hello {
    const MAX_BYTES: usize = 4 * 1024;
}

impl Wire for ClientSignal {
    const MAX_BYTES: usize = 128 * 1024;

    fn check(&self) -> Result<(), DecodeError> {
        match self {
            Self::Offer { sdp, resume, .. } => {
                let fits = |key: &Secret| key.expose().len() <= MAX_RESUME_BYTES;
                if !resume.as_ref().is_none_or(fits) {
                    return Err(DecodeError::OutOfRange { field: "resume" });
                }
                check_sdp(sdp)
            }
            Self::Candidate(candidate) => candidate.check(),
            Self::Bye => Ok(()),
        }
    }
}

impl Wire for ServerSignal {
    const MAX_BYTES: usize = 128 * 1024;

    fn check(&self) -> Result<(), DecodeError> {
        match self {
            Self::Answer { sdp } => check_sdp(sdp),
            Self::Candidate(candidate) => candidate.check(),
            Self::Copied { text, .. } if text.expose().len() > MAX_COPIED_BYTES => {
                Err(DecodeError::OutOfRange { field: "text" })
            }
            Self::Welcome { .. } | Self::Copied { .. } | Self::Active | Self::Error { .. } => {
                Ok(())
            }
        }
    }
}
