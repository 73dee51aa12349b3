//! Every way in which the API refuses.

mod codes;

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use streamspace_protocol::{Code, InvalidPath, Problem};
use streamspace_signaling::{DialError, Refusal, files::Unreachable, problem, refusal};

use self::codes::{status_of, title_of};
use crate::{
    AccountRole, AccountsError, ApiKeyError, AuditError, BackendError, CredentialError, GroupError,
    LogFilterError, OidcError, Scope, ShareError, SignInError, UserError, json::MAX_BODY_BYTES,
    quotas::Exceeded, rate_limit::seconds,
};

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("sign in first, with name and password or by an address that `streamspace up` prints")]
    Unauthenticated,
    #[error("the request seems to come from a page of another site, so it was not carried out")]
    CrossSite,
    #[error(
        "the server does not answer under this name; use localhost, or add the name to its configuration"
    )]
    UnknownHost,
    #[error("there is nothing at this address; the API is under /api/v1")]
    NotFound,
    #[error("this address does not take this method; the Allow header lists those it takes")]
    MethodNotAllowed,
    #[error("the body is over the limit of {MAX_BODY_BYTES} bytes")]
    TooLarge,
    #[error("the body must be JSON, with `content-type: application/json`")]
    NotJson,
    #[error("the body holds {what}, at line {line}, column {column}")]
    Malformed {
        what: &'static str,
        line: usize,
        column: usize,
    },
    #[error("the body did not arrive in full; send it again")]
    Interrupted,
    #[error("this is for users of the role {} and above", .0.name())]
    RoleTooLow(AccountRole),
    #[error("this takes an API key of the scope {} or above", .0.name())]
    ScopeTooLow(Scope),
    #[error("there is no key of this name")]
    NoSuchKey,
    #[error("you have no passkey of this name")]
    NoSuchPasskey,
    #[error(
        "passkeys are for addresses with a name: open this server as localhost or by one of its names"
    )]
    NoPasskeysHere,
    #[error("no browser is signed in under this name")]
    NoSuchSignIn,
    #[error("the session is another user's; you may watch it and end it")]
    NotYours,
    #[error("If-Match is `*` or a list of strong entity tags, such as \"7\"")]
    IfMatch,
    #[error("Idempotency-Key is 1 to 64 letters, digits, `-` and `_`")]
    IdempotencyKey,
    #[error("this Idempotency-Key was sent with another request; use a new one")]
    KeyReused,
    #[error("a request with this Idempotency-Key is being carried out; ask again in a moment")]
    UnderWay,
    #[error("the server does not take requests from your address")]
    AddressRefused,
    #[error("too many requests; wait {} s", seconds(*.wait))]
    TooManyRequests { wait: Duration },
    #[error("what happens cannot be written to the audit log; the server's log says why")]
    NotAudited,
    #[error("the server is about to end; ask another one, or again in a moment")]
    Stopping,
    #[error("the body is an offer of WebRTC; send it as application/sdp")]
    NotSdp,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    LogFilter(#[from] LogFilterError),
    #[error("the metrics cannot be written")]
    MetricsFailed,
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error("too many listen to the sessions' changes; try again later")]
    TooManyListeners,
    #[error("the address has a query that does not belong there: {0}")]
    Query(String),
    #[error("a session can only be handed to a user who may have sessions")]
    CannotOwn,
    #[error("the user has sessions; end them first")]
    HasSessions,
    #[error(transparent)]
    User(#[from] UserError),
    #[error(transparent)]
    Group(#[from] GroupError),
    #[error(transparent)]
    Quota(#[from] Exceeded),
    #[error("there is no session of this name")]
    NoSuchSession,
    #[error("the template has no version of this number that can be shown")]
    NoSuchVersion,
    #[error("the session has no link of this name")]
    NoSuchShare,
    #[error("say what you are called: a name has 1 to 40 characters that can be seen")]
    NoName,
    #[error("too many wrong links came from your address; wait a minute and try again")]
    TooManyGuesses { wait: Duration },
    #[error(
        "too many wrong tries; the next one is possible in {} s, and a link that an admin prints signs in meanwhile", seconds(*.wait)
    )]
    TooManyTries { wait: Duration },
    #[error("this server takes no passwords; sign in in another way")]
    NoPasswords,
    #[error(transparent)]
    Credential(#[from] CredentialError),
    #[error(transparent)]
    ApiKey(#[from] ApiKeyError),
    #[error(
        "the link is withdrawn, but the session does not answer: guests who are there may stay; try again"
    )]
    GuestsRemain,
    #[error(transparent)]
    Share(#[from] ShareError),
    #[error("the path cannot be used: {0}")]
    Path(#[from] InvalidPath),
    #[error("the address or a header of the request is not as it has to be: {0}")]
    FileRequest(&'static str),
    #[error("files are for those who control the session; you may watch it")]
    OnlyWatching,
    /// The session's side refuses.
    #[error("{message}")]
    Files { code: Code, message: String },
    #[error("the file ends before this range")]
    OutOfRange { total: u64 },
    #[error(transparent)]
    FilesUnreachable(#[from] Unreachable),
    #[error(transparent)]
    Oidc(#[from] OidcError),
    #[error("this is no logout token that the identity provider has made, or it is too old")]
    LogoutToken,
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    #[error(transparent)]
    Backend(#[from] BackendError),
    #[error(transparent)]
    Dial(#[from] DialError),
}

impl ApiError {
    pub fn code(&self) -> Code {
        match self {
            Self::Unauthenticated => Code::Unauthenticated,
            Self::CrossSite
            | Self::UnknownHost
            | Self::OnlyWatching
            | Self::RoleTooLow(_)
            | Self::AddressRefused
            | Self::ScopeTooLow(_)
            | Self::NoPasswords
            | Self::NotYours => Code::Forbidden,
            Self::IfMatch | Self::IdempotencyKey | Self::Query(_) | Self::CannotOwn => {
                Code::RequestInvalid
            }
            Self::KeyReused => Code::KeyReused,
            Self::UnderWay => Code::RequestUnderWay,
            Self::TooManyListeners | Self::TooManyRequests { .. } => Code::LimitReached,
            Self::Audit(_) | Self::NotAudited => Code::StorageFailed,
            Self::MetricsFailed => Code::Internal,
            Self::Stopping => Code::ServerStopping,
            Self::NotSdp => Code::RequestInvalid,
            Self::Refused(refusal) => refusal.code(),
            Self::LogFilter(LogFilterError::Fixed(_)) => Code::Internal,
            Self::LogFilter(_) => Code::RequestInvalid,
            Self::HasSessions => Code::UserHasSessions,
            Self::User(error) => error.code(),
            Self::Group(error) => error.code(),
            Self::Quota(_) => Code::QuotaReached,
            Self::NotFound
            | Self::NoSuchShare
            | Self::NoSuchKey
            | Self::NoSuchPasskey
            | Self::NoSuchSignIn
            | Self::NoSuchVersion => Code::NotFound,
            Self::NoName | Self::NoPasskeysHere => Code::RequestInvalid,
            Self::TooManyGuesses { .. } => Code::LimitReached,
            Self::TooManyTries { .. } => Code::TooManyTries,
            Self::Credential(error) => error.code(),
            Self::ApiKey(error) => error.code(),
            Self::GuestsRemain => Code::StreamerUnreachable,
            Self::Share(error) => error.code(),
            Self::TooLarge => Code::MessageTooLarge,
            Self::MethodNotAllowed
            | Self::NotJson
            | Self::Malformed { .. }
            | Self::Interrupted
            | Self::Path(_)
            | Self::FileRequest(_) => Code::RequestInvalid,
            Self::Files { code, .. } => *code,
            Self::OutOfRange { .. } => Code::RangeInvalid,
            Self::FilesUnreachable(_) => Code::StreamerUnreachable,
            Self::NoSuchSession => Code::SessionNotFound,
            Self::Oidc(error) => error.code(),
            Self::LogoutToken => Code::RequestInvalid,
            Self::SignIn(error) => error.code(),
            Self::Accounts(error) => error.code(),
            Self::Backend(error) => error.code(),
            Self::Dial(error) => error.code(),
        }
    }

    /// What the caller is told.
    pub(crate) fn problem(&self) -> Problem {
        let code = self.code();
        problem(self.status(), code, title_of(code), self.to_string())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotJson | Self::NotSdp => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            // As it should be written, and still not to be carried out.
            Self::Backend(BackendError::Invalid(_))
            | Self::CannotOwn
            | Self::NoName
            | Self::LogFilter(LogFilterError::Invalid(_) | LogFilterError::Long)
            | Self::NoPasskeysHere
            | Self::Path(_)
            | Self::Credential(
                CredentialError::Length
                | CredentialError::Label
                | CredentialError::NothingToConfirm,
            )
            | Self::ApiKey(ApiKeyError::Label | ApiKeyError::Lifetime)
            | Self::Group(GroupError::Name)
            | Self::User(UserError::Name) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unauthenticated
            | Self::CrossSite
            | Self::NotFound
            | Self::TooLarge
            | Self::Malformed { .. }
            | Self::Interrupted
            | Self::RoleTooLow(_)
            | Self::ScopeTooLow(_)
            | Self::NoSuchKey
            | Self::NoSuchPasskey
            | Self::NoSuchSignIn
            | Self::NotYours
            | Self::IfMatch
            | Self::IdempotencyKey
            | Self::KeyReused
            | Self::UnderWay
            | Self::TooManyListeners
            | Self::TooManyRequests { .. }
            | Self::AddressRefused
            | Self::Audit(_)
            | Self::NotAudited
            | Self::Stopping
            | Self::Refused(_)
            | Self::LogFilter(_)
            | Self::MetricsFailed
            | Self::Query(_)
            | Self::HasSessions
            | Self::User(_)
            | Self::Group(_)
            | Self::Quota(_)
            | Self::NoSuchSession
            | Self::NoSuchShare
            | Self::NoSuchVersion
            | Self::TooManyGuesses { .. }
            | Self::TooManyTries { .. }
            | Self::Credential(_)
            | Self::NoPasswords
            | Self::ApiKey(_)
            | Self::GuestsRemain
            | Self::Share(_)
            | Self::FileRequest(_)
            | Self::OnlyWatching
            | Self::Files { .. }
            | Self::OutOfRange { .. }
            | Self::FilesUnreachable(_)
            | Self::Oidc(_)
            | Self::LogoutToken
            | Self::SignIn(_)
            | Self::Accounts(_)
            | Self::Backend(_)
            | Self::Dial(_) => status_of(self.code()),
        }
    }

    /// When it may be worth another try.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyGuesses { wait }
            | Self::TooManyTries { wait }
            | Self::TooManyRequests { wait } => Some(*wait),
            Self::Credential(CredentialError::Busy) => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = &self as &dyn std::error::Error, "request failed");
        }
        let mut response = refusal(&self.problem());
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"streamspace\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self.code());
        if let Some(wait) = self.retry_after() {
            let seconds = HeaderValue::from(seconds(wait));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if let Self::OutOfRange { total } = self {
            let there = HeaderValue::from_str(&format!("bytes */{total}"));
            let there = there.expect("digits are a header");
            response.headers_mut().insert(header::CONTENT_RANGE, there);
        }
        response
    }
}
