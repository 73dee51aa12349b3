//! People and groups of a cluster: what they may have at a time, and for how long.
//!
//! A person without a `User` object is in no group, and only the cluster's own limits hold.

use serde::{Deserialize, Serialize};

use crate::{TimeSpan, quantity::thousandths};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "crd",
    derive(kube::CustomResource),
    kube(
        group = "stream.space",
        version = "v1alpha1",
        kind = "User",
        root = "UserResource",
        shortname = "usr",
        namespaced,
        printcolumn = r#"{"name":"Groups","type":"string","jsonPath":".spec.groups"}"#,
        printcolumn = r#"{"name":"Running","type":"integer","jsonPath":".spec.limits.running"}"#,
        printcolumn = r#"{"name":"Priority","type":"integer","jsonPath":".spec.priority"}"#
    )
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserSpec {
    /// What sessions carry as `user`; the object's own name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 256)))]
    pub name: Option<String>,
    /// Names of `Group` objects; one that there is not brings nothing.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 64)))]
    pub groups: Vec<String>,
    /// Each in place of what the groups say of their members.
    #[serde(default)]
    pub limits: Limits,
    /// Who has more goes first in the queue; the most of the groups' if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = -1000, max = 1000)))]
    pub priority: Option<i32>,
    #[serde(default)]
    pub times: Times,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeSpec>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "crd",
    derive(kube::CustomResource),
    kube(
        group = "stream.space",
        version = "v1alpha1",
        kind = "Group",
        root = "GroupResource",
        shortname = "grp",
        namespaced,
        printcolumn = r#"{"name":"Running","type":"integer","jsonPath":".spec.limits.running"}"#,
        printcolumn = r#"{"name":"Priority","type":"integer","jsonPath":".spec.priority"}"#
    )
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupSpec {
    /// What all members may have together.
    #[serde(default)]
    pub limits: Limits,
    /// What each member may have; of several groups, the most generous.
    #[serde(default)]
    pub member_limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = -1000, max = 1000)))]
    pub priority: Option<i32>,
    #[serde(default)]
    pub times: Times,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeSpec>,
}

/// Upper bounds of what runs at a time; what is left out is not bounded here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Sessions that start or run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<u32>,
    /// Cores that their programs ask for, as Kubernetes writes amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = crate::quantity::PATTERN)))]
    pub cpu: Option<String>,
    /// Memory that their programs ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = crate::quantity::PATTERN)))]
    pub memory: Option<String>,
}

/// The longest that sessions get, whatever they or their templates say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Times {
    /// Until they hibernate, after the last input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = crate::duration::PATTERN, "minLength" = 2)))]
    pub idle_timeout: Option<TimeSpan>,
    /// Until they end, after their start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = crate::duration::PATTERN, "minLength" = 2)))]
    pub max_session_duration: Option<TimeSpan>,
}

/// The volume of a person's sessions with `persistentHome`, when it is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HomeSpec {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = crate::quantity::PATTERN)))]
    pub size: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// Whether it goes with the `User` object.
    #[serde(default)]
    pub delete_with_user: bool,
}

impl Limits {
    /// Each bound of this one, and of `otherwise` where this one has none.
    #[must_use]
    pub fn or(&self, otherwise: &Self) -> Self {
        Self {
            running: self.running.or(otherwise.running),
            cpu: self.cpu.clone().or_else(|| otherwise.cpu.clone()),
            memory: self.memory.clone().or_else(|| otherwise.memory.clone()),
        }
    }

    /// The larger of each bound that either has.
    #[must_use]
    pub fn most(&self, other: &Self) -> Self {
        let larger = |one: &Option<String>, other: &Option<String>| {
            let amount = |text: &String| thousandths(text).unwrap_or_default();
            one.iter()
                .chain(other)
                .max_by_key(|&text| amount(text))
                .cloned()
        };
        Self {
            running: self.running.max(other.running),
            cpu: larger(&self.cpu, &other.cpu),
            memory: larger(&self.memory, &other.memory),
        }
    }
}

impl Times {
    /// The shorter of each time that either has.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        Self {
            idle_timeout: shorter(self.idle_timeout, other.idle_timeout),
            max_session_duration: shorter(self.max_session_duration, other.max_session_duration),
        }
    }
}

/// The shorter of the times that there are.
#[must_use]
fn shorter(one: Option<TimeSpan>, other: Option<TimeSpan>) -> Option<TimeSpan> {
    one.into_iter().chain(other).min_by_key(|span| span.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_limit_comes_first_and_the_more_generous_group_next() {
        let limits = |running, cpu: Option<&str>| Limits {
            running,
            cpu: cpu.map(Into::into),
            memory: None,
        };
        let groups = limits(Some(2), Some("1500m")).most(&limits(Some(1), Some("2")));
        assert_eq!(groups, limits(Some(2), Some("2")));
        assert_eq!(
            limits(Some(5), None).or(&groups),
            limits(Some(5), Some("2"))
        );
    }

    #[test]
    fn the_shortest_time_holds() {
        let times = |idle: Option<u64>| Times {
            idle_timeout: idle.map(TimeSpan::from_secs),
            max_session_duration: None,
        };
        assert_eq!(times(Some(9)).least(times(Some(5))), times(Some(5)));
        assert_eq!(times(None).least(times(Some(5))), times(Some(5)));
    }
}
