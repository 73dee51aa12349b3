//! What HTTP and people are told of each code.

use axum::http::StatusCode;
use streamspace_protocol::Code;

pub(super) fn status_of(code: Code) -> StatusCode {
    match code {
        Code::MessageMalformed
        | Code::MessageOutOfOrder
        | Code::VersionUnsupported
        | Code::RequestInvalid => StatusCode::BAD_REQUEST,
        Code::MessageTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::TokenInvalid
        | Code::TokenExpired
        | Code::TokenUsed
        | Code::ShareInvalid
        | Code::ShareExpired
        | Code::Unauthenticated
        | Code::CredentialsWrong
        | Code::SecondFactorNeeded
        | Code::SecondFactorWrong
        | Code::PasskeyNeeded
        | Code::PasskeyWrong
        | Code::ProviderRefused
        | Code::SignInStale => StatusCode::UNAUTHORIZED,
        Code::Forbidden
        | Code::Removed
        | Code::VncDisabled
        | Code::NotAdmitted
        | Code::QuotaReached => StatusCode::FORBIDDEN,
        Code::NotFound
        | Code::SessionNotFound
        | Code::TemplateNotFound
        | Code::GroupNotFound
        | Code::FileNotFound
        | Code::UserNotFound => StatusCode::NOT_FOUND,
        Code::SessionNotRunning
        | Code::AddressInUse
        | Code::RoleChanged
        | Code::UploadConflict
        | Code::UserExists
        | Code::TemplateExists
        | Code::GroupExists
        | Code::RequestUnderWay
        | Code::UserHasSessions
        | Code::KeyExists
        | Code::SecondFactorExists => StatusCode::CONFLICT,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Code::RangeInvalid => StatusCode::RANGE_NOT_SATISFIABLE,
        Code::TemplateInvalid
        | Code::ProgramMissing
        | Code::NegotiationFailed
        | Code::FileUnusable => StatusCode::UNPROCESSABLE_ENTITY,
        Code::LimitReached | Code::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
        Code::StreamerUnreachable
        | Code::VncUnreachable
        | Code::ProviderUnreachable
        | Code::ProviderAnswerInvalid => StatusCode::BAD_GATEWAY,
        Code::ServerStopping => StatusCode::SERVICE_UNAVAILABLE,
        Code::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::DisplayFailed
        | Code::SoundFailed
        | Code::StreamerFailed
        | Code::EncoderUnavailable
        | Code::StorageFailed
        | Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub(super) fn title_of(code: Code) -> &'static str {
    match code {
        Code::MessageMalformed => "Message cannot be read",
        Code::MessageTooLarge => "Message too large",
        Code::MessageOutOfOrder => "Message out of order",
        Code::VersionUnsupported => "Version not supported",
        Code::TokenInvalid => "Token not valid",
        Code::TokenExpired => "Token expired",
        Code::TokenUsed => "Token used before",
        Code::ShareInvalid => "Link not valid",
        Code::ShareExpired => "Link expired",
        Code::Removed => "Removed from the session",
        Code::RoleChanged => "Role changed",
        Code::Unauthenticated => "Not signed in",
        Code::CredentialsWrong => "Name or password wrong",
        Code::SecondFactorNeeded => "Code needed",
        Code::SecondFactorWrong => "Code wrong",
        Code::PasskeyNeeded => "Passkey needed",
        Code::PasskeyWrong => "Passkey wrong",
        Code::ProviderUnreachable => "Identity provider not reachable",
        Code::ProviderAnswerInvalid => "Identity provider not believed",
        Code::ProviderRefused => "Identity provider refuses",
        Code::SignInStale => "Sign-in over",
        Code::NotAdmitted => "No role here",
        Code::TooManyTries => "Too many tries",
        Code::Forbidden => "Not allowed",
        Code::RequestInvalid => "Invalid request",
        Code::PreconditionFailed => "Changed meanwhile",
        Code::KeyReused => "Idempotency key used",
        Code::RequestUnderWay => "Still being done",
        Code::NotFound => "Nothing here",
        Code::SessionNotFound => "No such session",
        Code::SessionNotRunning => "Session not running",
        Code::StreamerUnreachable => "Streamer not reachable",
        Code::VncUnreachable => "VNC server not reachable",
        Code::VncDisabled => "VNC switched off",
        Code::TemplateNotFound => "No such template",
        Code::TemplateExists => "Name taken",
        Code::GroupNotFound => "No such group",
        Code::GroupExists => "Name taken",
        Code::QuotaReached => "Quota used up",
        Code::TemplateInvalid => "Invalid template",
        Code::ProgramMissing => "Program not installed",
        Code::DisplayFailed => "Display failed",
        Code::SoundFailed => "Sound failed",
        Code::StreamerFailed => "Streamer failed",
        Code::EncoderUnavailable => "No encoder",
        Code::NegotiationFailed => "Negotiation failed",
        Code::LimitReached => "Limit reached",
        Code::ServerStopping => "Server stopping",
        Code::AddressInUse => "Address in use",
        Code::FileNotFound => "No such file",
        Code::FileUnusable => "Not a plain file or folder",
        Code::UploadConflict => "Upload elsewhere",
        Code::RangeInvalid => "Range behind the end",
        Code::UserNotFound => "No such user",
        Code::UserExists => "Name taken",
        Code::UserHasSessions => "User has sessions",
        Code::KeyExists => "Label taken",
        Code::SecondFactorExists => "Second factor there already",
        Code::StorageFull => "Disk full",
        Code::StorageFailed => "Storage failed",
        Code::Internal => "Internal error",
    }
}
