//! Observes, has it decided, and carries it out.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Secret};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    core::DeserializeGuard,
    runtime::{
        Controller, WatchStreamExt,
        controller::{Action, Config},
        reflector,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use streamspace_protocol::SessionId;
use streamspace_resources::{DesiredState, SessionResource, SessionStatus, TemplateResource};

use super::{
    decide::{Decision, FINALIZER, Observed, Step, decide, refused, until},
    home, keys,
    pod::{SESSION_LABEL, pod},
};
use crate::settings::Settings;

/// Who writes, as server-side apply knows it.
const MANAGER: &str = "streamspace-controller";
/// Sessions that are worked on at a time.
const CONCURRENCY: u16 = 32;
/// How long a session waits while Pods and templates are listed.
const LISTING: Duration = Duration::from_millis(50);
/// After a failure.
const RETRY: Duration = Duration::from_secs(5);

/// An object that was written past its schema hides no other.
type Guarded<K> = DeserializeGuard<K>;

struct Context {
    sessions: Api<SessionResource>,
    pods: Api<Pod>,
    secrets: Api<Secret>,
    homes: Api<PersistentVolumeClaim>,
    known_pods: Store<Pod>,
    known_templates: Store<Guarded<TemplateResource>>,
    settings: Settings,
}

/// What the API server did not take.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Api(#[from] kube::Error),
    #[error("the session's certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("it was written past its schema: {0}")]
    Unreadable(String),
}

/// Follows all sessions of a namespace until `stop`.
pub(crate) async fn run(
    client: Client,
    namespace: &str,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + Sync + 'static,
) {
    let (known_pods, pod_writer) = reflector::store();
    let of_sessions = watcher::Config::default().labels(SESSION_LABEL);
    let pods = watcher(Api::namespaced(client.clone(), namespace), of_sessions)
        .default_backoff()
        .modify(|pod: &mut Pod| {
            lighten(pod);
            pod.spec = None;
        })
        .reflect(pod_writer)
        .touched_objects();
    let (known_templates, template_writer) = reflector::store();
    let templates = Api::<Guarded<TemplateResource>>::namespaced(client.clone(), namespace);
    let templates = watcher(templates, watcher::Config::default())
        .default_backoff()
        .modify(lighten)
        .reflect(template_writer)
        .touched_objects();
    let (known_sessions, session_writer) = reflector::store();
    let sessions = Api::<Guarded<SessionResource>>::namespaced(client.clone(), namespace);
    let sessions = watcher(sessions, watcher::Config::default())
        .default_backoff()
        .modify(lighten)
        .reflect(session_writer)
        .applied_objects();
    let context = Arc::new(Context {
        sessions: Api::namespaced(client.clone(), namespace),
        pods: Api::namespaced(client.clone(), namespace),
        secrets: Api::namespaced(client.clone(), namespace),
        homes: Api::namespaced(client, namespace),
        known_pods,
        known_templates,
        settings,
    });
    Controller::for_stream(sessions, known_sessions.clone())
        .with_config(Config::default().concurrency(CONCURRENCY))
        .owns_stream(pods)
        .watches_stream(templates, move |template| {
            of_template(&known_sessions, &template)
        })
        .graceful_shutdown_on(stop)
        .run(reconcile, retry, context)
        .for_each(|_| std::future::ready(()))
        .await;
}

/// What is kept of ten thousand objects is only what is looked at.
fn lighten(object: &mut impl Resource) {
    object.meta_mut().managed_fields = None;
}

/// Sessions that name this template, mostly in vain so far.
fn of_template(
    known: &Store<Guarded<SessionResource>>,
    template: &Guarded<TemplateResource>,
) -> Vec<ObjectRef<Guarded<SessionResource>>> {
    let name = template.name_any();
    let names_it = |session: &Arc<Guarded<SessionResource>>| {
        let spec = session.0.as_ref().ok().map(|session| &session.spec);
        spec.and_then(|spec| spec.template.as_ref()) == Some(&name)
    };
    let named = known.state().into_iter().filter(names_it);
    named
        .map(|session| ObjectRef::from_obj(&*session))
        .collect()
}

