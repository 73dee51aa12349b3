//! The ways out that a viewer does not choose.

use std::time::Duration;

use streamspace_protocol::Person;
use streamspace_streamer_core::Expulsion;
use tokio::{sync::oneshot, time::Instant};

use super::Ending;

/// What ends a viewer from outside: word of the room, or the end of a share link's time.
#[derive(Debug)]
pub(super) struct Exit {
    expelled: Option<oneshot::Receiver<Expulsion>>,
    until: Option<Instant>,
}

impl Exit {
    pub(super) fn new(expelled: oneshot::Receiver<Expulsion>, person: &Person) -> Self {
        let left = |until_unix_ms| {
            let left_ms = i128::from(until_unix_ms) - i128::from(unix_ms());
            Duration::from_millis(u64::try_from(left_ms).unwrap_or(0))
        };
        // A time that no clock reaches is none.
        let until = person
            .until_unix_ms
            .and_then(|until_unix_ms| Instant::now().checked_add(left(until_unix_ms)));
        Self {
            expelled: Some(expelled),
            until,
        }
    }

    /// Returns when the viewer has to leave. Safe to cancel.
    pub(super) async fn wait(&mut self) -> Ending {
        tokio::select! {
            why = told(&mut self.expelled) => Ending::Expelled(why),
            () = reached(self.until) => Ending::ShareExpired,
        }
    }
}

/// A room that forgets the viewer says nothing: it ends by other means.
async fn told(expelled: &mut Option<oneshot::Receiver<Expulsion>>) -> Expulsion {
    if let Some(receiver) = expelled
        && let Ok(why) = receiver.await
    {
        return why;
    }
    *expelled = None;
    std::future::pending().await
}

async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn unix_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use streamspace_protocol::{PersonId, PersonName};

    use super::*;

    fn guest_until(until_unix_ms: Option<i64>) -> Person {
        Person {
            id: PersonId::new([0; 16]),
            name: PersonName::cleaned("Ada").expect("a name"),
            share: None,
            until_unix_ms,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_guests_stay_ends_with_the_link_and_not_before() {
        let (_room, expelled) = oneshot::channel();
        let hour = 3_600_000;
        let mut exit = Exit::new(expelled, &guest_until(Some(unix_ms() + hour)));
        let early = tokio::time::timeout(Duration::from_secs(3000), exit.wait()).await;
        assert!(early.is_err());
        assert!(matches!(exit.wait().await, Ending::ShareExpired));
    }

    #[tokio::test(start_paused = true)]
    async fn a_room_that_forgets_a_viewer_does_not_expel_it() {
        let (room, expelled) = oneshot::channel();
        drop(room);
        let mut exit = Exit::new(expelled, &guest_until(Some(i64::MAX)));
        let later = tokio::time::timeout(Duration::from_secs(3600), exit.wait()).await;
        assert!(later.is_err());
    }
}
