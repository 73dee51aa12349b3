//! Who may run now: a pure function of what runs, what waits, and of the limits.
//!
//! ```text
//! waiting, in order ──▶ room in each of its scopes? ──▶ admitted
//!   priority,               cluster, person, groups       │ no
//!   fewest running,                                       ▼
//!   oldest              the scope is closed for all behind it
//! ```
//!
//! Nobody passes a session that waits for the same room, so that large ones are not starved by small ones; and
//! nobody waits behind a session that waits for something else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use jiff::Timestamp;
use streamspace_resources::{Limits, Queue, quantity::thousandths};

/// One session that runs, or is to.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) uid: String,
    pub(crate) user: String,
    pub(crate) groups: Vec<String>,
    /// Who has more goes first.
    pub(crate) priority: i32,
    pub(crate) created: Option<Timestamp>,
    /// In thousandths of a core and of a byte.
    pub(crate) cpu: u64,
    pub(crate) memory: u64,
    pub(crate) state: State,
    pub(crate) is_preemptible: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    /// It has been admitted, and may have a Pod.
    Holding,
    /// Its Pod is on its way out.
    Leaving,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Admitted,
    Waiting(Queue),
    /// It makes room for another one, and waits again when it has.
    Preempted,
}

/// Where something is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Scope {
    Cluster,
    Person(String),
    Group(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Amount {
    Running,
    Cpu,
    Memory,
}

type Key = (Scope, Amount);

/// The limits of all scopes that have some.
#[derive(Debug, Default)]
pub(crate) struct Bounds(HashMap<Key, u64>);

impl Bounds {
    pub(crate) fn set(&mut self, scope: &Scope, limits: &Limits) {
        let amount = |text: &Option<String>| text.as_deref().and_then(thousandths);
        for (amount, bound) in [
            (Amount::Running, limits.running.map(u64::from)),
            (Amount::Cpu, amount(&limits.cpu)),
            (Amount::Memory, amount(&limits.memory)),
        ] {
            if let Some(bound) = bound {
                self.0.insert((scope.clone(), amount), bound);
            }
        }
    }
}

impl Claim {
    /// What it takes of each limit that holds for it.
    fn needs<'a>(&'a self, bounds: &'a Bounds) -> impl Iterator<Item = (Key, u64)> + 'a {
        let groups: BTreeSet<&String> = self.groups.iter().collect();
        let groups = groups.into_iter().cloned().map(Scope::Group);
        let scopes = [Scope::Cluster, Scope::Person(self.user.clone())];
        scopes.into_iter().chain(groups).flat_map(move |scope| {
            let amounts = [
                (Amount::Running, 1),
                (Amount::Cpu, self.cpu),
                (Amount::Memory, self.memory),
            ];
            let keys = amounts.map(|(amount, need)| ((scope.clone(), amount), need));
            let bounded = |(key, _): &(Key, u64)| bounds.0.contains_key(key);
            keys.into_iter().filter(bounded)
        })
    }
}

/// What happens to each claim, by its uid. What holds keeps what it has, also where a limit was lowered.
pub(crate) fn admit(claims: &[Claim], bounds: &Bounds) -> HashMap<String, Verdict> {
    let mut hall = Hall::new(claims, bounds);
    for claim in in_order(claims) {
        hall.consider(claim, claims);
    }
    hall.verdicts
}

/// By priority; then by turns of each person, beginning with who has the fewest; then by age.
fn in_order(claims: &[Claim]) -> Vec<&Claim> {
    let mut turns: HashMap<&str, u64> = HashMap::new();
    let (mut waiting, others): (Vec<_>, Vec<_>) = claims
        .iter()
        .partition(|claim| claim.state == State::Waiting);
    for claim in others {
        *turns.entry(&claim.user).or_default() += 1;
    }
    waiting.sort_by_key(|claim| (-claim.priority, claim.created, &claim.uid));
    let mut ranked: Vec<_> = waiting
        .into_iter()
        .map(|claim| {
            let turn = turns.entry(&claim.user).or_default();
            *turn += 1;
            ((-claim.priority, *turn, claim.created, &claim.uid), claim)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, claim)| claim).collect()
}

/// What is taken while the queue is gone through.
struct Hall<'a> {
    bounds: &'a Bounds,
    used: HashMap<Key, u64>,
    /// Of that, what is about to be given back.
    leaving: HashMap<Key, u64>,
    /// How many wait for that already.
    closed: BTreeMap<Key, u32>,
    verdicts: HashMap<String, Verdict>,
}

impl<'a> Hall<'a> {
    fn new(claims: &[Claim], bounds: &'a Bounds) -> Self {
        let mut hall = Self {
            bounds,
            used: HashMap::new(),
            leaving: HashMap::new(),
            closed: BTreeMap::new(),
            verdicts: HashMap::new(),
        };
        for claim in claims {
            match claim.state {
                State::Waiting => continue,
                State::Holding => {
                    hall.verdicts.insert(claim.uid.clone(), Verdict::Admitted);
                }
                State::Leaving => hall.leave(claim),
            }
            hall.take(claim);
        }
        hall
    }

