//! Sessions that are entries of a map.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use jiff::Timestamp;
use streamspace_api::{Backend, BackendError, Expected, TemplateEdit, TemplateEditKind};
use streamspace_protocol::{
    Latency, Policy, Secret, SessionId, Stage, StageLatency, ViewerId, VncLimits,
};
use streamspace_resources::{
    Catalog, DesiredState, NewSession, Phase, Session, SessionChange, SessionSpec, SessionStats,
    Template, TemplateSpec, TemplateVersion, ViewerStats,
};
use streamspace_signaling::{Dial, DialError, Directory, Endpoint, turn::MediaAddresses};
use tokio::sync::watch;

/// Of a template, the oldest first.
type Versions = Vec<(TemplateVersion, Option<Template>)>;

#[derive(Default)]
pub(crate) struct MapBackend {
    sessions: Mutex<BTreeMap<SessionId, Session>>,
    changes: watch::Sender<u64>,
    templates: Mutex<BTreeMap<SessionId, Versions>>,
    /// Where the sessions' sockets are.
    pub(crate) folder: PathBuf,
}

impl MapBackend {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<SessionId, Session>> {
        self.sessions.lock().expect("no test panics with the lock")
    }

    pub(crate) fn add(&self, name: &str, user: &str) {
        self.add_since(name, user, Timestamp::UNIX_EPOCH);
    }

    pub(crate) fn add_template(&self, name: &str, spec: TemplateSpec) {
        let version = TemplateVersion {
            version: 0,
            saved_by: None,
            saved_unix_ms: None,
            is_removal: false,
        };
        let template = Template::new(name.into(), 0, spec);
        let mut templates = self.templates.lock().expect("no test panics with the lock");
        let versions = templates.entry(name.parse().expect("a valid name"));
        versions.or_default().push((version, Some(template)));
    }

    pub(crate) fn add_since(&self, name: &str, user: &str, since: Timestamp) {
        let spec = SessionSpec {
            user: user.into(),
            ..SessionSpec::default()
        };
        let session = Session::new(name.into(), spec, since);
        self.lock()
            .insert(name.parse().expect("a valid name"), session);
        self.changes.send_modify(|count| *count += 1);
    }
}

#[async_trait]
impl Directory for MapBackend {
    /// A session whose name ends in `-asleep` is there, but not running.
    async fn endpoint(&self, id: &SessionId) -> Result<Endpoint, DialError> {
        if !self.lock().contains_key(id) {
            return Err(DialError::NotFound(id.clone()));
        }
        if id.as_str().ends_with("-asleep") {
            return Err(DialError::NotRunning(id.clone()));
        }
        Ok(Endpoint {
            streamer: Dial::Socket(self.folder.join("streamer")),
            streamer_key: Secret::new("key"),
            vnc: Dial::Socket(self.folder.join("vnc")),
            vnc_password: Secret::new("password"),
            vnc_view_password: Secret::new("viewonly"),
            vnc_limits: VncLimits::default(),
            policy: Policy::default(),
            media: MediaAddresses::default(),
        })
    }
}

#[async_trait]
impl Backend for MapBackend {
    async fn catalog(&self) -> Result<Catalog, BackendError> {
        let templates = self.templates.lock().expect("no test panics with the lock");
        let newest = |versions: &Versions| versions.last()?.1.clone();
        Ok(Catalog {
            items: templates.values().filter_map(newest).collect(),
            problems: vec![],
        })
    }

    /// What may be saved is the runtime's to say, and tested there.
    async fn save_template(
        &self,
        name: &SessionId,
        edit: TemplateEdit,
        _expected: Expected,
    ) -> Result<Template, BackendError> {
        let mut templates = self.templates.lock().expect("no test panics with the lock");
        let versions = templates.entry(name.clone()).or_default();
        let current = versions.last().and_then(|(_, template)| template.clone());
        match (edit.kind, &current) {
            (TemplateEditKind::Create, Some(_)) => {
                return Err(BackendError::TemplateExists(name.to_string()));
            }
            (TemplateEditKind::Change, None) => {
                return Err(BackendError::TemplateNotFound(name.to_string()));
            }
            (TemplateEditKind::Create, None) | (TemplateEditKind::Change, Some(_)) => {}
        }
        let number = versions.len() as u32;
        let saved = edit
            .spec
            .map(|spec| Template::new(name.to_string(), number, spec));
        let version = TemplateVersion {
            version: number,
            saved_by: Some(edit.by),
            saved_unix_ms: Some(0),
            is_removal: saved.is_none(),
        };
        versions.push((version, saved.clone()));
        Ok(saved.or(current).expect("one of the two"))
    }

