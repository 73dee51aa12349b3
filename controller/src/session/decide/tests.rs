use clap::Parser;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use proptest::prelude::*;
use serde_json::{Value, json};
use streamspace_resources::Queue;

use super::*;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

fn settings(arguments: &[&str]) -> Settings {
    let all = ["controller", "--display-image", "display:1"].iter();
    Arguments::parse_from(all.chain(arguments)).settings
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

/// A session that is held, in this state and with this status.
fn session(state: DesiredState, status: SessionStatus) -> SessionResource {
    let object = json!({
        "apiVersion": "stream.space/v1alpha1",
        "kind": "Session",
        "metadata": { "name": "one", "uid": "u1", "finalizers": [FINALIZER] },
        "spec": { "user": "ada", "template": "xterm", "state": state },
        "status": status,
    });
    serde_json::from_value(object).expect("a session")
}

fn pod(status: Value) -> Pod {
    let pod = json!({ "metadata": { "name": "one" }, "status": status });
    serde_json::from_value(pod).expect("a Pod")
}

fn ready_pod() -> Pod {
    let ready = json!({ "type": "Ready", "status": "True" });
    pod(json!({ "phase": "Running", "podIP": "10.1.2.3", "conditions": [ready] }))
}

fn going(mut pod: Pod) -> Pod {
    pod.metadata.deletion_timestamp = Some(Time(at(0)));
    pod
}

fn template() -> TemplateSpec {
    TemplateSpec {
        display_name: "XTerm".into(),
        base_image: "xterm:1".into(),
        ..TemplateSpec::default()
    }
}

fn look(session: &SessionResource, pod: Option<&Pod>, now: i64) -> Decision {
    let template = template();
    let observed = Observed {
        session,
        template: Some(Ok(&template)),
        pod,
        verdict: Some(&Verdict::Admitted),
        times: Times::default(),
    };
    decide(observed, &settings(&[]), at(now))
}

fn reason(decision: &Decision) -> &str {
    let ready = decision.status.conditions.iter();
    let mut ready = ready.filter(|condition| condition.r#type == "Ready");
    ready.next().map_or("", |condition| &condition.reason)
}

fn running(started: i64) -> SessionStatus {
    SessionStatus {
        phase: Phase::Running,
        pod_name: Some("one".into()),
        address: Some("10.1.2.3:7443".into()),
        started_at: Some(at(started)),
        ..SessionStatus::default()
    }
}

#[test]
fn a_new_session_is_held_and_then_started() {
    let mut new = session(DesiredState::Running, SessionStatus::default());
    new.metadata.finalizers = None;
    assert_eq!(look(&new, None, 5).step, Step::Hold);
    new.metadata.finalizers = Some(vec![FINALIZER.into()]);
    let decision = look(&new, None, 5);
    assert_eq!(decision.step, Step::Start("one".parse().expect("a name")));
    assert_eq!(decision.status.started_at, Some(at(5)));
}

#[test]
fn a_pod_that_is_ready_takes_viewers() {
    let decision = look(
        &session(DesiredState::Running, SessionStatus::default()),
        Some(&ready_pod()),
        5,
    );
    assert_eq!(decision.step, Step::Nothing);
    assert_eq!(decision.status.phase, Phase::Running);
    assert_eq!(decision.status.address.as_deref(), Some("10.1.2.3:7443"));
}

#[test]
fn a_part_that_is_started_again_turns_no_viewer_away() {
    let down = pod(json!({ "phase": "Running", "podIP": "10.1.2.3" }));
    let decision = look(&session(DesiredState::Running, running(0)), Some(&down), 5);
    assert_eq!(decision.status.phase, Phase::Running);
    assert_eq!(reason(&decision), "Starting");
    // At another address it is another Pod.
    let other = pod(json!({ "phase": "Running", "podIP": "10.1.2.4" }));
    let decision = look(&session(DesiredState::Running, running(0)), Some(&other), 5);
    assert_eq!(decision.status.phase, Phase::Pending);
}

#[test]
fn what_cannot_be_started_says_why() {
    let none = session(DesiredState::Running, SessionStatus::default());
    let decide_with = |session: &SessionResource, template| {
        let observed = Observed {
            session,
            template,
            pod: None,
            verdict: Some(&Verdict::Admitted),
            times: Times::default(),
        };
        decide(observed, &settings(&[]), at(0))
    };
    let no_image = TemplateSpec {
        base_image: String::new(),
        ..template()
    };
    for (template, expected) in [
        (None, "TemplateNotFound"),
        (Some(Err("unknown field")), "TemplateInvalid"),
        (Some(Ok(&no_image)), "TemplateInvalid"),
    ] {
        let decision = decide_with(&none, template);
        assert_eq!(
            (&decision.step, reason(&decision)),
            (&Step::Nothing, expected)
        );
        assert_eq!(decision.status.phase, Phase::Pending);
    }
    let mut wrong = none.clone();
    wrong.spec.display.encoder = "magic".into();
    let good = template();
    assert_eq!(reason(&decide_with(&wrong, Some(Ok(&good)))), "Invalid");
    let mut dotted = none.clone();
    dotted.metadata.name = Some("a.b".into());
    assert_eq!(reason(&decide_with(&dotted, Some(Ok(&good)))), "Invalid");
}

#[test]
fn a_session_hibernates_when_its_pod_has_gone_and_wakes_younger() {
    let asked = session(DesiredState::Hibernated, running(0));
    let decision = look(&asked, Some(&ready_pod()), 5);
    assert_eq!(
        (decision.step, decision.status.phase),
        (Step::DeletePod, Phase::Running)
    );
    let decision = look(&asked, Some(&going(ready_pod())), 5);
    assert_eq!(
        (decision.step, decision.status.phase),
        (Step::Nothing, Phase::Running)
    );
    let asleep = look(&asked, None, 5).status;
    assert_eq!((asleep.phase, &asleep.address), (Phase::Hibernated, &None));
    let woken = look(&session(DesiredState::Running, asleep), None, 9).status;
    assert_eq!(
        (woken.phase, woken.started_at),
        (Phase::Pending, Some(at(9)))
    );
}

#[test]
fn a_lost_pod_is_replaced_and_the_session_is_as_old_as_it_was() {
    let lost = pod(
        json!({ "phase": "Failed", "reason": "Evicted", "message": "The node was low on memory." }),
    );
    let decision = look(&session(DesiredState::Running, running(3)), Some(&lost), 50);
    assert_eq!(
        (&decision.step, reason(&decision)),
        (&Step::DeletePod, "Evicted")
    );
    let again = look(&session(DesiredState::Running, decision.status), None, 60);
    assert_eq!(again.step, Step::Start("one".parse().expect("a name")));
    assert_eq!(again.status.started_at, Some(at(3)));
}

#[test]
fn a_program_that_ended_takes_its_pod_along_once_that_is_written() {
    let ended = pod(json!({ "phase": "Succeeded" }));
    let decision = look(&session(DesiredState::Running, running(0)), Some(&ended), 5);
    assert_eq!(
        (decision.step, decision.status.phase),
        (Step::Nothing, Phase::Terminated)
    );
    let written = session(DesiredState::Running, decision.status);
    assert_eq!(look(&written, Some(&ended), 6).step, Step::DeletePod);
    assert_eq!(look(&written, None, 7).step, Step::Nothing);
}

#[test]
fn an_idle_session_hibernates_and_is_not_idle_when_it_is_woken() {
    let template = TemplateSpec {
        idle_timeout: Some(streamspace_resources::TimeSpan::from_secs(60)),
        ..template()
    };
    let ready = ready_pod();
    let look = |session: &SessionResource, pod, now| {
        let observed = Observed {
            session,
            template: Some(Ok(&template)),
            pod,
            verdict: Some(&Verdict::Admitted),
            times: Times::default(),
        };
        decide(observed, &settings(&["--idle-timeout", "1h"]), at(now))
    };
    let soon = look(
        &session(DesiredState::Running, running(0)),
        Some(&ready),
        59,
    );
    assert_eq!((soon.step, soon.again), (Step::Nothing, Some(at(60))));
    let due = look(
        &session(DesiredState::Running, running(0)),
        Some(&ready),
        60,
    );
    assert_eq!(due.step, Step::Want(DesiredState::Hibernated));
    let expired = |status: &SessionStatus| status.conditions.iter().any(|it| it.r#type == EXPIRED);
    assert!(expired(&due.status));
    // Somebody came before it was written that it is to sleep.
    let mut used = due.status.clone();
    used.last_activity = Some(at(59));
    let used = look(&session(DesiredState::Running, used), Some(&ready), 61);
    assert!(!expired(&used.status));
    // Woken before its Pod had gone.
    let woken = look(&session(DesiredState::Running, due.status), None, 61).status;
    assert!(!expired(&woken));
    let up = look(&session(DesiredState::Running, woken), Some(&ready), 62);
    assert_eq!((up.step, up.again), (Step::Nothing, Some(at(121))));
}

#[test]
fn a_deleted_session_goes_after_its_pod() {
    let mut deleted = session(DesiredState::Running, running(0));
    deleted.metadata.deletion_timestamp = Some(Time(at(4)));
    assert_eq!(look(&deleted, Some(&ready_pod()), 5).step, Step::DeletePod);
    assert_eq!(
        look(&deleted, Some(&going(ready_pod())), 5).step,
        Step::Nothing
    );
    assert_eq!(look(&deleted, None, 5).step, Step::Release);
    deleted.metadata.finalizers = None;
    assert_eq!(look(&deleted, None, 5).step, Step::Nothing);
}

fn any_pod() -> impl Strategy<Value = Option<Pod>> {
    let phase = prop::sample::select(vec!["Pending", "Running", "Succeeded", "Failed", "Unknown"]);
    prop::option::of(
        (phase, any::<bool>(), any::<bool>()).prop_map(|(phase, ready, is_going)| {
            let ready = json!({ "type": "Ready", "status": if ready { "True" } else { "False" } });
            let pod = pod(json!({ "phase": phase, "podIP": "10.1.2.3", "conditions": [ready] }));
            if is_going { going(pod) } else { pod }
        }),
    )
}

fn any_state() -> impl Strategy<Value = DesiredState> {
    use DesiredState::{Hibernated, Running, Terminated};
    prop::sample::select(vec![Running, Hibernated, Terminated])
}

proptest! {
    /// Whatever was written and whoever was killed in between, it comes to rest, with a Pod exactly if it runs.
    #[test]
    fn every_state_converges(
        first in any_pod(),
        wanted in any_state(),
        phase in prop::sample::select(vec![Phase::Pending, Phase::Running, Phase::Hibernated, Phase::Terminated]),
    ) {
        let status = SessionStatus { phase, ..SessionStatus::default() };
        let mut session = session(wanted, status);
        let mut pod = first;
        for now in 0..12 {
            let decision = look(&session, pod.as_ref(), now);
            let is_settled = decision.step == Step::Nothing && session.status.as_ref() == Some(&decision.status);
            session.status = Some(decision.status);
            match decision.step {
                Step::Start(_) => pod = Some(ready_pod()),
                Step::DeletePod => pod = pod.map(going),
                _ if pod.as_ref().is_some_and(|pod| pod.metadata.deletion_timestamp.is_some()) => pod = None,
                _ if is_settled => break,
                _ => {}
            }
        }
        let settled = look(&session, pod.as_ref(), 20);
        prop_assert_eq!(&settled.step, &Step::Nothing);
        let runs = settled.status.phase == Phase::Running;
        let is_ready = pod.as_ref().is_some_and(is_ready);
        prop_assert_eq!(runs, is_ready && wanted == DesiredState::Running && phase != Phase::Terminated, "{:?}", settled);
    }
}

fn queued(position: u32) -> Verdict {
    Verdict::Waiting(Queue {
        position,
        unmet: "group staff: 2 of 2 running sessions".into(),
    })
}

fn look_with(session: &SessionResource, pod: Option<&Pod>, verdict: Option<&Verdict>) -> Decision {
    let template = template();
    let observed = Observed {
        session,
        template: Some(Ok(&template)),
        pod,
        verdict,
        times: Times::default(),
    };
    decide(observed, &settings(&[]), at(0))
}

#[test]
fn who_waits_is_told_its_place_until_it_may_run() {
    let mut waiting = session(DesiredState::Running, SessionStatus::default());
    let undecided = look_with(&waiting, None, None);
    assert_eq!(
        (undecided.step, Some(undecided.status)),
        (Step::Nothing, waiting.status.clone())
    );
    let decision = look_with(&waiting, None, Some(&queued(3)));
    assert_eq!(
        (reason(&decision), &decision.step),
        ("Queued", &Step::Nothing)
    );
    assert_eq!(
        decision.status.queue.as_ref().map(|queue| queue.position),
        Some(3)
    );
    waiting.status = Some(decision.status);
    let admitted = look_with(&waiting, None, Some(&Verdict::Admitted));
    assert!(matches!(admitted.step, Step::Start(_)));
    assert_eq!(admitted.status.queue, None);
    waiting.spec.state = DesiredState::Hibernated;
    let asleep = look_with(&waiting, None, Some(&queued(3)));
    assert_eq!(
        (asleep.status.phase, asleep.status.queue),
        (Phase::Hibernated, None)
    );
}

#[test]
fn who_makes_room_loses_its_pod_and_says_why() {
    let preempted = Some(&Verdict::Preempted);
    let up = session(DesiredState::Running, running(0));
    let decision = look_with(&up, Some(&ready_pod()), preempted);
    assert_eq!(
        (reason(&decision), &decision.step),
        ("Preempted", &Step::DeletePod)
    );
    let decision = look_with(&up, Some(&going(ready_pod())), preempted);
    assert_eq!(
        (reason(&decision), &decision.step),
        ("Preempted", &Step::Nothing)
    );
    assert_eq!(look_with(&up, None, preempted).step, Step::Nothing);
}

#[test]
fn nobody_has_longer_than_their_person_may() {
    let up = session(DesiredState::Running, running(0));
    let (template, pod) = (template(), ready_pod());
    let at_age = |most: u64, now| {
        let observed = Observed {
            session: &up,
            template: Some(Ok(&template)),
            pod: Some(&pod),
            verdict: Some(&Verdict::Admitted),
            times: Times {
                idle_timeout: None,
                max_session_duration: Some(TimeSpan::from_secs(most)),
            },
        };
        decide(
            observed,
            &settings(&["--max-session-duration", "1h"]),
            at(now),
        )
        .step
    };
    assert_eq!(at_age(60, 60), Step::Want(DesiredState::Terminated));
    assert_eq!(at_age(7200, 3599), Step::Nothing);
    assert_eq!(at_age(7200, 3600), Step::Want(DesiredState::Terminated));
}
