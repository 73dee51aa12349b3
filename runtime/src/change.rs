//! Changes that people make to a session, as values.

use std::sync::Arc;

use streamspace_api::{BackendError, Expected};
use streamspace_resources::{Session, SessionChange};
use tokio::sync::{oneshot, watch};

use crate::status;

/// A change on its way to the task that owns the session.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) change: SessionChange,
    pub(crate) expected: Expected,
    pub(crate) reply: oneshot::Sender<Result<Session, BackendError>>,
}

/// The session as it is after the change; nothing is carried out yet.
///
/// # Errors
/// It is another version than expected, or would not be valid.
pub(crate) fn changed(
    session: &Session,
    change: &SessionChange,
    expected: &Expected,
) -> Result<Session, BackendError> {
    if !expected.holds(session.metadata.resource_version.as_deref()) {
        return Err(BackendError::Changed);
    }
    let mut changed = session.clone();
    changed.spec = change.apply_to(&session.spec);
    changed
        .spec
        .validate()
        .map_err(|error| BackendError::Invalid(error.to_string()))?;
    if changed.spec != session.spec {
        status::count_on(&mut changed);
    }
    Ok(changed)
}

/// Counts the changes of all sessions, for those who wait for one. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Changes(Arc<watch::Sender<u64>>);

impl Default for Changes {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Changes {
    pub(crate) fn note(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use streamspace_resources::{DesiredState, SessionSpec};

    use super::*;

    fn session() -> Session {
        let spec = SessionSpec {
            user: "ann".into(),
            template: Some("xterm".into()),
            tags: vec!["a".into()],
            ..SessionSpec::default()
        };
        let mut session = Session::new("desk".into(), spec, jiff::Timestamp::UNIX_EPOCH);
        status::pending(&mut session, jiff::Timestamp::UNIX_EPOCH);
        session
    }

    fn version(session: &Session) -> String {
        session
            .metadata
            .resource_version
            .clone()
            .expect("a version")
    }

    #[test]
    fn what_is_left_out_stays_and_what_changes_has_a_new_version() {
        let before = session();
        let nothing = changed(&before, &SessionChange::default(), &Expected::Any);
        assert_eq!(nothing.expect("the same"), before);
        let tags = SessionChange {
            tags: Some(Vec::new()),
            ..SessionChange::default()
        };
        let after = changed(&before, &tags, &Expected::Any).expect("changed");
        assert_eq!(after.spec.tags, [""; 0]);
        assert_eq!(after.spec.user, "ann");
        assert_ne!(version(&after), version(&before));
    }

    #[test]
    fn another_version_than_expected_and_what_is_not_valid_change_nothing() {
        let before = session();
        let asleep = SessionChange {
            state: Some(DesiredState::Hibernated),
            ..SessionChange::default()
        };
        let other = Expected::Versions(vec!["x".into()]);
        let refused = changed(&before, &asleep, &other);
        assert!(matches!(refused, Err(BackendError::Changed)), "{refused:?}");
        let same = Expected::Versions(vec![version(&before)]);
        assert!(changed(&before, &asleep, &same).is_ok());
        let odd = SessionChange {
            tags: Some(vec![String::new()]),
            ..SessionChange::default()
        };
        let refused = changed(&before, &odd, &Expected::Any);
        assert!(
            matches!(refused, Err(BackendError::Invalid(_))),
            "{refused:?}"
        );
    }
}
