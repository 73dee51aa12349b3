//! A namespace of a cluster, with what the API and the gateway ask of it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use k8s_openapi::api::{apps::v1::ControllerRevision, core::v1::Secret};
use kube::{Api, Client, Config, config::KubeConfigOptions};
use streamspace_api::{Backend, BackendError, Expected, TemplateEdit};
use streamspace_protocol::SessionId;
use streamspace_resources::{
    Catalog, NewSession, Session, SessionChange, SessionResource, SessionStats, Template,
    TemplateResource, TemplateVersion,
};
use streamspace_signaling::{DialError, Directory, Endpoint};
use tokio::sync::watch;

use crate::{cache::Cache, error::OpenError};

/// An API server that is there answers in far less, also with ten thousand sessions.
const LIST_LIMIT: Duration = Duration::from_secs(30);

/// What a gateway in a cluster is told.
#[derive(Debug, Clone, Default)]
pub struct ClusterConfig {
    /// The namespace of the objects; that of the account if it is not said.
    pub namespace: Option<String>,
    /// The context of the kubeconfig, outside a cluster.
    pub context: Option<String>,
}

/// The objects of one namespace. Clones share everything.
#[derive(Debug, Clone)]
pub struct Cluster(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) namespace: String,
    pub(crate) sessions: Cache<SessionResource>,
    pub(crate) templates: Cache<TemplateResource>,
    pub(crate) session_api: Api<SessionResource>,
    pub(crate) template_api: Api<TemplateResource>,
    pub(crate) revision_api: Api<ControllerRevision>,
    pub(crate) secret_api: Api<Secret>,
    /// Of sessions.
    changes: watch::Sender<u64>,
}

impl Cluster {
    /// Reads what there is, and follows it from then on.
    ///
    /// # Errors
    /// No access, or an API server that tells nothing.
    pub async fn open(config: ClusterConfig) -> Result<Self, OpenError> {
        let access = |error: &dyn std::error::Error| OpenError::Access(error.to_string().into());
        let found = match &config.context {
            None => Config::infer().await.map_err(|error| access(&error))?,
            Some(context) => {
                let options = KubeConfigOptions {
                    context: Some(context.clone()),
                    ..KubeConfigOptions::default()
                };
                let found = Config::from_kubeconfig(&options).await;
                found.map_err(|error| access(&error))?
            }
        };
        let namespace = config.namespace;
        let namespace = namespace.unwrap_or_else(|| found.default_namespace.clone());
        let client = Client::try_from(found).map_err(|error| access(&error))?;
        let cluster = Self(Arc::new(Inner::new(client, namespace)));
        cluster.0.listed().await?;
        Ok(cluster)
    }
}

impl Inner {
    fn new(client: Client, namespace: String) -> Self {
        let changes = watch::Sender::new(0);
        let api = client.clone();
        Self {
            sessions: Cache::follow(client.clone(), &namespace, changes.clone()),
            templates: Cache::follow(client.clone(), &namespace, watch::Sender::new(0)),
            session_api: Api::namespaced(api.clone(), &namespace),
            template_api: Api::namespaced(api.clone(), &namespace),
            revision_api: Api::namespaced(api.clone(), &namespace),
            secret_api: Api::namespaced(api, &namespace),
            namespace,
            changes,
        }
    }

    async fn listed(&self) -> Result<(), OpenError> {
        let silent = |kind| OpenError::Silent {
            kind,
            namespace: self.namespace.clone(),
            limit: LIST_LIMIT,
        };
        let sessions = self
            .sessions
            .until(LIST_LIMIT, |cache| cache.is_complete().then_some(()));
        sessions.await.ok_or_else(|| silent("Session"))?;
        let templates = self
            .templates
            .until(LIST_LIMIT, |cache| cache.is_complete().then_some(()));
        templates.await.ok_or_else(|| silent("Template"))
    }
}

#[async_trait]
impl Backend for Cluster {
    async fn catalog(&self) -> Result<Catalog, BackendError> {
        Ok(self.0.catalog())
    }

    async fn save_template(
        &self,
        name: &SessionId,
        edit: TemplateEdit,
        expected: Expected,
    ) -> Result<Template, BackendError> {
        self.0.save_template(name, edit, expected).await
    }

    async fn template_history(
        &self,
        name: &SessionId,
    ) -> Result<Vec<(TemplateVersion, Option<Template>)>, BackendError> {
        self.0.template_history(name).await
    }

    async fn sessions(&self) -> Result<Vec<Session>, BackendError> {
        Ok(self.0.current_sessions())
    }

    async fn session(&self, id: &SessionId) -> Result<Session, BackendError> {
        self.0.session(id).await
    }

    async fn create(&self, user: &str, request: NewSession) -> Result<Session, BackendError> {
        self.0.create(user, request).await
    }

    async fn change(
        &self,
        id: &SessionId,
        change: SessionChange,
        expected: Expected,
    ) -> Result<Session, BackendError> {
        self.0.change(id, &change, &expected).await
    }

    async fn heartbeat(&self, id: &SessionId) -> Result<(), BackendError> {
        self.0.heartbeat(id).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    async fn stats(&self, id: &SessionId) -> Result<SessionStats, BackendError> {
        self.0.stats(id).await
    }

    async fn end(&self, id: &SessionId) -> Result<(), BackendError> {
        self.0.end(id).await
    }
}

#[async_trait]
impl Directory for Cluster {
    async fn endpoint(&self, id: &SessionId) -> Result<Endpoint, DialError> {
        self.0.endpoint(id).await
    }

    fn note_activity(&self, id: &SessionId) {
        let (cluster, id) = (self.clone(), id.clone());
        tokio::spawn(async move {
            if let Err(error) = cluster.0.heartbeat(&id).await {
                tracing::info!(session = %id, %error, "activity could not be noted");
            }
        });
    }
}
