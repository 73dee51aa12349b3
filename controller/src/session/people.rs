//! What holds for a person: of their own object, and of their groups'.

use std::collections::HashMap;

use streamspace_resources::{GroupSpec, HomeSpec, Limits, Times, UserSpec};

use super::queue::{Bounds, Scope};

/// All that is known of people, when it was last looked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct People(HashMap<String, Policy>);

/// What holds for one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Name and uid of their object, which there is if any of this says something.
    pub(crate) object: Option<(String, String)>,
    pub(crate) groups: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) priority: i32,
    pub(crate) times: Times,
    pub(crate) home: HomeSpec,
}

/// A user's object: its name, its uid, and what it says.
pub(crate) type User<'a> = (&'a str, &'a str, &'a UserSpec);

impl People {
    pub(crate) fn new<'a>(
        users: impl IntoIterator<Item = User<'a>>,
        groups: &HashMap<&str, &GroupSpec>,
    ) -> Self {
        let mut users: Vec<_> = users.into_iter().collect();
        // Of two objects for one person the same one holds each time.
        users.sort_by_key(|(name, ..)| *name);
        let mut people = HashMap::new();
        for (object, uid, user) in users {
            let name = user.name.as_deref().unwrap_or(object);
            people
                .entry(name.to_owned())
                .or_insert_with(|| policy((object, uid, user), groups));
        }
        Self(people)
    }

    pub(crate) fn of(&self, user: &str) -> Policy {
        self.0.get(user).cloned().unwrap_or_default()
    }

    /// The limits of all people and groups.
    pub(crate) fn bounds(&self, groups: &HashMap<&str, &GroupSpec>) -> Bounds {
        let mut bounds = Bounds::default();
        for (name, policy) in &self.0 {
            bounds.set(&Scope::Person(name.clone()), &policy.limits);
        }
        for (name, group) in groups {
            bounds.set(&Scope::Group((*name).to_owned()), &group.limits);
        }
        bounds
    }
}

fn policy((object, uid, user): User<'_>, groups: &HashMap<&str, &GroupSpec>) -> Policy {
    let known: Vec<&GroupSpec> = user
        .groups
        .iter()
        .filter_map(|name| groups.get(name.as_str()).copied())
        .collect();
    let member_limits = known.iter().fold(Limits::default(), |most, group| {
        most.most(&group.member_limits)
    });
    let priority = known.iter().filter_map(|group| group.priority).max();
    let times = known
        .iter()
        .fold(user.times, |least, group| least.least(group.times));
    let home = user.home.clone();
    Policy {
        object: Some((object.to_owned(), uid.to_owned())),
        groups: user.groups.clone(),
        limits: user.limits.or(&member_limits),
        priority: user.priority.or(priority).unwrap_or_default(),
        times,
        home: home
            .or_else(|| known.iter().find_map(|group| group.home.clone()))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_says_comes_before_what_groups_say() {
        let group = |running, priority| GroupSpec {
            member_limits: Limits {
                running: Some(running),
                ..Limits::default()
            },
            priority: Some(priority),
            ..GroupSpec::default()
        };
        let (staff, guests) = (group(5, 10), group(1, -10));
        let groups = HashMap::from([("staff", &staff), ("guests", &guests)]);
        let user = |own: Option<i32>| UserSpec {
            name: Some("Ada L.".into()),
            groups: ["guests", "staff", "gone"].map(Into::into).into(),
            priority: own,
            ..UserSpec::default()
        };
        let (own, none) = (user(Some(3)), user(None));
        let people = People::new([("ada", "u1", &own)], &groups);
        assert_eq!(people.of("Ada L.").priority, 3);
        assert_eq!(people.of("Ada L.").limits.running, Some(5));
        assert_eq!(people.of("ada"), Policy::default());
        let people = People::new([("zoe", "u2", &own), ("ada", "u1", &none)], &groups);
        assert_eq!(people.of("Ada L.").priority, 10);
    }
}