async fn reconcile(
    session: Arc<Guarded<SessionResource>>,
    context: Arc<Context>,
) -> Result<Action, Failure> {
    let session = match &session.0 {
        Ok(session) => session,
        Err(error) => return Err(Failure::Unreadable(error.error.clone())),
    };
    if !context.is_listed() {
        return Ok(Action::requeue(LISTING));
    }
    let now = Timestamp::now();
    let decision = context.decide(session, now);
    context.carry_out(session, &decision).await?;
    Ok(match decision.again {
        Some(then) => Action::requeue(until(then, now).unsigned_abs()),
        None => Action::await_change(),
    })
}

impl Context {
    /// Whether all Pods and templates are known: one that is not known yet must not be taken for one that there
    /// is not. This waits for nothing, because what waits here keeps the lists from being read.
    fn is_listed(&self) -> bool {
        let pods = self.known_pods.wait_until_ready().now_or_never();
        let templates = self.known_templates.wait_until_ready().now_or_never();
        pods.is_some() && templates.is_some()
    }

    fn decide(&self, session: &SessionResource, now: Timestamp) -> Decision {
        let namespace = session.namespace().unwrap_or_default();
        let pod = ObjectRef::new(&session.name_any()).within(&namespace);
        let pod = self.known_pods.get(&pod);
        // A Pod of that name that is somebody else's is none of ours.
        let pod = pod.filter(|pod| is_owned(pod, session));
        let template = session.spec.template.as_deref().and_then(|name| {
            let template = ObjectRef::new(name).within(&namespace);
            self.known_templates.get(&template)
        });
        let template = template.as_deref().map(|template| match &template.0 {
            Ok(template) => Ok(&template.spec),
            Err(error) => Err(error.error.as_str()),
        });
        let observed = Observed {
            session,
            template,
            pod: pod.as_deref(),
        };
        decide(observed, &self.settings, now)
    }

    async fn carry_out(
        &self,
        session: &SessionResource,
        decision: &Decision,
    ) -> Result<(), Failure> {
        let name = session.name_any();
        // What the status tells is decided upon when it has been written: a Pod may only go once it is
        // known why.
        if session.status.as_ref() != Some(&decision.status) && decision.step != Step::Release {
            self.write_status(session, &decision.status).await?;
        }
        match &decision.step {
            Step::Nothing => Ok(()),
            Step::Hold => {
                self.set_finalizers(session, |held| held.push(FINALIZER.into()))
                    .await
            }
            Step::Release => {
                self.set_finalizers(session, |held| held.retain(|it| it != FINALIZER))
                    .await
            }
            Step::Start(id) => match self.start(session, id).await {
                Err(Failure::Api(kube::Error::Api(answer)))
                    if (400..500).contains(&answer.code) =>
                {
                    let status = refused(decision.status.clone(), &answer.message);
                    self.write_status(session, &status).await?;
                    Err(Failure::Api(kube::Error::Api(answer)))
                }
                started => started,
            },
            Step::DeletePod => self.delete_pod(&name, session).await,
            Step::Want(state) => self.want(session, *state).await,
        }
    }

    /// Each is made if it is missing, so that whoever comes after a controller that was killed in between
    /// only makes the rest.
    async fn start(&self, session: &SessionResource, id: &SessionId) -> Result<(), Failure> {
        let namespace = session.namespace().unwrap_or_default();
        let template = session.spec.template.as_deref().unwrap_or_default();
        let template = ObjectRef::new(template).within(&namespace);
        let template = self.known_templates.get(&template);
        let Some(Ok(template)) = template.as_deref().map(|template| &template.0) else {
            // It was there a moment ago; its going brings the session here again.
            return Ok(());
        };
        let wanted = pod(session, id, &template.spec, &self.settings);
        create(&self.secrets, &keys::secret(session, id)?).await?;
        create(&self.homes, &home::claim(session, &self.settings)).await?;
        create(&self.pods, &wanted).await?;
        tracing::info!(session = %id, "Pod made");
        Ok(())
    }

