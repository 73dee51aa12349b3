//! What is to be done of a session: a pure function of what is so and of the time.

use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Pod;
use streamspace_protocol::SessionId;
use streamspace_resources::{
    Condition, DesiredState, Phase, SessionResource, SessionStatus, TemplateSpec, TimeSpan, Times,
    lifecycle::{self, Action, Due, EXPIRED},
};

use super::{
    keys,
    pod::PORT,
    queue::Verdict,
    reason::{Reason, waiting},
};
use crate::settings::{LEAST_IDLE_TIMEOUT, Settings};

/// Held until nothing of a session is left.
pub(crate) const FINALIZER: &str = "stream.space/session";

/// The reason where the API server takes no Pod like this, as by a ResourceQuota.
const REFUSED: &str = "PodRefused";

/// What is so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observed<'a> {
    pub(crate) session: &'a SessionResource,
    /// Nothing if there is none of that name; otherwise the template, or why it cannot be read.
    pub(crate) template: Option<Result<&'a TemplateSpec, &'a str>>,
    pub(crate) pod: Option<&'a Pod>,
    /// Whether it may run; nothing while that is not decided.
    pub(crate) verdict: Option<&'a Verdict>,
    /// The longest that its person gets.
    pub(crate) times: Times,
}

/// What is to be done, at most one step, and what the status is to say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decision {
    pub(crate) step: Step,
    pub(crate) status: SessionStatus,
    /// When to look again, though nothing has changed by then.
    pub(crate) again: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Nothing,
    /// Hold the object, so that it cannot go before its Pod.
    Hold,
    /// Let the object go.
    Release,
    /// Keys, home and Pod.
    Start(SessionId),
    DeletePod,
    /// Write this into the spec: it is due.
    Want(DesiredState),
}

/// Decides.
pub(crate) fn decide(observed: Observed<'_>, settings: &Settings, now: Timestamp) -> Decision {
    let session = observed.session;
    let mut status = session.status.clone().unwrap_or_default();
    status.queue = None;
    if session.metadata.deletion_timestamp.is_some() {
        return ending(observed, status);
    }
    if !is_held(session) {
        return Decision::of(Step::Hold, status);
    }
    match (session.spec.state, status.phase) {
        (_, Phase::Terminated | Phase::Failed) => at_rest(observed, status),
        (DesiredState::Terminated, _) => {
            let reason = Reason::new("Ended", "it was ended");
            rest(observed, status, Phase::Terminated, &reason)
        }
        (DesiredState::Hibernated, _) => {
            let reason = Reason::new("Hibernated", "its home is kept; open it to start it again");
            rest(observed, status, Phase::Hibernated, &reason)
        }
        (DesiredState::Running, _) => run(observed, status, settings, now),
    }
}

impl Decision {
    fn of(step: Step, status: SessionStatus) -> Self {
        Self {
            step,
            status,
            again: None,
        }
    }
}

fn is_held(session: &SessionResource) -> bool {
    let finalizers = session.metadata.finalizers.iter().flatten();
    finalizers.into_iter().any(|held| held == FINALIZER)
}

/// The object goes when its Pod has gone; the rest of what it owns follows by itself.
fn ending(observed: Observed<'_>, status: SessionStatus) -> Decision {
    let step = match observed.pod {
        Some(pod) if pod.metadata.deletion_timestamp.is_none() => Step::DeletePod,
        Some(_) => Step::Nothing,
        None if is_held(observed.session) => Step::Release,
        None => Step::Nothing,
    };
    Decision::of(step, status)
}

/// Of a session that has ended: its status stays, and its Pod goes.
fn at_rest(observed: Observed<'_>, status: SessionStatus) -> Decision {
    Decision::of(without_pod(observed.pod), status)
}

fn without_pod(pod: Option<&Pod>) -> Step {
    match pod {
        Some(pod) if pod.metadata.deletion_timestamp.is_none() => Step::DeletePod,
        Some(_) | None => Step::Nothing,
    }
}

/// Until the Pod has gone the phase stays what it was: programs are still saving.
fn rest(
    observed: Observed<'_>,
    mut status: SessionStatus,
    phase: Phase,
    reason: &Reason,
) -> Decision {
    if observed.pod.is_none() {
        status.phase = phase;
        status.pod_name = None;
        status.address = None;
        set(&mut status, reason.ready(false));
    }
    Decision::of(without_pod(observed.pod), status)
}

