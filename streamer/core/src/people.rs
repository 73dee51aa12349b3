//! Who is here, and what each may do now.
//!
//! A ticket grants a role; owners change it while the session runs. What they have decided of a
//! person holds across connections and streamers, until the session ends. Guests choose by themselves what tells
//! them apart, so what is taken from one of them is also kept from strangers who come by the same
//! link: else a second browser would give it back.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use streamspace_protocol::{Person, PersonHere, PersonId, Role, ShareId, ViewerId, ViewerPath};

use crate::io::Expulsion;

/// The least time between two requests of one viewer for control.
const ASK_INTERVAL: Duration = Duration::from_secs(3);
/// The least time between two tellings of who is here.
const TELL_INTERVAL: Duration = Duration::from_millis(100);
/// Persons and links that are remembered; of more, decisions hold only while they are here.
const MOST_REMEMBERED: usize = 4096;
/// Links that are withdrawn; tokens that were made before live for seconds only.
const MOST_REVOKED: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct People {
    here: BTreeMap<ViewerId, Here>,
    decisions: Decisions,
    has_changed: bool,
    told: Option<Instant>,
}

/// What holds of persons whether they are here or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decisions {
    /// What owners have decided of persons.
    decided: BTreeMap<PersonId, Decision>,
    /// Guests who have been here; they are no strangers when they come again.
    known: BTreeSet<PersonId>,
    /// What strangers get by links of which something was taken from a guest.
    closed: BTreeMap<ShareId, Stranger>,
    revoked: VecDeque<ShareId>,
}

