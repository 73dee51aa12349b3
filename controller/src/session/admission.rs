//! Keeps who may run: goes through the queue when something has changed, for all sessions at once.
//!
//! Nothing of it is stored. A controller that starts again takes every session that has a Pod as admitted, and
//! the others wait anew, in the same order.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use k8s_openapi::api::core::v1::Pod;
use kube::{
    Resource, ResourceExt,
    runtime::reflector::{ObjectRef, Store},
};
use streamspace_resources::{
    DesiredState, GroupResource, GroupSpec, Limits, Phase, SessionResource, TemplateResource,
    UserResource, quantity::thousandths,
};
use tokio::sync::{Notify, mpsc};

use super::{
    decide::startable,
    people::{People, Policy},
    queue::{Claim, Scope, State, Verdict, admit},
    reconcile::{Guarded, is_listed, is_owned},
};

/// Between two times that the queue is gone through, however much changes.
const INTERVAL: Duration = Duration::from_millis(100);

pub(crate) type SessionRef = ObjectRef<Guarded<SessionResource>>;

/// What is known of the cluster.
pub(crate) struct Known {
    pub(crate) sessions: Store<Guarded<SessionResource>>,
    pub(crate) templates: Store<Guarded<TemplateResource>>,
    pub(crate) pods: Store<Pod>,
    pub(crate) users: Store<Guarded<UserResource>>,
    pub(crate) groups: Store<Guarded<GroupResource>>,
}

pub(crate) struct Admission {
    known: Arc<Known>,
    max_running: Option<u32>,
    ledger: Mutex<Ledger>,
    wake: Notify,
    changed: mpsc::UnboundedSender<SessionRef>,
}

#[derive(Default)]
struct Ledger {
    people: Arc<People>,
    /// By the sessions' uids.
    verdicts: HashMap<String, Verdict>,
    has_waiting: bool,
}

impl Known {
    pub(crate) fn is_listed(&self) -> bool {
        is_listed(&self.sessions)
            && is_listed(&self.templates)
            && is_listed(&self.pods)
            && is_listed(&self.users)
            && is_listed(&self.groups)
    }

    /// The Pod of a session. One of that name that is somebody else's is none of ours.
    pub(crate) fn pod(&self, session: &SessionResource) -> Option<Arc<Pod>> {
        let namespace = session.namespace().unwrap_or_default();
        let pod = ObjectRef::new(&session.name_any()).within(&namespace);
        self.pods.get(&pod).filter(|pod| is_owned(pod, session))
    }

    pub(crate) fn template(
        &self,
        session: &SessionResource,
    ) -> Option<Arc<Guarded<TemplateResource>>> {
        let namespace = session.namespace().unwrap_or_default();
        let name = session.spec.template.as_deref()?;
        self.templates.get(&ObjectRef::new(name).within(&namespace))
    }
}

impl Admission {
    /// Sessions that something else holds for from now on are sent to `changed`.
    pub(crate) fn new(
        known: Arc<Known>,
        max_running: Option<u32>,
        changed: mpsc::UnboundedSender<SessionRef>,
    ) -> Self {
        Self {
            known,
            max_running,
            ledger: Mutex::default(),
            wake: Notify::new(),
            changed,
        }
    }

