//! Bodies of the HTTP API that are no objects themselves.

use serde::{Deserialize, Serialize};
use streamspace_protocol::{Problem, Role, SessionId};

use crate::{DesiredState, Display, Session, SessionSpec, Template, TimeSpan};

/// Body of `POST /api/v1/sessions`: what to run; the server fills in the rest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NewSession {
    /// A template's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Program and arguments, in place of a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1), inner(regex(pattern = r"^[^\x00]*$")))
    )]
    pub command: Option<Vec<String>>,
    /// Where `command` starts; an absolute path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<Display>,
    /// In place of the template's or the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<TimeSpan>,
    /// In place of the template's or the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_session_duration: Option<TimeSpan>,
    /// Words to find it by.
    #[cfg_attr(
        feature = "schema",
        schemars(length(max = 20), inner(length(min = 1, max = 64)))
    )]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl NewSession {
    /// What this user wants by it.
    #[must_use]
    pub fn into_spec(self, user: &str) -> SessionSpec {
        SessionSpec {
            user: user.into(),
            template: self.template,
            command: self.command,
            working_directory: self.working_directory,
            display: self.display.unwrap_or_default(),
            tags: self.tags,
            idle_timeout: self.idle_timeout,
            max_session_duration: self.max_session_duration,
            ..SessionSpec::default()
        }
    }
}

/// Body of `PATCH /api/v1/sessions/{id}` (RFC 7396): what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SessionChange {
    /// In place of all that it has.
    #[cfg_attr(
        feature = "schema",
        schemars(length(max = 20), inner(length(min = 1, max = 64)))
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Whose it is from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Hibernated: its programs end, its home stays. Running: it is started again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DesiredState>,
}

impl SessionChange {
    /// The session as it is wanted after the change.
    #[must_use]
    pub fn apply_to(&self, spec: &SessionSpec) -> SessionSpec {
        let Self { tags, user, state } = self.clone();
        let mut changed = spec.clone();
        changed.tags = tags.unwrap_or(changed.tags);
        changed.user = user.unwrap_or(changed.user);
        changed.state = state.unwrap_or(changed.state);
        changed
    }
}

/// Body of `POST /api/v1/sessions/batch`: one thing done to many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Batch {
    pub action: BatchAction,
    /// At most 100.
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    pub sessions: Vec<SessionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum BatchAction {
    End,
    Hibernate,
    Wake,
}

/// Answer of `POST /api/v1/sessions/batch`: one for each session, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BatchAnswer {
    pub items: Vec<BatchItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BatchItem {
    pub session: SessionId,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// Body of `POST /api/v1/sessions/{id}/connect`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConnectRequest {
    /// The role asked for; the highest that there is to have if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The name by which the others see this person; the account's if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Answer of `GET /api/v1/sessions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionList {
    pub items: Vec<Session>,
    /// Where there are more: the `after` of the next request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Answer of `GET /api/v1/templates`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Catalog {
    pub items: Vec<Template>,
    /// Files that hold no usable template.
    pub problems: Vec<CatalogProblem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogProblem {
    pub file: String,
    pub message: String,
}
