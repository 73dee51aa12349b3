//! A session's status as a function of what its supervisor tells.

use jiff::Timestamp;
use streamspace_protocol::Code;
use streamspace_resources::{
    Condition, DesiredState, Phase, Processes, Session, SessionStatus,
    lifecycle::{self, Action},
};

use crate::order::{EndCause, Event};

/// Label with the exit status of the program of a session that ended by itself.
pub const EXIT_STATUS_LABEL: &str = "stream.space/exit-status";

/// Gives the session another version, after a change.
pub(crate) fn count_on(session: &mut Session) {
    let version = &mut session.metadata.resource_version;
    let before: u64 = version
        .as_deref()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    *version = Some((before + 1).to_string());
}

/// The status of a session that has just been accepted, which is somebody's doing.
pub(crate) fn pending(session: &mut Session, now: Timestamp) {
    count_on(session);
    session.status = Some(SessionStatus {
        phase: Phase::Pending,
        url: Some(format!("/session/{}", session.metadata.name)),
        last_activity: Some(now),
        started_at: Some(now),
        conditions: vec![condition(
            "Ready",
            false,
            "Starting",
            "the display is starting",
            None,
        )],
        ..SessionStatus::default()
    });
}

/// Takes one event into account.
pub(crate) fn apply(session: &mut Session, event: &Event) {
    count_on(session);
    match event {
        Event::Started { processes } => status(session).processes = Some(processes.clone()),
        Event::Ready { encoder, reason } => {
            running(session);
            set(
                session,
                condition(
                    "StreamerReady",
                    true,
                    "Encoding",
                    format!("{encoder}: {reason}"),
                    None,
                ),
            );
        }
        Event::StreamerLate { message } => {
            running(session);
            streamer_down(session, "Late", message);
        }
        Event::StreamerRestarted { reason } => streamer_down(session, "Restarting", reason),
        Event::SoundFailed { message } => set(
            session,
            condition(
                "SoundReady",
                false,
                "SoundFailed",
                message,
                Some(Code::SoundFailed),
            ),
        ),
        Event::Failed { code, message } => {
            end(session, Phase::Failed, "Failed", message, Some(*code))
        }
        Event::Ended {
            cause: EndCause::Asked,
        } => {
            end(
                session,
                Phase::Terminated,
                "Ended",
                "the session was ended",
                None,
            );
        }
        Event::Ended {
            cause: EndCause::Hibernated,
        } => {
            let message = "its programs have ended, its home is kept; open it to start it again";
            end(session, Phase::Hibernated, "Hibernated", message, None);
        }
        Event::Ended {
            cause: EndCause::Program { status },
        } => {
            session
                .metadata
                .labels
                .insert(EXIT_STATUS_LABEL.into(), status.to_string());
            let message = format!("the program ended with exit status {status}");
            end(session, Phase::Terminated, "ProgramEnded", message, None);
        }
    }
}

/// Whether the session can be seen from this event on.
pub(crate) fn is_up(event: &Event) -> bool {
    matches!(event, Event::Ready { .. } | Event::StreamerLate { .. })
}

/// The server that ran the session went away.
pub(crate) fn server_stopped(session: &mut Session) {
    count_on(session);
    let message = "the server that ran the session stopped; start it again from the catalog";
    end(session, Phase::Terminated, "ServerStopped", message, None);
}

/// Somebody did something in the session.
pub(crate) fn active(session: &mut Session, now: Timestamp) {
    count_on(session);
    status(session).last_activity = Some(now);
}

/// The session has reached a limit of its own; nothing is carried out yet.
pub(crate) fn expired(session: &mut Session, action: Action) {
    count_on(session);
    let why = lifecycle::expired(&session.spec, action);
    if action == Action::Hibernate {
        session.spec.state = DesiredState::Hibernated;
    }
    set(session, why);
}

/// A session that hibernates, whatever happened while it went to sleep.
pub(crate) fn hibernated(session: &mut Session) {
    let cause = EndCause::Hibernated;
    apply(session, &Event::Ended { cause });
}

fn running(session: &mut Session) {
    status(session).phase = Phase::Running;
    set(
        session,
        condition("Ready", true, "Running", "the display can be seen", None),
    );
}

fn streamer_down(session: &mut Session, reason: &str, message: &str) {
    let code = Some(Code::StreamerUnreachable);
    set(
        session,
        condition("StreamerReady", false, reason, message, code),
    );
}