    fn take(&mut self, claim: &Claim) {
        for (key, need) in claim.needs(self.bounds) {
            *self.used.entry(key).or_default() += need;
        }
    }

    fn leave(&mut self, claim: &Claim) {
        for (key, need) in claim.needs(self.bounds) {
            *self.leaving.entry(key).or_default() += need;
        }
    }

    fn consider(&mut self, claim: &Claim, claims: &[Claim]) {
        let unmet: Vec<_> = claim
            .needs(self.bounds)
            .filter(|(key, need)| self.closed.contains_key(key) || !self.has_room(key, *need, 0))
            .collect();
        let Some(first) = unmet.first().cloned() else {
            self.take(claim);
            self.verdicts.insert(claim.uid.clone(), Verdict::Admitted);
            return;
        };
        self.preempt_for(claim, &unmet, claims);
        let mut position = 1;
        for (key, need) in unmet {
            // Nobody waits behind one that there can never be room for.
            if need > self.bounds.0[&key] {
                continue;
            }
            let before = self.closed.entry(key).or_default();
            *before += 1;
            position = position.max(*before);
        }
        let queue = Queue {
            position: rounded(position),
            unmet: self.tell(&first.0, first.1),
        };
        self.verdicts
            .insert(claim.uid.clone(), Verdict::Waiting(queue));
    }

    fn has_room(&self, key: &Key, need: u64, freed: u64) -> bool {
        let used = self.used.get(key).copied().unwrap_or_default();
        used.saturating_sub(freed).saturating_add(need) <= self.bounds.0[key]
    }

    /// Has sessions of a lower priority stopped, the newest first, if that makes all the room that is missing
    /// and those that leave already do not.
    fn preempt_for(&mut self, claim: &Claim, unmet: &[(Key, u64)], claims: &[Claim]) {
        if unmet.iter().any(|(key, _)| self.closed.contains_key(key)) {
            return;
        }
        let mut missing: HashMap<&Key, u64> = HashMap::new();
        for (key, need) in unmet {
            let leaving = self.leaving.get(key).copied().unwrap_or_default();
            if !self.has_room(key, *need, leaving) {
                let used = self.used.get(key).copied().unwrap_or_default();
                let least = (used - leaving).saturating_add(*need) - self.bounds.0[key];
                missing.insert(key, least);
            }
        }
        let mut candidates: Vec<&Claim> = claims
            .iter()
            .filter(|other| other.is_preemptible && other.priority < claim.priority)
            .filter(|other| self.verdicts.get(&other.uid) == Some(&Verdict::Admitted))
            .filter(|other| other.state == State::Holding)
            .collect();
        candidates.sort_by_key(|other| (other.priority, std::cmp::Reverse(other.created)));
        let mut victims = Vec::new();
        for candidate in candidates {
            if missing.is_empty() {
                break;
            }
            let mut helps = false;
            for (key, need) in candidate.needs(self.bounds) {
                if let Some(least) = missing.get(&key).copied() {
                    helps |= need > 0;
                    match least.saturating_sub(need) {
                        0 => missing.remove(&key),
                        rest => missing.insert(unmet_key(unmet, &key), rest),
                    };
                }
            }
            if helps {
                victims.push(candidate);
            }
        }
        if missing.is_empty() {
            for victim in victims {
                self.leave(victim);
                self.verdicts.insert(victim.uid.clone(), Verdict::Preempted);
            }
        }
    }

    fn tell(&self, (scope, amount): &Key, need: u64) -> String {
        let key = (scope.clone(), *amount);
        let used = self.used.get(&key).copied().unwrap_or_default();
        let bound = self.bounds.0[&key];
        match amount {
            Amount::Running => format!("{scope}: {used} of {bound} running sessions"),
            Amount::Cpu => format!(
                "{scope}: {} of {} cores are taken, and it asks for {}",
                cores(used),
                cores(bound),
                cores(need)
            ),
            Amount::Memory => format!(
                "{scope}: {} of {} memory are taken, and it asks for {}",
                mebibytes(used),
                mebibytes(bound),
                mebibytes(need)
            ),
        }
    }
}

fn unmet_key<'a>(unmet: &'a [(Key, u64)], key: &Key) -> &'a Key {
    let mut keys = unmet.iter().map(|(known, _)| known);
    keys.find(|known| *known == key).expect("it is missing")
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => write!(f, "the cluster"),
            Self::Person(name) => write!(f, "user {name}"),
            Self::Group(name) => write!(f, "group {name}"),
        }
    }
}

fn cores(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

fn mebibytes(thousandths: u64) -> String {
    format!("{}Mi", thousandths / 1000 / (1 << 20))
}

/// Up to two digits that count.
fn rounded(position: u32) -> u32 {
    let mut unit = 1;
    while position / unit > 99 {
        unit *= 10;
    }
    if position > 10 {
        unit = unit.max(10)
    }
    position.div_ceil(unit).saturating_mul(unit)
}

#[cfg(test)]
mod tests;
