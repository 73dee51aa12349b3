//! What the API server answers, as the API's errors.

use std::time::Duration;

use streamspace_api::BackendError;
use streamspace_protocol::SessionId;

/// Why a cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("there is no access to a cluster: {0}")]
    Access(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(
        "the API server has told nothing of {kind} objects in namespace {namespace} within {} s; are the \
         CustomResourceDefinitions installed, and may this account list and watch them?",
        limit.as_secs()
    )]
    Silent {
        kind: &'static str,
        namespace: String,
        limit: Duration,
    },
}

pub(crate) fn failed(error: kube::Error) -> BackendError {
    match &error {
        // What the schema or an admission policy refuses, in its words.
        kube::Error::Api(status) if matches!(status.code, 400 | 422) => {
            BackendError::Invalid(status.message.clone())
        }
        kube::Error::Api(status) if status.code == 409 => BackendError::Changed,
        _ => BackendError::Storage(Box::new(error)),
    }
}

/// For what is done to one session.
pub(crate) fn of_session(id: &SessionId, error: kube::Error) -> BackendError {
    match &error {
        kube::Error::Api(status) if status.code == 404 => BackendError::SessionNotFound(id.clone()),
        _ => failed(error),
    }
}

/// The cluster takes longer than anybody waits.
pub(crate) fn late(what: &str, limit: Duration) -> BackendError {
    let message = format!("{what} took longer than {} s", limit.as_secs());
    BackendError::Storage(message.into())
}
