//! How much somebody may have.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// Upper bounds; what is left out is bounded elsewhere, or not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Quota {
    /// Sessions at a time, also those that hibernate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u32>,
    /// Sessions that start or run at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<u32>,
    /// Hours of running sessions in a calendar month (UTC), those of all sessions together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours_a_month: Option<u32>,
}

/// The name of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Bound {
    Sessions,
    Running,
    HoursAMonth,
}

/// By hand: a type of which every field may be missing would be read from a list, too.
impl<'de> Deserialize<'de> for Quota {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bounds = BTreeMap::<Bound, Option<u32>>::deserialize(deserializer)?;
        let bound = |name| bounds.get(&name).copied().flatten();
        Ok(Self {
            sessions: bound(Bound::Sessions),
            running: bound(Bound::Running),
            hours_a_month: bound(Bound::HoursAMonth),
        })
    }
}

impl Quota {
    /// Each bound of this one, and of `otherwise` where this one has none.
    #[must_use]
    pub fn or(self, otherwise: Self) -> Self {
        Self {
            sessions: self.sessions.or(otherwise.sessions),
            running: self.running.or(otherwise.running),
            hours_a_month: self.hours_a_month.or(otherwise.hours_a_month),
        }
    }

    /// The larger of each bound that either has: who is in two groups may what the more generous one
    /// allows.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self {
            sessions: self.sessions.max(other.sessions),
            running: self.running.max(other.running),
            hours_a_month: self.hours_a_month.max(other.hours_a_month),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(sessions: Option<u32>, running: Option<u32>) -> Quota {
        Quota {
            sessions,
            running,
            hours_a_month: None,
        }
    }

    #[test]
    fn a_quota_is_an_object_of_bounds_that_there_are() {
        let read = |text: &str| serde_json::from_str::<Quota>(text).ok();
        assert_eq!(
            read(r#"{"sessions":1,"running":null}"#),
            Some(quota(Some(1), None))
        );
        let written = serde_json::to_string(&Quota {
            hours_a_month: Some(3),
            ..Quota::default()
        });
        assert_eq!(
            read(&written.expect("numbers")).and_then(|quota| quota.hours_a_month),
            Some(3)
        );
        for odd in [
            "[null,null]",
            "[]",
            r#"{"hours":1}"#,
            r#"{"sessions":-1}"#,
            "1",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_bound_of_its_own_comes_first_and_the_more_generous_group_next() {
        let own = quota(Some(1), None);
        let groups = quota(Some(5), Some(2)).most(quota(None, Some(4)));
        let default = quota(Some(9), Some(9));
        assert_eq!(own.or(groups).or(default), quota(Some(1), Some(4)));
        assert_eq!(quota(None, None).or(default), default);
    }
}