#[derive(Debug)]
struct Here {
    person: Person,
    granted: Role,
    /// Of this connection alone: a stranger's, or what a person has given to themselves in another
    /// window.
    chosen: Option<Role>,
    path: ViewerPath,
    asks: bool,
    asked: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Decision {
    Has(Role),
    HasToLeave,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Stranger {
    Watches,
    StaysOut,
}

impl People {
    /// As a streamer before this one has left it.
    pub(crate) fn remembering(decisions: Decisions) -> Self {
        Self {
            decisions,
            ..Self::default()
        }
    }

    pub(crate) fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// The role in which somebody may come in.
    pub(crate) fn admit(&self, person: &Person, granted: Role) -> Result<Role, Expulsion> {
        if let Some(share) = &person.share
            && self.decisions.revoked.contains(share)
        {
            return Err(Expulsion::ShareRevoked);
        }
        match self.decisions.decided.get(&person.id) {
            Some(Decision::HasToLeave) => return Err(Expulsion::Removed),
            Some(&Decision::Has(role)) => return Ok(role),
            None => {}
        }
        match self.stranger(person) {
            Some(Stranger::StaysOut) => Err(Expulsion::Removed),
            Some(Stranger::Watches) => Ok(Role::View),
            None => Ok(granted),
        }
    }

    fn stranger(&self, person: &Person) -> Option<Stranger> {
        let closed = self.decisions.closed.get(person.share.as_ref()?).copied();
        closed.filter(|_| !self.decisions.known.contains(&person.id))
    }

    pub(crate) fn join(
        &mut self,
        viewer: ViewerId,
        person: Person,
        granted: Role,
        path: ViewerPath,
    ) -> Result<(), Expulsion> {
        self.admit(&person, granted)?;
        let is_decided = self.decisions.decided.contains_key(&person.id);
        let is_stranger = !is_decided && self.stranger(&person).is_some();
        if person.share.is_some() && !is_stranger && self.decisions.known.len() < MOST_REMEMBERED {
            self.decisions.known.insert(person.id.clone());
        }
        let here = Here {
            person,
            granted,
            chosen: is_stranger.then_some(Role::View),
            path,
            asks: false,
            asked: None,
        };
        self.here.insert(viewer, here);
        self.has_changed = true;
        Ok(())
    }

    pub(crate) fn left(&mut self, viewer: ViewerId) {
        self.has_changed |= self.here.remove(&viewer).is_some();
    }

    pub(crate) fn role(&self, viewer: ViewerId) -> Option<Role> {
        self.here.get(&viewer).map(|here| self.role_of(here))
    }

    fn role_of(&self, here: &Here) -> Role {
        let decided = match self.decisions.decided.get(&here.person.id) {
            Some(&Decision::Has(role)) => Some(role),
            Some(Decision::HasToLeave) | None => None,
        };
        here.chosen.or(decided).unwrap_or(here.granted)
    }

    pub(crate) fn get(&self, viewer: ViewerId) -> Option<&Person> {
        self.here.get(&viewer).map(|here| &here.person)
    }

    pub(crate) fn is_anybody_with(&self, viewer: ViewerId) -> bool {
        self.here.keys().any(|&other| other != viewer)
    }

    /// A viewer asks for control.
    pub(crate) fn ask(&mut self, viewer: ViewerId, now: Instant) {
        if self.role(viewer) != Some(Role::View) {
            return;
        }
        let Some(here) = self.here.get_mut(&viewer) else {
            return;
        };
        let soon = |last| now.saturating_duration_since(last) < ASK_INTERVAL;
        if here.asks || here.asked.is_some_and(soon) {
            return;
        }
        here.asks = true;
        here.asked = Some(now);
        self.has_changed = true;
    }

    /// A viewer gives a role to another, or to itself; gives those whose role is another one now.
    pub(crate) fn set_role(&mut self, by: ViewerId, to: ViewerId, role: Role) -> Vec<ViewerId> {
        let before = self.roles();
        if by == to {
            self.set_own_role(by, role);
        } else if self.may_direct(by, to) {
            self.give_role(by, to, role);
        }
        let after = self.roles();
        let changed = |&(viewer, role): &(ViewerId, Role)| before.get(&viewer) != Some(&role);
        let changed = after.into_iter().filter(changed);
        changed.map(|(viewer, _)| viewer).collect()
    }

    fn roles(&self) -> BTreeMap<ViewerId, Role> {
        let role = |(&viewer, here)| (viewer, self.role_of(here));
        self.here.iter().map(role).collect()
    }

    /// Owners direct everyone but one another.
    fn may_direct(&self, by: ViewerId, to: ViewerId) -> bool {
        self.role(by) == Some(Role::Own)
            && (self.is_same_person(by, to) || self.role(to) < Some(Role::Own))
    }

    fn is_same_person(&self, one: ViewerId, other: ViewerId) -> bool {
        let id = |viewer| self.get(viewer).map(|person| &person.id);
        id(one) == id(other)
    }

    /// Control is given up; or a session that nobody owns any more falls back to one who owned it.
    fn set_own_role(&mut self, viewer: ViewerId, role: Role) {
        let Some(here) = self.here.get(&viewer) else {
            return;
        };
        let is = self.role_of(here);
        let gives_up = is == Role::Control && role == Role::View;
        let falls_back = role == Role::Own && here.granted == Role::Own && !self.has_owner();
        if gives_up || falls_back {
            let id = here.person.id.clone();
            self.decide(id, Decision::Has(role));
            self.answered(viewer);
        }
    }

    fn has_owner(&self) -> bool {
        self.here
            .values()
            .any(|here| self.role_of(here) == Role::Own)
    }

    fn give_role(&mut self, by: ViewerId, to: ViewerId, role: Role) {
        self.answered(to);
        if self.is_same_person(by, to) {
            if let Some(here) = self.here.get_mut(&to) {
                here.chosen = Some(role);
            }
            return;
        }
        let (Some(from), Some(person)) = (self.get(by).cloned(), self.get(to).cloned()) else {
            return;
        };
        if role == Role::View && self.role(to) > Some(Role::View) {
            self.close(person.share.as_ref(), Stranger::Watches);
        }
        if role == Role::Own {
            self.decide(from.id, Decision::Has(Role::Control));
        }
        self.decide(person.id, Decision::Has(role));
    }

    fn answered(&mut self, viewer: ViewerId) {
        if let Some(here) = self.here.get_mut(&viewer) {
            here.asks = false;
        }
        self.has_changed = true;
    }

    fn decide(&mut self, person: PersonId, decision: Decision) {
        for here in self.here.values_mut() {
            if here.person.id == person {
                here.chosen = None;
            }
        }
        if self.decisions.decided.len() >= MOST_REMEMBERED
            && !self.decisions.decided.contains_key(&person)
        {
            self.forget_one();
        }
        self.decisions.decided.insert(person, decision);
    }

    /// Makes room by forgetting someone who is not here.
    fn forget_one(&mut self) {
        let is_here = |id: &PersonId| self.here.values().any(|here| here.person.id == *id);
        let gone = self
            .decisions
            .decided
            .keys()
            .find(|id| !is_here(id))
            .cloned();
        if let Some(gone) = gone {
            self.decisions.decided.remove(&gone);
        }
    }

    /// What was closed stays closed.
    fn close(&mut self, share: Option<&ShareId>, stranger: Stranger) {
        let Some(share) = share else { return };
        let is_out = self.decisions.closed.get(share) == Some(&Stranger::StaysOut);
        if !is_out && self.decisions.closed.len() < MOST_REMEMBERED {
            self.decisions.closed.insert(share.clone(), stranger);
        }
    }

    /// An owner makes a person leave; gives all connections of theirs.
    pub(crate) fn remove(&mut self, by: ViewerId, viewer: ViewerId) -> Vec<ViewerId> {
        if by == viewer || !self.may_direct(by, viewer) {
            return Vec::new();
        }
        let Some(person) = self.get(viewer).cloned() else {
            return Vec::new();
        };
        if self.is_same_person(by, viewer) {
            return vec![viewer];
        }
        self.close(person.share.as_ref(), Stranger::StaysOut);
        self.decide(person.id.clone(), Decision::HasToLeave);
        self.all_who(|here| here.id == person.id)
    }

    /// A link is withdrawn; gives the guests who came by it.
    pub(crate) fn revoke(&mut self, share: ShareId) -> Vec<ViewerId> {
        let guests = self.all_who(|person| person.share.as_ref() == Some(&share));
        if self.decisions.revoked.len() >= MOST_REVOKED {
            self.decisions.revoked.pop_front();
        }
        self.decisions.revoked.push_back(share);
        guests
    }

    fn all_who(&self, is_meant: impl Fn(&Person) -> bool) -> Vec<ViewerId> {
        let meant = self.here.iter().filter(|(_, here)| is_meant(&here.person));
        meant.map(|(&viewer, _)| viewer).collect()
    }

    /// Who sees the desktop by VNC.
    pub(crate) fn by_vnc(&self) -> impl Iterator<Item = ViewerId> {
        let vnc = self.here.iter();
        let vnc = vnc.filter(|(_, here)| here.path == ViewerPath::Vnc);
        vnc.map(|(&viewer, _)| viewer)
    }

    pub(crate) fn path(&self, viewer: ViewerId) -> Option<ViewerPath> {
        self.here.get(&viewer).map(|here| here.path)
    }

    /// Who is here, if that has changed and is to be told now.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Vec<PersonHere>> {
        if !self.has_changed || self.poll_timeout().is_some_and(|due| due > now) {
            return None;
        }
        self.has_changed = false;
        self.told = Some(now);
        let person = |(&viewer, here): (&ViewerId, &Here)| PersonHere {
            viewer,
            name: here.person.name.clone(),
            guest: here.person.share.is_some(),
            role: self.role_of(here),
            asks: here.asks,
            path: here.path,
        };
        Some(self.here.iter().map(person).collect())
    }

    /// When a change may be told, if not at once.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let told = self.told.filter(|_| self.has_changed)?;
        Some(told + TELL_INTERVAL)
    }
}
