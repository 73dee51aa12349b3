//! Stable error codes: what a program may match on, and what a person can look up.

use serde::{Deserialize, Serialize};

/// Why something was refused or failed. The spelling on the wire never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// A message that does not parse, or holds a value out of its range.
    MessageMalformed,
    MessageTooLarge,
    /// A well-formed message at a moment when it has no meaning.
    MessageOutOfOrder,
    /// The peer speaks another version of the protocol.
    VersionUnsupported,
    /// No token, a forged one, or one for another session.
    TokenInvalid,
    TokenExpired,
    TokenUsed,
    /// A share link that does not exist, or is withdrawn.
    ShareInvalid,
    ShareExpired,
    /// An owner of the session has made this person leave.
    Removed,
    /// The person's role in the session is another one now.
    RoleChanged,
    /// Not signed in.
    Unauthenticated,
    /// A name or a password is wrong; which of them is not said.
    CredentialsWrong,
    /// The password is right, and the account asks for a code as well.
    SecondFactorNeeded,
    /// That code is wrong, or was used before.
    SecondFactorWrong,
    /// The password is right, and the account asks for a passkey as well.
    PasskeyNeeded,
    /// A passkey is none of the account's, or does not show what it has to.
    PasskeyWrong,
    /// The identity provider does not answer.
    ProviderUnreachable,
    /// What it answers cannot be believed or used.
    ProviderAnswerInvalid,
    /// It says no.
    ProviderRefused,
    /// A sign-in by the identity provider that this browser has not begun, or that took too long.
    SignInStale,
    /// The identity provider knows the person, and nobody gave them a role here.
    NotAdmitted,
    /// There were too many wrong tries; the header `Retry-After` says when the next one is.
    TooManyTries,
    /// Signed in, but not allowed to do this.
    Forbidden,
    RequestInvalid,
    /// The object is not as the request expects it (`If-Match`).
    PreconditionFailed,
    /// The idempotency key stands for another request.
    KeyReused,
    /// The request of this idempotency key is still being carried out.
    RequestUnderWay,
    NotFound,
    SessionNotFound,
    SessionNotRunning,
    /// The session's streamer does not answer; it may be starting again.
    StreamerUnreachable,
    /// The session's VNC server does not answer or refuses the gateway.
    VncUnreachable,
    /// The session's template does not allow VNC.
    VncDisabled,
    TemplateNotFound,
    /// The name is another template's.
    TemplateExists,
    GroupNotFound,
    /// The name is another group's.
    GroupExists,
    TemplateInvalid,
    /// The program that the template or the command names is not on this machine.
    ProgramMissing,
    DisplayFailed,
    SoundFailed,
    StreamerFailed,
    EncoderUnavailable,
    /// WebRTC negotiation failed: the offer has nothing that can be answered.
    NegotiationFailed,
    /// A limit of the server is reached: viewers, sessions, connections.
    LimitReached,
    /// What the user may have is used up.
    QuotaReached,
    /// The server is about to end; another one may answer.
    ServerStopping,
    AddressInUse,
    /// There is no file or folder of this name in the session's home.
    FileNotFound,
    /// It is there, but no plain file or folder: a link, a device, a socket.
    FileUnusable,
    /// The upload goes on elsewhere, or what has arrived of it ends at another place.
    UploadConflict,
    /// The file ends before the range that was asked for.
    RangeInvalid,
    UserNotFound,
    /// The name is another user's.
    UserExists,
    /// Whose sessions have to end first.
    UserHasSessions,
    /// Another key of the user has this label.
    KeyExists,
    /// The user has a second factor already.
    SecondFactorExists,
    StorageFull,
    StorageFailed,
    Internal,
}

impl Code {
    /// Every code there is.
    pub const ALL: [Self; 61] = [
        Self::MessageMalformed,
        Self::MessageTooLarge,
        Self::MessageOutOfOrder,
        Self::VersionUnsupported,
        Self::TokenInvalid,
        Self::TokenExpired,
        Self::TokenUsed,
        Self::ShareInvalid,
        Self::ShareExpired,
        Self::Removed,
        Self::RoleChanged,
        Self::Unauthenticated,
        Self::CredentialsWrong,
        Self::SecondFactorNeeded,
        Self::SecondFactorWrong,
        Self::PasskeyNeeded,
        Self::PasskeyWrong,
        Self::ProviderUnreachable,
        Self::ProviderAnswerInvalid,
        Self::ProviderRefused,
        Self::SignInStale,
        Self::NotAdmitted,
        Self::TooManyTries,
        Self::Forbidden,
        Self::RequestInvalid,
        Self::PreconditionFailed,
        Self::KeyReused,
        Self::RequestUnderWay,
        Self::NotFound,
        Self::SessionNotFound,
        Self::SessionNotRunning,
        Self::StreamerUnreachable,
        Self::VncUnreachable,
        Self::VncDisabled,
        Self::TemplateNotFound,
        Self::TemplateExists,
        Self::GroupNotFound,
        Self::GroupExists,
        Self::TemplateInvalid,
        Self::ProgramMissing,
        Self::DisplayFailed,
        Self::SoundFailed,
        Self::StreamerFailed,
        Self::EncoderUnavailable,
        Self::NegotiationFailed,
        Self::LimitReached,
        Self::QuotaReached,
        Self::ServerStopping,
        Self::AddressInUse,
        Self::FileNotFound,
        Self::FileUnusable,
        Self::UploadConflict,
        Self::RangeInvalid,
        Self::UserNotFound,
        Self::UserExists,
        Self::UserHasSessions,
        Self::KeyExists,
        Self::SecondFactorExists,
        Self::StorageFull,
        Self::StorageFailed,
        Self::Internal,
    ];

    /// The spelling on the wire.
    pub fn as_str(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(text)) => text,
            _ => unreachable!("a unit variant serialises as a string"),
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.as_str())
    }
}

/// The body of every error answer of the HTTP API (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A URI reference to the description of `code`.
    pub r#type: String,
    /// What happened, in a few words; the same for every problem of this code.
    pub title: String,
    pub status: u16,
    pub code: Code,
    /// What happened this time, why, and what to do next.
    pub detail: String,
}
