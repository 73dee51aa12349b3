//! Sessions that go to sleep and are woken.

mod support;

use std::{collections::BTreeSet, fs, path::PathBuf};

use streamspace_api::{Backend, BackendError, Expected};
use streamspace_protocol::SessionId;
use streamspace_resources::{DesiredState, NewSession, Phase, Session, SessionChange, TimeSpan};
use streamspace_runtime::LocalRuntime;
use streamspace_signaling::{DialError, Directory};

use support::{
    Machine, Traces, condition, id, kill, phase, processes, program_environment, started, until,
    until_session,
};

fn xterm() -> NewSession {
    NewSession {
        template: Some("xterm".into()),
        ..NewSession::default()
    }
}

fn home(session: &Session) -> PathBuf {
    program_environment(session)["HOME"].clone().into()
}

async fn set(
    runtime: &LocalRuntime,
    id: &SessionId,
    state: DesiredState,
) -> Result<Session, BackendError> {
    let change = SessionChange {
        state: Some(state),
        ..SessionChange::default()
    };
    runtime.change(id, change, Expected::Any).await
}

async fn hibernated(runtime: &LocalRuntime, id: &SessionId) {
    let session = set(runtime, id, DesiredState::Hibernated).await;
    assert_eq!(phase(&session.expect("hibernated")), Phase::Hibernated);
}

async fn woken(runtime: &LocalRuntime, id: &SessionId) -> Session {
    set(runtime, id, DesiredState::Running)
        .await
        .expect("woken");
    until_session(runtime, id, |session| phase(session) == Phase::Running).await
}

#[tokio::test]
async fn a_session_that_hibernates_keeps_its_home_and_nothing_else() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, xterm()).await;
    let (id, home, traces) = (id(&session), home(&session), Traces::of(&session));
    fs::write(home.join("letter"), "dear").expect("written");

    hibernated(&runtime, &id).await;
    assert_eq!(traces.left(), [""; 0]);
    assert_eq!(runtime.running(), 0);
    let endpoint = runtime.endpoint(&id).await;
    assert_eq!(endpoint.err(), Some(DialError::NotRunning(id.clone())));
    // A second time changes nothing.
    hibernated(&runtime, &id).await;

    let again = woken(&runtime, &id).await;
    assert_eq!(
        program_environment(&again)["HOME"],
        home.display().to_string()
    );
    assert_eq!(
        fs::read_to_string(home.join("letter")).expect("read"),
        "dear"
    );
    assert!(runtime.endpoint(&id).await.is_ok());

    hibernated(&runtime, &id).await;
    runtime.end(&id).await.expect("ended");
    assert!(!home.exists());
    assert!(runtime.sessions().await.expect("a list").is_empty());
}

#[tokio::test]
async fn hibernating_sessions_outlive_their_server() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, xterm()).await;
    let (id, home) = (id(&session), home(&session));
    fs::write(home.join("letter"), "dear").expect("written");
    hibernated(&runtime, &id).await;
    runtime.shutdown().await;
    drop(runtime);

    let runtime = machine.runtime().await;
    let kept = runtime.session(&id).await.expect("it is there");
    assert_eq!(phase(&kept), Phase::Hibernated);
    woken(&runtime, &id).await;
    assert!(home.join("letter").exists());
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_session_whose_supervisor_is_killed_as_it_goes_to_sleep_keeps_its_home() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, xterm()).await;
    let (id, home, traces) = (id(&session), home(&session), Traces::of(&session));
    let supervisor = processes(&session).supervisor;
    // It cannot answer any more, so that it is certain which comes first.
    kill(supervisor, "STOP");
    let sleeping = tokio::spawn({
        let (runtime, id) = (runtime.clone(), id.clone());
        async move { set(&runtime, &id, DesiredState::Hibernated).await }
    });
    until_session(&runtime, &id, |session| {
        session.spec.state == DesiredState::Hibernated
    })
    .await;
    kill(supervisor, "KILL");
    let session = sleeping.await.expect("no panic").expect("hibernated");
    assert_eq!(phase(&session), Phase::Hibernated);
    assert_eq!(traces.left(), [""; 0]);
    assert!(home.exists());
}

