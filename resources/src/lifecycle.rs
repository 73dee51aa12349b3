//! When a session hibernates or ends by itself: rules for whoever runs it, without a clock.
//!
//! ```text
//! startedAt ───────────── maxSessionDuration ─────────────▶ End
//!    lastActivity ── idleTimeout ──▶ Hibernate
//!         ▲ input of a viewer with control, or a client's heartbeat
//! ```
//!
//! A program that runs without anybody there counts as idle, and so does one that is only watched.

use jiff::{SignedDuration, Timestamp};

use crate::{Condition, Phase, SessionSpec, SessionStatus, TimeSpan};

/// The type of the condition that tells why a session came to its end.
pub const EXPIRED: &str = "Expired";

/// The least time between two writings of `lastActivity`, unless a session is to hibernate soon.
const WRITE_INTERVAL: SignedDuration = SignedDuration::from_mins(1);
/// The part of its idle time by which a session's `lastActivity` may be behind: so much earlier it may hibernate.
const IDLE_PARTS: i32 = 4;

/// What is to be done with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Its processes end, its home stays.
    Hibernate,
    End,
}

/// What is to be done now, or when to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Now(Action),
    At(Timestamp),
    Never,
}

/// What is due of a session. Only one that runs can be due.
pub fn due(spec: &SessionSpec, status: &SessionStatus, now: Timestamp) -> Due {
    match status.phase {
        Phase::Pending | Phase::Running => {}
        Phase::Hibernated | Phase::Failed | Phase::Terminated => return Due::Never,
    }
    let end = expiry(status.started_at, spec.max_session_duration);
    let active = status.last_activity.max(status.started_at);
    let sleep = expiry(active, spec.idle_timeout);
    let is_past = |moment: Option<Timestamp>| moment.is_some_and(|moment| moment <= now);
    if is_past(end) {
        Due::Now(Action::End)
    } else if is_past(sleep) {
        Due::Now(Action::Hibernate)
    } else {
        end.into_iter()
            .chain(sleep)
            .min()
            .map_or(Due::Never, Due::At)
    }
}

/// Whether activity at `now` is to be written into the status.
pub fn is_activity_due(spec: &SessionSpec, status: &SessionStatus, now: Timestamp) -> bool {
    let written = status.last_activity.max(status.started_at);
    let interval = match spec.idle_timeout {
        Some(idle) => (signed(idle) / IDLE_PARTS).min(WRITE_INTERVAL),
        None => WRITE_INTERVAL,
    };
    written.is_none_or(|written| now.duration_since(written) >= interval)
}

/// Why the session comes to its end; beside `Ready`, which tells that it did.
pub fn expired(spec: &SessionSpec, action: Action) -> Condition {
    let (reason, message) = match action {
        Action::Hibernate => ("IdleTimeout", idle_message(spec.idle_timeout)),
        Action::End => ("MaxSessionDuration", age_message(spec.max_session_duration)),
    };
    Condition {
        r#type: EXPIRED.into(),
        status: "True".into(),
        reason: reason.into(),
        message,
        code: None,
    }
}

fn idle_message(limit: Option<TimeSpan>) -> String {
    let limit = limit.map_or_else(String::new, |limit| format!(" for {limit}"));
    format!("nobody used it{limit}; its home is kept, open it to start it again")
}

fn age_message(limit: Option<TimeSpan>) -> String {
    let limit = limit.map_or_else(String::new, |limit| format!(" {limit}"));
    format!("it ran{limit}, as long as it may; start another one")
}

/// Nothing if that time is never reached.
fn expiry(from: Option<Timestamp>, span: Option<TimeSpan>) -> Option<Timestamp> {
    from?.checked_add(signed(span?)).ok()
}

fn signed(span: TimeSpan) -> SignedDuration {
    SignedDuration::try_from(span.get()).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn spec(idle: Option<u64>, longest: Option<u64>) -> SessionSpec {
        SessionSpec {
            idle_timeout: idle.map(TimeSpan::from_secs),
            max_session_duration: longest.map(TimeSpan::from_secs),
            ..SessionSpec::default()
        }
    }

    fn running(started: i64, active: Option<i64>) -> SessionStatus {
        SessionStatus {
            phase: Phase::Running,
            started_at: Some(at(started)),
            last_activity: active.map(at),
            ..SessionStatus::default()
        }
    }

    #[test]
    fn a_session_hibernates_after_its_idle_time_and_ends_at_its_age() {
        use Action::{End, Hibernate};
        let both = spec(Some(60), Some(100));
        for (spec, status, now, expected) in [
            (
                &spec(None, None),
                running(0, Some(0)),
                1_000_000,
                Due::Never,
            ),
            (&both, running(0, None), 59, Due::At(at(60))),
            (&both, running(0, None), 60, Due::Now(Hibernate)),
            (&both, running(0, Some(30)), 60, Due::At(at(90))),
            (&both, running(0, Some(50)), 60, Due::At(at(100))),
            (&both, running(0, Some(99)), 100, Due::Now(End)),
            (&both, running(0, None), 100, Due::Now(End)),
            // Woken later than anybody last did something.
            (&both, running(500, Some(30)), 520, Due::At(at(560))),
        ] {
            assert_eq!(due(spec, &status, at(now)), expected, "{status:?} at {now}");
        }
    }

    #[test]
    fn what_does_not_run_is_never_due() {
        for phase in [Phase::Hibernated, Phase::Failed, Phase::Terminated] {
            let status = SessionStatus {
                phase,
                ..running(0, None)
            };
            assert_eq!(due(&spec(Some(1), Some(1)), &status, at(100)), Due::Never);
        }
    }

    #[test]
    fn activity_is_written_once_a_minute_or_often_enough_to_decide_by() {
        for (idle, now, expected) in [
            (None, 59, false),
            (None, 60, true),
            (Some(3600), 59, false),
            (Some(8), 1, false),
            (Some(8), 2, true),
        ] {
            let is_due = is_activity_due(&spec(idle, None), &running(0, None), at(now));
            assert_eq!(is_due, expected, "{idle:?} at {now}");
        }
        let unknown = SessionStatus::default();
        assert!(is_activity_due(&spec(None, None), &unknown, at(0)));
    }

    #[test]
    fn the_condition_names_the_limit() {
        let spec = spec(Some(1800), Some(8 * 3600));
        let idle = expired(&spec, Action::Hibernate);
        assert_eq!(
            (idle.reason.as_str(), idle.message.contains("30m")),
            ("IdleTimeout", true)
        );
        let old = expired(&spec, Action::End);
        assert_eq!(
            (old.reason.as_str(), old.message.contains("8h")),
            ("MaxSessionDuration", true)
        );
    }

    proptest! {
        #[test]
        fn who_looks_again_when_told_finds_something_due(
            idle in proptest::option::of(any::<u64>()),
            longest in proptest::option::of(any::<u64>()),
            started in 0..1_000_000_000i64,
            active in proptest::option::of(0..1_000_000_000i64),
            now in 0..1_000_000_000i64,
        ) {
            let (spec, status) = (spec(idle, longest), running(started, active));
            if let Due::At(then) = due(&spec, &status, at(now)) {
                prop_assert!(then > at(now));
                prop_assert!(matches!(due(&spec, &status, then), Due::Now(_)));
            }
        }
    }
}
