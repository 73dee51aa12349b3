//! Whether somebody may have one more session, or run one more.

use jiff::Timestamp;
use streamspace_resources::{Phase, Quota, Session};
use tokio::{
    sync::MutexGuard,
    time::{Instant, MissedTickBehavior, interval_at},
};

use crate::{Api, ApiError, UserError, accounts::usage::LOOK};

/// What somebody wants more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    /// Another session, which runs.
    Session,
    /// One of their sessions is to run.
    Running,
    /// Somebody hands over one of theirs.
    Another(Phase),
}

/// What somebody has at this time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) sessions: u32,
    pub(crate) running: u32,
}

impl Held {
    pub(crate) fn of<'a>(user: &str, sessions: impl IntoIterator<Item = &'a Session>) -> Self {
        let mut held = Self::default();
        for session in sessions
            .into_iter()
            .filter(|session| session.spec.user == user)
        {
            let phase = phase(session);
            held.sessions += u32::from(exists(phase));
            held.running += u32::from(runs(phase));
        }
        held
    }
}

fn phase(session: &Session) -> Phase {
    session
        .status
        .as_ref()
        .map(|status| status.phase)
        .unwrap_or_default()
}

/// One that failed takes nothing up.
fn exists(phase: Phase) -> bool {
    runs(phase) || phase == Phase::Hibernated
}

fn runs(phase: Phase) -> bool {
    matches!(phase, Phase::Pending | Phase::Running)
}

/// Why somebody cannot have more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    #[error(
        "{most} sessions are all that the quota allows, hibernated ones included; end one first"
    )]
    Sessions { most: u32 },
    #[error("{most} running sessions are all that the quota allows; end or hibernate one first")]
    Running { most: u32 },
    #[error("the {most} hours of running sessions that the quota allows this month are used up")]
    Hours { most: u32 },
}

fn check(quota: Quota, held: Held, seconds: u64, more: More) -> Result<(), Exceeded> {
    let (adds, is_to_run) = match more {
        More::Session => (true, true),
        More::Running => (false, true),
        More::Another(phase) => (exists(phase), runs(phase)),
    };
    match quota {
        Quota {
            sessions: Some(most),
            ..
        } if adds && held.sessions >= most => Err(Exceeded::Sessions { most }),
        Quota {
            running: Some(most),
            ..
        } if is_to_run && held.running >= most => Err(Exceeded::Running { most }),
        Quota {
            hours_a_month: Some(most),
            ..
        } if is_to_run && seconds >= u64::from(most) * 3600 => Err(Exceeded::Hours { most }),
        _ => Ok(()),
    }
}

/// Refuses what the user's quota does not allow. What it allows has to be done while the guard is held, so
/// that of two requests at once both count.
pub(crate) async fn admit<'a>(
    api: &'a Api,
    user: &str,
    more: More,
) -> Result<MutexGuard<'a, ()>, ApiError> {
    let guard = api.admissions().lock().await;
    let quota = match api.accounts().quota(user).await {
        Ok(quota) => quota,
        // Nobody has given quotas to whoever is no longer a user.
        Err(UserError::Unknown) => Quota::default(),
        Err(error) => return Err(error.into()),
    };
    if quota == Quota::default() {
        return Ok(guard);
    }
    let held = Held::of(user, &api.backend().sessions().await?);
    let time = api.accounts().run_time(user, Timestamp::now()).await?;
    check(quota, held, time.as_secs(), more)?;
    Ok(guard)
}

/// Looks now and then which sessions run, and takes it down; never ready.
pub(crate) async fn keep_usage(api: &Api) -> std::convert::Infallible {
    let mut looks = interval_at(Instant::now() + LOOK, LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = look(api).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "usage cannot be taken down"
            );
        }
    }
}

async fn look(api: &Api) -> Result<(), ApiError> {
    let now = Timestamp::now();
    for session in api.backend().sessions().await? {
        if phase(&session) == Phase::Running {
            let Session { metadata, spec, .. } = &session;
            api.accounts()
                .note_run(&metadata.name, &spec.user, now)
                .await?;
        }
    }
    Ok(api.accounts().forget_runs(now).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_holds_for_what_it_is_about() {
        let quota = Quota {
            sessions: Some(3),
            running: Some(2),
            hours_a_month: Some(1),
        };
        let held = |sessions, running| Held { sessions, running };
        let hibernated = More::Another(Phase::Hibernated);
        for (held, seconds, more, expected) in [
            (held(2, 1), 3599, More::Session, Ok(())),
            (
                held(3, 1),
                0,
                More::Session,
                Err(Exceeded::Sessions { most: 3 }),
            ),
            (held(3, 1), 0, More::Running, Ok(())),
            (
                held(2, 2),
                0,
                More::Session,
                Err(Exceeded::Running { most: 2 }),
            ),
            (
                held(2, 2),
                0,
                More::Running,
                Err(Exceeded::Running { most: 2 }),
            ),
            (held(2, 2), 9999, hibernated, Ok(())),
            (
                held(3, 0),
                0,
                hibernated,
                Err(Exceeded::Sessions { most: 3 }),
            ),
            (held(3, 2), 0, More::Another(Phase::Failed), Ok(())),
            (
                held(0, 0),
                3600,
                More::Session,
                Err(Exceeded::Hours { most: 1 }),
            ),
        ] {
            assert_eq!(
                check(quota, held, seconds, more),
                expected,
                "{held:?} {more:?}"
            );
        }
        assert_eq!(
            check(Quota::default(), held(99, 99), 1 << 40, More::Session),
            Ok(())
        );
    }
}