fn end(
    session: &mut Session,
    phase: Phase,
    reason: &str,
    message: impl Into<String>,
    code: Option<Code>,
) {
    let status = status(session);
    status.phase = phase;
    status.processes = None;
    status
        .conditions
        .retain(|condition| ["Ready", lifecycle::EXPIRED].contains(&condition.r#type.as_str()));
    set(session, condition("Ready", false, reason, message, code));
}

fn status(session: &mut Session) -> &mut SessionStatus {
    session.status.get_or_insert_default()
}

/// There is one condition of each type.
fn set(session: &mut Session, condition: Condition) {
    let conditions = &mut status(session).conditions;
    match conditions
        .iter_mut()
        .find(|other| other.r#type == condition.r#type)
    {
        Some(other) => *other = condition,
        None => conditions.push(condition),
    }
}

fn condition(
    r#type: &str,
    so: bool,
    reason: &str,
    message: impl Into<String>,
    code: Option<Code>,
) -> Condition {
    Condition {
        r#type: r#type.into(),
        status: if so { "True" } else { "False" }.into(),
        reason: reason.into(),
        message: message.into(),
        code,
    }
}

/// Whether a session has processes.
pub(crate) fn is_alive(session: &Session) -> bool {
    match phase(session) {
        Phase::Pending | Phase::Running => true,
        Phase::Hibernated | Phase::Failed | Phase::Terminated => false,
    }
}

pub(crate) fn phase(session: &Session) -> Phase {
    session
        .status
        .as_ref()
        .map(|status| status.phase)
        .unwrap_or_default()
}

pub(crate) fn processes(session: &Session) -> Option<&Processes> {
    session.status.as_ref()?.processes.as_ref()
}

#[cfg(test)]
mod tests {
    use streamspace_resources::SessionSpec;

    use super::*;

    fn after(events: &[Event]) -> Session {
        let mut session = Session::new(
            "a".into(),
            SessionSpec::default(),
            jiff::Timestamp::UNIX_EPOCH,
        );
        pending(&mut session, Timestamp::UNIX_EPOCH);
        for event in events {
            apply(&mut session, event);
        }
        session
    }

    fn reasons(session: &Session) -> Vec<(&str, &str, &str)> {
        let conditions = &session.status.as_ref().expect("a status").conditions;
        conditions
            .iter()
            .map(|c| (c.r#type.as_str(), c.status.as_str(), c.reason.as_str()))
            .collect()
    }

    fn ready() -> Event {
        Event::Ready {
            encoder: "x264enc".into(),
            reason: "the only one".into(),
        }
    }

    fn late() -> Event {
        Event::StreamerLate {
            message: "slow".into(),
        }
    }

    #[test]
    fn a_session_runs_when_its_streamer_is_ready_or_when_that_takes_too_long() {
        assert_eq!(phase(&after(&[])), Phase::Pending);
        let session = after(&[ready()]);
        assert_eq!(phase(&session), Phase::Running);
        assert_eq!(
            reasons(&session),
            [
                ("Ready", "True", "Running"),
                ("StreamerReady", "True", "Encoding")
            ]
        );
        let session = after(&[late()]);
        assert_eq!(phase(&session), Phase::Running);
        assert_eq!(reasons(&session)[1], ("StreamerReady", "False", "Late"));
        assert_eq!(
            reasons(&after(&[late(), ready()]))[1],
            ("StreamerReady", "True", "Encoding")
        );
    }

    #[test]
    fn a_streamer_that_restarts_leaves_the_session_running() {
        let session = after(&[
            ready(),
            Event::StreamerRestarted {
                reason: "signal 11".into(),
            },
        ]);
        assert_eq!(phase(&session), Phase::Running);
        assert_eq!(
            reasons(&session)[1],
            ("StreamerReady", "False", "Restarting")
        );
    }

    #[test]
    fn an_ended_session_has_no_processes_and_tells_why_it_ended() {
        let started = Event::Started {
            processes: Processes {
                supervisor: 7,
                ..Processes::default()
            },
        };
        let ended = |cause| after(&[started.clone(), ready(), Event::Ended { cause }]);
        let by_program = ended(EndCause::Program { status: 3 });
        assert_eq!(by_program.metadata.labels[EXIT_STATUS_LABEL], "3");
        assert_eq!(processes(&by_program), None);
        assert_eq!(reasons(&by_program), [("Ready", "False", "ProgramEnded")]);
        assert_eq!(
            reasons(&ended(EndCause::Asked)),
            [("Ready", "False", "Ended")]
        );
        assert!(!is_alive(&by_program));
    }

    #[test]
    fn why_a_session_expired_stands_beside_that_it_ended_until_it_is_woken() {
        let mut session = after(&[ready()]);
        expired(&mut session, Action::Hibernate);
        assert_eq!(session.spec.state, DesiredState::Hibernated);
        hibernated(&mut session);
        assert_eq!(
            reasons(&session),
            [
                ("Ready", "False", "Hibernated"),
                ("Expired", "True", "IdleTimeout")
            ]
        );
        pending(&mut session, Timestamp::UNIX_EPOCH);
        assert_eq!(reasons(&session), [("Ready", "False", "Starting")]);
    }

    #[test]
    fn a_failure_keeps_its_code() {
        let failed = Event::Failed {
            code: Code::DisplayFailed,
            message: "no X server".into(),
        };
        let session = after(&[failed]);
        assert_eq!(phase(&session), Phase::Failed);
        let status = session.status.expect("a status");
        assert_eq!(status.conditions[0].code, Some(Code::DisplayFailed));
    }
}