    async fn delete_pod(&self, name: &str, session: &SessionResource) -> Result<(), Failure> {
        let namespace = session.namespace().unwrap_or_default();
        let known = self
            .known_pods
            .get(&ObjectRef::new(name).within(&namespace));
        let Some(uid) = known.and_then(|pod| pod.metadata.uid.clone()) else {
            return Ok(());
        };
        // The one that was decided upon, and no later one of its name.
        let parameters = DeleteParams::default().preconditions(kube::api::Preconditions {
            uid: Some(uid),
            resource_version: None,
        });
        match self.pods.delete(name, &parameters).await {
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
            deleted => Ok(deleted.map(drop)?),
        }
    }

    async fn want(&self, session: &SessionResource, state: DesiredState) -> Result<(), Failure> {
        tracing::info!(session = session.name_any(), ?state, "due");
        self.merge(session, json!({ "spec": { "state": state } }))
            .await
    }

    async fn set_finalizers(
        &self,
        session: &SessionResource,
        change: impl FnOnce(&mut Vec<String>),
    ) -> Result<(), Failure> {
        let mut held = session.metadata.finalizers.clone().unwrap_or_default();
        change(&mut held);
        self.merge(session, json!({ "metadata": { "finalizers": held } }))
            .await
    }

    /// Changes the very object that was decided upon, or nothing.
    async fn merge(&self, session: &SessionResource, mut change: Value) -> Result<(), Failure> {
        change["metadata"]["resourceVersion"] = json!(session.resource_version());
        let patched = self
            .sessions
            .patch(
                &session.name_any(),
                &PatchParams::default(),
                &Patch::Merge(change),
            )
            .await;
        match patched {
            // Somebody else was first; the change brings it here again.
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
            patched => Ok(patched.map(drop)?),
        }
    }

    /// Of the status, `lastActivity` is the gateways' and left out here.
    async fn write_status(
        &self,
        session: &SessionResource,
        status: &SessionStatus,
    ) -> Result<(), Failure> {
        let status = SessionStatus {
            last_activity: None,
            ..status.clone()
        };
        let patch = json!({
            "apiVersion": SessionResource::api_version(&()),
            "kind": SessionResource::kind(&()),
            "metadata": { "name": session.name_any(), "uid": session.uid() },
            "status": status,
        });
        let parameters = PatchParams::apply(MANAGER).force();
        let name = session.name_any();
        let written = self
            .sessions
            .patch_status(&name, &parameters, &Patch::Apply(&patch))
            .await;
        match written {
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
            written => Ok(written.map(drop)?),
        }
    }
}

fn is_owned(pod: &Pod, session: &SessionResource) -> bool {
    let owners = pod.metadata.owner_references.iter().flatten();
    let mut owners = owners.map(|owner| Some(owner.uid.as_str()));
    owners.any(|owner| owner == session.metadata.uid.as_deref())
}

/// Makes an object; one that is there stays as it is.
async fn create<K>(api: &Api<K>, object: &K) -> Result<(), kube::Error>
where
    K: Clone + std::fmt::Debug + Serialize + DeserializeOwned,
{
    let parameters = PostParams {
        field_manager: Some(MANAGER.into()),
        ..PostParams::default()
    };
    match api.create(&parameters, object).await {
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
        created => created.map(drop),
    }
}

fn retry(
    session: Arc<Guarded<SessionResource>>,
    failure: &Failure,
    _context: Arc<Context>,
) -> Action {
    let name = session.name_any();
    tracing::warn!(session = name, %failure, "a session cannot be worked on");
    Action::requeue(RETRY)
}