fn run(
    observed: Observed<'_>,
    mut status: SessionStatus,
    settings: &Settings,
    now: Timestamp,
) -> Decision {
    let Some(pod) = observed.pod else {
        return start(observed, status, now);
    };
    if observed.verdict == Some(&Verdict::Preempted) {
        pending(&mut status, &preempted());
        return Decision::of(without_pod(observed.pod), status);
    }
    let pod_phase = pod.status.as_ref().and_then(|status| status.phase.clone());
    match pod_phase.as_deref() {
        _ if pod.metadata.deletion_timestamp.is_some() => {
            let message = "its Pod leaves its node; another one is started";
            pending(&mut status, &Reason::new("Moving", message));
            Decision::of(Step::Nothing, status)
        }
        Some("Succeeded") => {
            status.phase = Phase::Terminated;
            status.address = None;
            let message = "its program ended; start another session";
            set(
                &mut status,
                Reason::new("ProgramEnded", message).ready(false),
            );
            // The Pod goes once this is written: without it, another one would be started.
            Decision::of(Step::Nothing, status)
        }
        Some("Failed") => {
            pending(&mut status, &failure(pod));
            Decision::of(Step::DeletePod, status)
        }
        _ => up(observed, pod, status, settings, now),
    }
}

fn start(observed: Observed<'_>, mut status: SessionStatus, now: Timestamp) -> Decision {
    let id = match startable(observed.session, observed.template) {
        Ok(id) => id,
        Err(reason) => {
            pending(&mut status, &reason);
            return Decision::of(Step::Nothing, status);
        }
    };
    match observed.verdict {
        Some(Verdict::Admitted) => {}
        Some(Verdict::Preempted) => {
            pending(&mut status, &preempted());
            return Decision::of(Step::Nothing, status);
        }
        Some(Verdict::Waiting(queue)) => {
            let message = format!(
                "it is number {} of those that wait; {}",
                queue.position, queue.unmet
            );
            status.queue = Some(queue.clone());
            pending(&mut status, &Reason::new("Queued", message));
            return Decision::of(Step::Nothing, status);
        }
        // It is told soon, and until then what was told before is as true as it was.
        None => {
            let known = observed.session.status.clone().unwrap_or_default();
            return Decision::of(Step::Nothing, known);
        }
    }
    let was_expired = forget_expiry(&mut status);
    // A Pod that takes the place of one that was lost does not make the session younger.
    if was_expired || status.phase == Phase::Hibernated || status.started_at.is_none() {
        status.started_at = Some(now);
    }
    // What the API server refuses it refuses again, until somebody mends it: that stays to be read.
    let is_refused = |condition: &Condition| condition.reason == REFUSED;
    if !status.conditions.iter().any(is_refused) {
        pending(
            &mut status,
            &Reason::new("Starting", "its Pod is being made"),
        );
    }
    Decision::of(Step::Start(id), status)
}

/// Whether a Pod can be made: every check, for objects that somebody wrote by hand.
pub(crate) fn startable(
    session: &SessionResource,
    template: Option<Result<&TemplateSpec, &str>>,
) -> Result<SessionId, Reason> {
    let invalid = |message: String| Reason::new("Invalid", message);
    let id = keys::id(session).ok_or_else(|| {
        invalid("its name is no DNS label (a-z, 0-9, '-', at most 63); make one that is".into())
    })?;
    let checked = session.spec.validate();
    checked.map_err(|error| invalid(error.to_string()))?;
    let Some(name) = &session.spec.template else {
        return Err(invalid(
            "it names no template, whose image holds the program; set spec.template".into(),
        ));
    };
    match template {
        None => Err(Reason::new(
            "TemplateNotFound",
            format!("there is no template {name:?}; it starts as soon as there is one"),
        )),
        Some(Err(error)) => Err(Reason::new(
            "TemplateInvalid",
            format!("the template {name:?} cannot be read: {error}"),
        )),
        Some(Ok(template)) if template.base_image.is_empty() => Err(Reason::new(
            "TemplateInvalid",
            format!("the template {name:?} names no image; set its spec.baseImage"),
        )),
        Some(Ok(_)) => Ok(id),
    }
}

fn preempted() -> Reason {
    let message = "it made room for a session of a higher priority; it starts again when there is room for both";
    Reason::new("Preempted", message)
}