    async fn template_history(
        &self,
        name: &SessionId,
    ) -> Result<Vec<(TemplateVersion, Option<Template>)>, BackendError> {
        let templates = self.templates.lock().expect("no test panics with the lock");
        let versions = templates.get(name).filter(|versions| !versions.is_empty());
        let versions = versions.ok_or_else(|| BackendError::TemplateNotFound(name.to_string()))?;
        Ok(versions.iter().rev().cloned().collect())
    }

    async fn sessions(&self) -> Result<Vec<Session>, BackendError> {
        Ok(self.lock().values().cloned().collect())
    }

    async fn session(&self, id: &SessionId) -> Result<Session, BackendError> {
        let found = self.lock().get(id).cloned();
        found.ok_or_else(|| BackendError::SessionNotFound(id.clone()))
    }

    /// The template's name says how it goes.
    async fn create(&self, user: &str, request: NewSession) -> Result<Session, BackendError> {
        let template = request.template.unwrap_or_default();
        match template.as_str() {
            "xterm" => {
                self.add("xterm-1", user);
                self.session(&"xterm-1".parse().expect("a valid name"))
                    .await
            }
            "" => Err(BackendError::Invalid("name a template or a command".into())),
            "missing" => Err(BackendError::ProgramMissing("install `missing`".into())),
            "crowded" => Err(BackendError::TooMany { limit: 3 }),
            "full" => Err(BackendError::StorageFull),
            "broken" => Err(BackendError::Storage("the store is gone".into())),
            _ => Err(BackendError::TemplateNotFound(template)),
        }
    }

    async fn change(
        &self,
        id: &SessionId,
        change: SessionChange,
        expected: Expected,
    ) -> Result<Session, BackendError> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(id);
        let session = session.ok_or_else(|| BackendError::SessionNotFound(id.clone()))?;
        if !expected.holds(session.metadata.resource_version.as_deref()) {
            return Err(BackendError::Changed);
        }
        let SessionSpec {
            tags, user, state, ..
        } = &mut session.spec;
        *tags = change.tags.unwrap_or_default();
        *user = change.user.unwrap_or(std::mem::take(user));
        *state = change.state.unwrap_or(*state);
        let phase = match *state {
            DesiredState::Running => Phase::Running,
            DesiredState::Hibernated => Phase::Hibernated,
            DesiredState::Terminated => Phase::Terminated,
        };
        session.status.get_or_insert_default().phase = phase;
        let version = session.metadata.resource_version.take();
        let version: u32 = version.map_or(0, |text| text.parse().expect("a number"));
        session.metadata.resource_version = Some((version + 1).to_string());
        self.changes.send_modify(|count| *count += 1);
        Ok(session.clone())
    }

    async fn heartbeat(&self, id: &SessionId) -> Result<(), BackendError> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(id);
        let session = session.ok_or_else(|| BackendError::SessionNotFound(id.clone()))?;
        session.status.get_or_insert_default().last_activity = Some(Timestamp::UNIX_EPOCH);
        Ok(())
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    async fn stats(&self, id: &SessionId) -> Result<SessionStats, BackendError> {
        self.session(id).await?;
        let stage = StageLatency {
            stage: Stage::Total,
            p50_us: 9_000,
            p95_us: 12_000,
            p99_us: 15_000,
        };
        let viewer = ViewerStats {
            viewer: ViewerId(7),
            at: Timestamp::UNIX_EPOCH,
            latency: Latency {
                frames: 60,
                stages: vec![stage],
            },
        };
        Ok(SessionStats {
            viewers: vec![viewer],
        })
    }

    async fn end(&self, id: &SessionId) -> Result<(), BackendError> {
        let removed = self.lock().remove(id);
        self.changes.send_modify(|count| *count += 1);
        removed
            .map(|_session| ())
            .ok_or_else(|| BackendError::SessionNotFound(id.clone()))
    }
}
