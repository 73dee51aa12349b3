//! What people do to sessions, as changes of objects.

use std::{sync::Arc, time::Duration};

use kube::{
    ResourceExt,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
};
use serde_json::json;
use streamspace_api::{BackendError, Expected};
use streamspace_protocol::SessionId;
use streamspace_resources::{
    DesiredState, NewSession, Phase, Session, SessionChange, SessionResource, SessionSpec,
    lifecycle::is_activity_due,
};

use crate::{
    cluster::Inner,
    error::{failed, late, of_session},
    objects::{phase, session},
};

/// How long a gateway waits to hear from the API server what it has just written there.
const ECHO_LIMIT: Duration = Duration::from_secs(5);
/// How long programs may take to end, and the Pod with them.
const REST_LIMIT: Duration = Duration::from_secs(90);
/// Changes of one object by others, at the same moment, that a change is tried again after.
const TRIES: usize = 10;
/// Kubernetes adds five characters of its own.
const LONGEST_PREFIX: usize = 40;

impl Inner {
    /// Those that have not ended, and those that failed, oldest first.
    pub(crate) fn current_sessions(&self) -> Vec<Session> {
        let mut sessions: Vec<Session> = self
            .readable()
            .filter(|object| phase(object) != Phase::Terminated)
            .map(|object| session(&object))
            .collect();
        sessions.sort_by_cached_key(|session| {
            let Session { metadata, .. } = session;
            (metadata.creation_timestamp, metadata.name.clone())
        });
        sessions
    }

    fn readable(&self) -> impl Iterator<Item = Arc<SessionResource>> + use<> {
        self.sessions
            .all()
            .into_iter()
            .filter_map(|(name, object)| {
                object
                    .inspect_err(|error| {
                        tracing::warn!(session = name, error, "a session's object cannot be read")
                    })
                    .ok()
            })
    }

    pub(crate) async fn session(&self, id: &SessionId) -> Result<Session, BackendError> {
        Ok(session(&*self.object(id).await?))
    }

    /// What the cache does not know yet, another gateway may have written a moment ago.
    pub(crate) async fn object(
        &self,
        id: &SessionId,
    ) -> Result<Arc<SessionResource>, BackendError> {
        match self.sessions.get(id.as_str()) {
            Some(Ok(object)) => Ok(object),
            Some(Err(error)) => Err(BackendError::Storage(error.into())),
            None => {
                let object = self.session_api.get(id.as_str()).await;
                object.map(Arc::new).map_err(|error| of_session(id, error))
            }
        }
    }

    pub(crate) async fn create(
        &self,
        user: &str,
        request: NewSession,
    ) -> Result<Session, BackendError> {
        let spec = wanted(user, request)?;
        let template = spec.template.as_deref().unwrap_or_default();
        if self.templates.get(template).is_none() {
            return Err(BackendError::TemplateNotFound(template.into()));
        }
        let prefix: String = template.chars().take(LONGEST_PREFIX).collect();
        let object = SessionResource {
            metadata: ObjectMeta {
                generate_name: Some(format!("{prefix}-")),
                ..ObjectMeta::default()
            },
            spec,
            status: None,
        };
        let created = self
            .session_api
            .create(&PostParams::default(), &object)
            .await;
        let created = created.map_err(failed)?;
        self.echo(&created).await;
        Ok(session(&created))
    }

    pub(crate) async fn change(
        &self,
        id: &SessionId,
        change: &SessionChange,
        expected: &Expected,
    ) -> Result<Session, BackendError> {
        for _ in 0..TRIES {
            let object = self.session_api.get(id.as_str()).await;
            let object = object.map_err(|error| of_session(id, error))?;
            let changed = changed(&object, change, expected)?;
            if changed.spec == object.spec {
                return self.carried_out(id, &object, change).await;
            }
            let parameters = PostParams::default();
            match self
                .session_api
                .replace(id.as_str(), &parameters, &changed)
                .await
            {
                Ok(replaced) => {
                    self.echo(&replaced).await;
                    return self.carried_out(id, &replaced, change).await;
                }
                // The controller's status, mostly; whoever expects a version is told.
                Err(kube::Error::Api(status))
                    if status.code == 409 && *expected == Expected::Any => {}
                Err(error) => return Err(of_session(id, error)),
            }
        }
        Err(BackendError::Changed)
    }

