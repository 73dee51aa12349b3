//! Observes, has it decided, and carries it out.

use std::{fmt::Debug, sync::Arc, time::Duration};

use futures_util::{FutureExt, Stream, StreamExt, stream};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Secret};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    core::{DeserializeGuard, NamespaceResourceScope},
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
use streamspace_resources::{
    DesiredState, GroupResource, SessionResource, SessionStatus, TemplateResource, UserResource,
};
use tokio::sync::mpsc;

use super::{
    admission::{Admission, Known, wants_to_run},
    decide::{Decision, FINALIZER, Observed, Step, decide, refused, until},
    home, keys,
    pod::{SESSION_LABEL, pod},
    queue::Verdict,
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
pub(crate) type Guarded<K> = DeserializeGuard<K>;

struct Context {
    sessions: Api<SessionResource>,
    pods: Api<Pod>,
    secrets: Api<Secret>,
    homes: Api<PersistentVolumeClaim>,
    known: Arc<Known>,
    admission: Arc<Admission>,
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
    let (known_templates, templates) = followed::<TemplateResource>(&client, namespace);
    let (known_sessions, sessions) = followed::<SessionResource>(&client, namespace);
    let (users, user_changes) = followed::<UserResource>(&client, namespace);
    let (groups, group_changes) = followed::<GroupResource>(&client, namespace);
    let known = Arc::new(Known {
        sessions: known_sessions.clone(),
        templates: known_templates,
        pods: known_pods,
        users,
        groups,
    });
    let (changed, mut changes) = mpsc::unbounded_channel();
    let admission = Admission::new(known.clone(), settings.max_running, changed);
    let admission = Arc::new(admission);
    let context = Arc::new(Context {
        sessions: Api::namespaced(client.clone(), namespace),
        pods: Api::namespaced(client.clone(), namespace),
        secrets: Api::namespaced(client.clone(), namespace),
        homes: Api::namespaced(client, namespace),
        known,
        admission: admission.clone(),
        settings,
    });
    let of_known = known_sessions.clone();
    let work = Controller::for_stream(sessions.applied_objects(), known_sessions)
        .with_config(Config::default().concurrency(CONCURRENCY))
        .owns_stream(pods)
        .watches_stream(templates.touched_objects(), move |template| {
            of_template(&of_known, &template)
        })
        .reconcile_on(stream::poll_fn(move |context| changes.poll_recv(context)))
        .graceful_shutdown_on(stop)
        .run(reconcile, retry, context)
        .for_each(|_| std::future::ready(()));
    let people = stream::select(
        user_changes.touched_objects().map(drop),
        group_changes.touched_objects().map(drop),
    )
    .for_each(|()| {
        admission.look_again();
        std::future::ready(())
    });
    tokio::select! {
        () = work => {}
        () = admission.run() => {}
        () = people => {}
    }
}

/// What is known of all objects of a kind, and their events, which keep it true.
fn followed<K>(
    client: &Client,
    namespace: &str,
) -> (
    Store<Guarded<K>>,
    impl Stream<Item = watcher::Result<watcher::Event<Guarded<K>>>> + Send + use<K>,
)
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let (known, writer) = reflector::store();
    let events = watcher(
        Api::namespaced(client.clone(), namespace),
        watcher::Config::default(),
    )
    .default_backoff()
    .modify(lighten)
    .reflect(writer);
    (known, events)
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
    // One that is not known yet must not be taken for one that there is not.
    if !context.known.is_listed() {
        return Ok(Action::requeue(LISTING));
    }
    let now = Timestamp::now();
    let verdict = context.admission.verdict(session);
    let is_undecided = verdict.is_none() && wants_to_run(session);
    if is_undecided || context.admission.has_waiting() {
        context.admission.look_again();
    }
    let decision = context.decide(session, verdict.as_ref(), now);
    context.carry_out(session, &decision).await?;
    Ok(match decision.again {
        Some(then) => Action::requeue(until(then, now).unsigned_abs()),
        None => Action::await_change(),
    })
}

/// This waits for nothing, because what waits in a reconciliation keeps the lists from being read.
pub(crate) fn is_listed<K>(known: &Store<K>) -> bool
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    known.wait_until_ready().now_or_never().is_some()
}

impl Context {
    fn decide(
        &self,
        session: &SessionResource,
        verdict: Option<&Verdict>,
        now: Timestamp,
    ) -> Decision {
        let pod = self.known.pod(session);
        let template = self.known.template(session);
        let observed = Observed {
            session,
            template: template.as_deref().map(|template| match &template.0 {
                Ok(template) => Ok(&template.spec),
                Err(error) => Err(error.error.as_str()),
            }),
            pod: pod.as_deref(),
            verdict,
            times: self.admission.policy(&session.spec.user).times,
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
        let template = self.known.template(session);
        let Some(Ok(template)) = template.as_deref().map(|template| &template.0) else {
            // It was there a moment ago; its going brings the session here again.
            return Ok(());
        };
        let policy = self.admission.policy(&session.spec.user);
        let wanted = pod(session, id, &template.spec, &self.settings);
        create(&self.secrets, &keys::secret(session, id)?).await?;
        create(&self.homes, &home::claim(session, &self.settings, &policy)).await?;
        create(&self.pods, &wanted).await?;
        tracing::info!(session = %id, "Pod made");
        Ok(())
    }

    async fn delete_pod(&self, name: &str, session: &SessionResource) -> Result<(), Failure> {
        let known = self.known.pod(session);
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

pub(crate) fn is_owned(pod: &Pod, session: &SessionResource) -> bool {
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
