//! How many may listen to the sessions' changes: each holds a connection for long.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Of all users together.
const MOST: usize = 256;
/// Of one user, so that nobody takes all.
const MOST_EACH: usize = 16;

/// Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listeners(Arc<Mutex<HashMap<String, usize>>>);

/// A place among the listeners, given back when dropped.
#[derive(Debug)]
pub(crate) struct ListenerPlace {
    listeners: Listeners,
    user: String,
}

impl Listeners {
    /// Nothing where too many listen already.
    pub(crate) fn place(&self, user: &str) -> Option<ListenerPlace> {
        let mut counts = self.counts();
        let all: usize = counts.values().sum();
        let own = counts.get(user).copied().unwrap_or_default();
        if all >= MOST || own >= MOST_EACH {
            return None;
        }
        counts.insert(user.to_owned(), own + 1);
        Some(ListenerPlace {
            listeners: self.clone(),
            user: user.to_owned(),
        })
    }

    /// Each change is one step, so it stays true even if a task panics with the lock held.
    fn counts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ListenerPlace {
    fn drop(&mut self) {
        let mut counts = self.listeners.counts();
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_cannot_take_the_places_of_all() {
        let listeners = Listeners::default();
        let of = |user: &str| std::iter::from_fn(|| listeners.place(user)).collect::<Vec<_>>();
        let ann = of("ann");
        assert_eq!(ann.len(), MOST_EACH);
        let others: Vec<_> = (0..100)
            .flat_map(|number| of(&number.to_string()))
            .collect();
        assert_eq!(others.len(), MOST - MOST_EACH);
        drop(ann);
        assert!(listeners.place("ann").is_some());
        drop(others);
        assert!(listeners.counts().is_empty());
    }
}