/// A Pod never fails by its program, which is started again.
fn failure(pod: &Pod) -> Reason {
    let status = pod.status.clone().unwrap_or_default();
    let why = status.message.unwrap_or_else(|| "no reason is told".into());
    let word = match status.reason.as_deref() {
        Some("Evicted") => "Evicted",
        Some("NodeLost" | "NodeShutdown" | "Terminated") => "NodeLost",
        _ => "PodFailed",
    };
    Reason::new(
        word,
        format!("its Pod ended: {why}; another one is started"),
    )
}

/// Of a Pod that is neither going nor gone.
fn up(
    observed: Observed<'_>,
    pod: &Pod,
    mut status: SessionStatus,
    settings: &Settings,
    now: Timestamp,
) -> Decision {
    let address = address(pod);
    let was_up = status.phase == Phase::Running && status.address.is_some();
    status.pod_name = pod.metadata.name.clone();
    if is_ready(pod) && address.is_some() {
        status.phase = Phase::Running;
        status.address = address;
        set(
            &mut status,
            Reason::new("Running", "it takes viewers").ready(true),
        );
    } else if was_up && address == status.address {
        // A part is started again; viewers stay, and come back to it.
        set(&mut status, waiting(pod).ready(false));
    } else {
        pending(&mut status, &waiting(pod));
    }
    with_limits(observed, status, settings, now)
}

/// What is due, as on one machine: where the session says nothing its template does, or the settings; and nobody
/// has longer than their person may.
fn with_limits(
    observed: Observed<'_>,
    mut status: SessionStatus,
    settings: &Settings,
    now: Timestamp,
) -> Decision {
    let mut spec = observed.session.spec.clone();
    let template = observed.template.and_then(Result::ok);
    spec.idle_timeout = (spec.idle_timeout)
        .or_else(|| template?.idle_timeout)
        .or(settings.idle_timeout);
    spec.max_session_duration = (spec.max_session_duration)
        .or_else(|| template?.max_session_duration)
        .or(settings.max_session_duration);
    let least_idle = TimeSpan::from_secs(LEAST_IDLE_TIMEOUT.as_secs());
    let most = Times {
        idle_timeout: observed.times.idle_timeout.map(|idle| idle.max(least_idle)),
        ..observed.times
    };
    let own = Times {
        idle_timeout: spec.idle_timeout,
        max_session_duration: spec.max_session_duration,
    };
    let times = own.least(most);
    spec.idle_timeout = times.idle_timeout;
    spec.max_session_duration = times.max_session_duration;
    match lifecycle::due(&spec, &status, now) {
        due @ (Due::Never | Due::At(_)) => {
            // Somebody came in the last moment.
            forget_expiry(&mut status);
            let again = match due {
                Due::At(again) => Some(again),
                _ => None,
            };
            Decision {
                again,
                ..Decision::of(Step::Nothing, status)
            }
        }
        Due::Now(action) => {
            set(&mut status, lifecycle::expired(&spec, action));
            let state = match action {
                Action::Hibernate => DesiredState::Hibernated,
                Action::End => DesiredState::Terminated,
            };
            Decision::of(Step::Want(state), status)
        }
    }
}

/// Whether there was one to forget.
fn forget_expiry(status: &mut SessionStatus) -> bool {
    let known = status.conditions.len();
    status
        .conditions
        .retain(|condition| condition.r#type != EXPIRED);
    status.conditions.len() != known
}

/// Tells why the API server did not take what was to be made.
pub(crate) fn refused(mut status: SessionStatus, why: &str) -> SessionStatus {
    let message = format!("the cluster refuses its Pod: {why}; it is tried again");
    pending(&mut status, &Reason::new(REFUSED, message));
    status
}

fn pending(status: &mut SessionStatus, reason: &Reason) {
    status.phase = Phase::Pending;
    status.pod_name = None;
    status.address = None;
    set(status, reason.ready(false));
}

/// Puts a condition in the place of the one of its type.
fn set(status: &mut SessionStatus, condition: Condition) {
    let conditions = &mut status.conditions;
    match conditions
        .iter_mut()
        .find(|known| known.r#type == condition.r#type)
    {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| &status.conditions);
    conditions
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn address(pod: &Pod) -> Option<String> {
    let address: IpAddr = pod.status.as_ref()?.pod_ip.as_ref()?.parse().ok()?;
    Some(SocketAddr::new(address, PORT).to_string())
}

/// How long until then; at least a moment.
pub(crate) fn until(then: Timestamp, now: Timestamp) -> SignedDuration {
    then.duration_since(now)
        .max(SignedDuration::from_millis(10))
}

#[cfg(test)]
mod tests;