    pub(crate) async fn run(&self) {
        loop {
            self.wake.notified().await;
            if self.known.is_listed() {
                self.pass();
            } else {
                self.wake.notify_one();
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Has the queue gone through soon.
    pub(crate) fn look_again(&self) {
        self.wake.notify_one();
    }

    /// What was last decided of a session; nothing if it is to be decided yet.
    pub(crate) fn verdict(&self, session: &SessionResource) -> Option<Verdict> {
        let uid = session.metadata.uid.as_ref()?;
        self.ledger().verdicts.get(uid).cloned()
    }

    pub(crate) fn policy(&self, user: &str) -> Policy {
        let people = self.ledger().people.clone();
        people.of(user)
    }

    /// Whether somebody may get what a session leaves.
    pub(crate) fn has_waiting(&self) -> bool {
        self.ledger().has_waiting
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self) {
        let groups = self.known.groups.state();
        let groups = groups.iter().filter_map(|group| group.0.as_ref().ok());
        let groups: HashMap<&str, &GroupSpec> = groups
            .filter_map(|group| Some((group.metadata.name.as_deref()?, &group.spec)))
            .collect();
        let people = self.people(&groups);
        let mut bounds = people.bounds(&groups);
        let all = Limits {
            running: self.max_running,
            ..Limits::default()
        };
        bounds.set(&Scope::Cluster, &all);

        let sessions = self.known.sessions.state();
        let readable = sessions
            .iter()
            .filter_map(|session| session.0.as_ref().ok());
        let mut ledger = self.ledger();
        let claims: Vec<Claim> = readable
            .filter_map(|session| self.claim(session, &people, &ledger.verdicts))
            .collect();
        let mut verdicts = admit(&claims, &bounds);
        // It is preempted until its Pod has gone.
        for claim in claims.iter().filter(|claim| claim.state == State::Leaving) {
            if ledger.verdicts.get(&claim.uid) == Some(&Verdict::Preempted) {
                verdicts.insert(claim.uid.clone(), Verdict::Preempted);
            }
        }
        let everybody = *ledger.people != people;
        let before = std::mem::replace(&mut ledger.verdicts, verdicts);
        let mut now = ledger.verdicts.values();
        ledger.has_waiting = now.any(|verdict| *verdict != Verdict::Admitted);
        ledger.people = Arc::new(people);
        for session in &sessions {
            let uid = session.meta().uid.as_deref().unwrap_or_default();
            if everybody || before.get(uid) != ledger.verdicts.get(uid) {
                // Nobody listens any more when the controller ends.
                let _ = self.changed.send(ObjectRef::from_obj(session));
            }
        }
    }

    fn people(&self, groups: &HashMap<&str, &GroupSpec>) -> People {
        let users = self.known.users.state();
        let users = users.iter().filter_map(|user| user.0.as_ref().ok());
        let users = users.filter_map(|user| {
            let metadata = &user.metadata;
            Some((
                metadata.name.as_deref()?,
                metadata.uid.as_deref()?,
                &user.spec,
            ))
        });
        People::new(users, groups)
    }

    /// What a session takes or is to take; nothing if it does not run, or cannot be started anyway.
    fn claim(
        &self,
        session: &SessionResource,
        people: &People,
        verdicts: &HashMap<String, Verdict>,
    ) -> Option<Claim> {
        let uid = session.metadata.uid.clone()?;
        let pod = self.known.pod(session);
        let template = self.known.template(session);
        let template = template.as_deref().map(|template| match &template.0 {
            Ok(template) => Ok(&template.spec),
            Err(error) => Err(error.error.as_str()),
        });
        let before = verdicts.get(&uid);
        let state = match (wants_to_run(session), &pod) {
            (false, None) => return None,
            (false, Some(_)) => State::Leaving,
            (true, Some(_)) if before == Some(&Verdict::Preempted) => State::Leaving,
            (true, Some(_)) => State::Holding,
            (true, None) if before == Some(&Verdict::Admitted) => State::Holding,
            (true, None) => State::Waiting,
        };
        if state == State::Waiting && startable(session, template).is_err() {
            return None;
        }
        let template = template.and_then(Result::ok);
        let resources = session
            .spec
            .resources
            .as_ref()
            .or_else(|| template?.default_resources.as_ref());
        let amount =
            |text: Option<&String>| text.and_then(|text| thousandths(text)).unwrap_or_default();
        let policy = people.of(&session.spec.user);
        Some(Claim {
            uid,
            user: session.spec.user.clone(),
            groups: policy.groups,
            priority: policy.priority,
            created: session
                .metadata
                .creation_timestamp
                .as_ref()
                .map(|time| time.0),
            cpu: amount(resources.and_then(|resources| resources.cpu.as_ref())),
            memory: amount(resources.and_then(|resources| resources.memory.as_ref())),
            state,
            is_preemptible: session.spec.preemptible,
        })
    }
}

/// Whether it runs or starts, or does so as soon as it may.
pub(crate) fn wants_to_run(session: &SessionResource) -> bool {
    let phase = session.status.as_ref().map(|status| status.phase);
    session.metadata.deletion_timestamp.is_none()
        && session.spec.state == DesiredState::Running
        && !matches!(phase, Some(Phase::Terminated | Phase::Failed))
}