    /// Of a session that is to hibernate: when its Pod has gone.
    async fn carried_out(
        &self,
        id: &SessionId,
        object: &SessionResource,
        change: &SessionChange,
    ) -> Result<Session, BackendError> {
        if change.state != Some(DesiredState::Hibernated) {
            return Ok(session(object));
        }
        let at_rest =
            |object: &SessionResource| !matches!(phase(object), Phase::Pending | Phase::Running);
        let rested = self
            .sessions
            .until(REST_LIMIT, |cache| match cache.get(id.as_str()) {
                Some(Ok(object)) => at_rest(&object).then(|| Ok(session(&object))),
                Some(Err(_)) => None,
                None => Some(Err(BackendError::SessionNotFound(id.clone()))),
            });
        rested
            .await
            .unwrap_or_else(|| Err(late("hibernating the session", REST_LIMIT)))
    }

    /// Writes that somebody is there, at most once a minute: there may be very many sessions.
    pub(crate) async fn heartbeat(&self, id: &SessionId) -> Result<(), BackendError> {
        let object = self.object(id).await?;
        let now = jiff::Timestamp::now();
        let status = object.status.clone().unwrap_or_default();
        let mut spec = object.spec.clone();
        let template = spec.template.as_deref();
        let template = template.and_then(|name| self.templates.get(name)?.ok());
        spec.idle_timeout = (spec.idle_timeout).or_else(|| template?.spec.idle_timeout);
        if status.phase != Phase::Running || !is_activity_due(&spec, &status, now) {
            return Ok(());
        }
        let patch = Patch::Merge(json!({ "status": { "lastActivity": now } }));
        let parameters = PatchParams::default();
        let noted = self
            .session_api
            .patch_status(id.as_str(), &parameters, &patch)
            .await;
        noted.map(drop).map_err(|error| of_session(id, error))
    }

    pub(crate) async fn end(&self, id: &SessionId) -> Result<(), BackendError> {
        // A finalizer of the controller's holds the object until nothing of it is left.
        let parameters = DeleteParams::default();
        let deleted = self.session_api.delete(id.as_str(), &parameters).await;
        deleted.map_err(|error| of_session(id, error))?;
        let gone = self.sessions.until(REST_LIMIT, |cache| {
            cache.get(id.as_str()).is_none().then_some(())
        });
        gone.await
            .ok_or_else(|| late("ending the session", REST_LIMIT))
    }

    /// Waits until the cache has what was written, so that its writer finds it.
    async fn echo(&self, written: &SessionResource) {
        let name = written.name_any();
        let heard = self.sessions.until(ECHO_LIMIT, |cache| {
            let is_there = match cache.get(&name)? {
                Ok(object) => is_as_new(&object, written),
                Err(_) => true,
            };
            is_there.then_some(())
        });
        if heard.await.is_none() {
            tracing::warn!(
                session = name,
                "the API server has not told of a change in time"
            );
        }
    }
}

/// Versions of one kind are numbers that grow (KEP-5504); where they are none, only the same one is known to
/// be as new.
fn is_as_new(object: &SessionResource, written: &SessionResource) -> bool {
    let version = |object: &SessionResource| object.resource_version().unwrap_or_default();
    let number = |object| version(object).parse::<u128>().ok();
    match (number(object), number(written)) {
        (Some(known), Some(written)) => known >= written,
        _ => version(object) == version(written),
    }
}

fn wanted(user: &str, request: NewSession) -> Result<SessionSpec, BackendError> {
    let invalid = |message: &str| Err(BackendError::Invalid(message.into()));
    if request.template.is_none() {
        return invalid("a session in a cluster names a template, whose image holds the program");
    }
    if request.working_directory.is_some() {
        return invalid("workingDirectory is for sessions on one machine");
    }
    let spec = request.into_spec(user);
    spec.validate()
        .map_err(|error| BackendError::Invalid(error.to_string()))?;
    Ok(spec)
}

/// The object as it is to be.
fn changed(
    object: &SessionResource,
    change: &SessionChange,
    expected: &Expected,
) -> Result<SessionResource, BackendError> {
    if !expected.holds(object.metadata.resource_version.as_deref()) {
        return Err(BackendError::Changed);
    }
    if change.state == Some(DesiredState::Terminated) {
        return Err(BackendError::Invalid("end a session by deleting it".into()));
    }
    if matches!(phase(object), Phase::Terminated | Phase::Failed) {
        return Err(BackendError::Ended);
    }
    let mut changed = object.clone();
    changed.spec = change.apply_to(&object.spec);
    changed
        .spec
        .validate()
        .map_err(|error| BackendError::Invalid(error.to_string()))?;
    Ok(changed)
}