#[tokio::test]
async fn many_who_wake_a_session_start_it_once() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, xterm()).await;
    let id = id(&session);
    hibernated(&runtime, &id).await;
    let wakings: Vec<_> = (0..8)
        .map(|_| {
            let (runtime, id) = (runtime.clone(), id.clone());
            tokio::spawn(async move { set(&runtime, &id, DesiredState::Running).await })
        })
        .collect();
    for waking in wakings {
        waking.await.expect("no panic").expect("woken");
    }
    assert_eq!(runtime.running(), 1);
    let session = until_session(&runtime, &id, |session| phase(session) == Phase::Running).await;
    let marked: BTreeSet<u32> = support::marked(&id);
    assert!(marked.contains(&processes(&session).program.expect("a program")));
}

#[tokio::test]
async fn tags_change_awake_and_asleep_and_old_versions_do_not() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, xterm()).await;
    let id = id(&session);
    let tag = |tag: &str| SessionChange {
        tags: Some(vec![tag.to_owned()]),
        ..SessionChange::default()
    };
    let mut changes = runtime.changes();
    changes.mark_unchanged();
    let awake = runtime
        .change(&id, tag("awake"), Expected::Any)
        .await
        .expect("changed");
    assert!(changes.has_changed().expect("the runtime lives"));
    let old = Expected::Versions(vec![session.metadata.resource_version.expect("a version")]);
    let refused = runtime.change(&id, tag("late"), old).await;
    assert!(matches!(refused, Err(BackendError::Changed)), "{refused:?}");
    assert_eq!(awake.spec.tags, ["awake"]);
    hibernated(&runtime, &id).await;
    let asleep = runtime
        .change(&id, tag("asleep"), Expected::Any)
        .await
        .expect("changed");
    assert_eq!(
        (asleep.spec.tags.as_slice(), phase(&asleep)),
        (&["asleep".to_owned()][..], Phase::Hibernated)
    );
    runtime.end(&id).await.expect("ended");
    let gone = runtime.change(&id, tag("gone"), Expected::Any).await;
    assert!(
        matches!(gone, Err(BackendError::SessionNotFound(_))),
        "{gone:?}"
    );
}

/// Whether somebody has been active since the session started.
fn is_used(session: &Session) -> bool {
    let status = session.status.as_ref().expect("a status");
    status.last_activity > status.started_at
}

fn seconds(idle: Option<u64>, longest: Option<u64>) -> NewSession {
    NewSession {
        idle_timeout: idle.map(TimeSpan::from_secs),
        max_session_duration: longest.map(TimeSpan::from_secs),
        ..xterm()
    }
}

fn expired(session: &Session) -> Option<String> {
    condition(session, "Expired").map(|(_status, reason)| reason)
}

#[tokio::test]
async fn a_session_that_nobody_uses_hibernates_says_why_and_can_be_woken() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, seconds(Some(1), None)).await;
    let (id, traces) = (id(&session), Traces::of(&session));
    let is_asleep = |session: &Session| phase(session) == Phase::Hibernated;
    let asleep = until_session(&runtime, &id, is_asleep).await;
    assert_eq!(expired(&asleep).as_deref(), Some("IdleTimeout"));
    until("none is left", || runtime.running() == 0).await;
    assert_eq!(traces.left(), [""; 0]);
    let woken = set(&runtime, &id, DesiredState::Running).await;
    assert_eq!(expired(&woken.expect("woken")), None);
    until_session(&runtime, &id, is_asleep).await;
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_session_ends_at_its_age_and_says_why() {
    let mut machine = Machine::new();
    machine.config.max_session_duration = Some(TimeSpan::from_secs(1));
    let runtime = machine.runtime().await;
    let session = started(&runtime, xterm()).await;
    let (id, home) = (id(&session), home(&session));
    let is_over = |session: &Session| phase(session) == Phase::Terminated;
    let over = until_session(&runtime, &id, is_over).await;
    assert_eq!(expired(&over).as_deref(), Some("MaxSessionDuration"));
    until("none is left", || runtime.running() == 0).await;
    assert!(!home.exists());
    runtime.shutdown().await;
}

#[tokio::test]
async fn heartbeats_and_noted_activity_keep_a_session_awake() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, seconds(Some(2), None)).await;
    let id = id(&session);
    while !is_used(&runtime.session(&id).await.expect("there")) {
        runtime.heartbeat(&id).await.expect("it runs");
        runtime.note_activity(&id);
        tokio::task::yield_now().await;
    }
    let now = runtime.session(&id).await.expect("there");
    assert_eq!(phase(&now), Phase::Running);
    runtime.shutdown().await;
}
