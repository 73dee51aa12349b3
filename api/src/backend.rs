//! Who runs the sessions: the local runtime on one machine, Kubernetes in a cluster.

use async_trait::async_trait;
use streamspace_protocol::{Code, SessionId};
use streamspace_resources::{Catalog, NewSession, Session, SessionChange, SessionStats};
use streamspace_signaling::Directory;
use tokio::sync::watch;

/// What the API needs of whoever runs the sessions.
#[async_trait]
pub trait Backend: Directory {
    /// The templates as they are now, and the files that hold none.
    async fn catalog(&self) -> Result<Catalog, BackendError>;
    /// Sessions that have not ended, and those that failed, oldest first.
    async fn sessions(&self) -> Result<Vec<Session>, BackendError>;
    async fn session(&self, id: &SessionId) -> Result<Session, BackendError>;
    /// Starts a session and returns as soon as it is accepted (`Pending`).
    async fn create(&self, user: &str, request: NewSession) -> Result<Session, BackendError>;
    /// Changes a session as it was `expected` to be, all of it or nothing, and returns when that is
    /// done: of one that hibernates, when its processes have gone.
    async fn change(
        &self,
        id: &SessionId,
        change: SessionChange,
        expected: Expected,
    ) -> Result<Session, BackendError>;
    /// Counts on with each change of any session.
    fn changes(&self) -> watch::Receiver<u64>;
    /// What a session's viewers tell of their pictures; nothing of one that does not run.
    async fn stats(&self, id: &SessionId) -> Result<SessionStats, BackendError>;
    /// Ends a session and forgets it; returns when nothing of it is left.
    async fn end(&self, id: &SessionId) -> Result<(), BackendError>;
}

/// The version of an object that a change is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    Any,
    Versions(Vec<String>),
}

impl Expected {
    /// Whether an object of this version is as expected.
    #[must_use]
    pub fn holds(&self, version: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => {
                version.is_some_and(|version| versions.iter().any(|expected| expected == version))
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    #[error("there is no session named {0}")]
    SessionNotFound(SessionId),
    #[error("there is no template named {0:?}; the catalog lists what there is")]
    TemplateNotFound(String),
    #[error("the session has changed meanwhile; get it again, and change what it is now")]
    Changed,
    #[error("the session has ended; start another one")]
    Ended,
    #[error("{0}")]
    Invalid(String),
    /// The program is not installed; the text names the package that brings it.
    #[error("{0}")]
    ProgramMissing(String),
    #[error("{limit} sessions are running, which is the limit; end one first")]
    TooMany { limit: usize },
    #[error("the disk of the data folder is full; free some space and try again")]
    StorageFull,
    #[error("the session store failed: {0}")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl BackendError {
    pub fn code(&self) -> Code {
        match self {
            Self::SessionNotFound(_) => Code::SessionNotFound,
            Self::TemplateNotFound(_) => Code::TemplateNotFound,
            Self::Changed => Code::PreconditionFailed,
            Self::Ended => Code::SessionNotRunning,
            Self::Invalid(_) => Code::RequestInvalid,
            Self::ProgramMissing(_) => Code::ProgramMissing,
            Self::TooMany { .. } => Code::LimitReached,
            Self::StorageFull => Code::StorageFull,
            Self::Storage(_) => Code::StorageFailed,
        }
    }
}
