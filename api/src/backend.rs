//! Who runs the sessions: the local runtime on one machine, Kubernetes in a cluster.

use async_trait::async_trait;
use streamspace_protocol::{Code, SessionId};
use streamspace_resources::{
    Catalog, InvalidTemplate, NewSession, Session, SessionChange, SessionStats, Template,
    TemplateSpec, TemplateVersion,
};
use streamspace_signaling::Directory;
use tokio::sync::watch;

/// What the API needs of whoever runs the sessions.
#[async_trait]
pub trait Backend: Directory {
    /// The templates as they are now, and the files that hold none.
    async fn catalog(&self) -> Result<Catalog, BackendError>;
    /// Saves a template as it is from now on; sessions that run keep what they began with.
    async fn save_template(
        &self,
        name: &SessionId,
        edit: TemplateEdit,
        expected: Expected,
    ) -> Result<Template, BackendError>;
    /// What a template was at each time, the newest first, and in full.
    async fn template_history(
        &self,
        name: &SessionId,
    ) -> Result<Vec<(TemplateVersion, Option<Template>)>, BackendError>;
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
    /// Somebody says that they are there, which counts as activity of a session that runs.
    async fn heartbeat(&self, id: &SessionId) -> Result<(), BackendError>;
    /// Counts on with each change of any session.
    fn changes(&self) -> watch::Receiver<u64>;
    /// What a session's viewers tell of their pictures; nothing of one that does not run.
    async fn stats(&self, id: &SessionId) -> Result<SessionStats, BackendError>;
    /// Ends a session and forgets it; returns when nothing of it is left.
    async fn end(&self, id: &SessionId) -> Result<(), BackendError>;
}

/// What a template is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateEdit {
    /// Nothing takes it out of the catalog.
    pub spec: Option<TemplateSpec>,
    /// Who wants it.
    pub by: String,
    pub kind: TemplateEditKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateEditKind {
    /// There must be none of this name.
    Create,
    /// There must be one.
    Change,
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
    #[error("there is a template named {0:?} already; change that one, or choose another name")]
    TemplateExists(String),
    #[error("the template cannot be used: {0}")]
    TemplateInvalid(#[from] InvalidTemplate),
    #[error("the object has changed meanwhile; get it again, and change what it is now")]
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
            Self::TemplateExists(_) => Code::TemplateExists,
            Self::TemplateInvalid(_) => Code::TemplateInvalid,
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
