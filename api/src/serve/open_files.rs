//! How many files the server may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises this process's limit on open files so far that connections run out first: those are
/// refused in good order, while without files nothing works any more.
///
/// No further, although it may be allowed: sessions inherit the limit, and some programs go through
/// every number below it when they start.
pub(super) fn raise_limit(connections: usize) {
    let limit = getrlimit(Resource::Nofile);
    let wanted = files_for(connections);
    if limit.maximum.is_some_and(|maximum| maximum < wanted) {
        tracing::warn!(?limit.maximum, wanted, "the limit on open files is low; see `ulimit -Hn`");
    }
    let Some(raised) = raised(&limit, wanted) else {
        return;
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, wanted, "the limit on open files cannot be raised");
    }
}

/// Two files a connection, its own and the one to its session, and as many for everything else.
fn files_for(connections: usize) -> u64 {
    u64::try_from(connections).map_or(u64::MAX, |connections| connections.saturating_mul(4))
}

/// `None` if the limit is high enough, or as high as it gets.
fn raised(limit: &Rlimit, wanted: u64) -> Option<Rlimit> {
    let maximum = limit.maximum;
    let reachable = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let current = limit.current.filter(|&current| current < reachable);
    current.map(|_too_low| Rlimit {
        current: Some(reachable),
        maximum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_rises_as_far_as_wanted_and_allowed_and_never_falls() {
        let cases = [
            // current, maximum, wanted, raised to
            (Some(1024), Some(1_048_576), 8192, Some(8192)),
            (Some(1024), None, 8192, Some(8192)),
            (Some(1024), Some(4096), 8192, Some(4096)),
            (Some(4096), Some(4096), 8192, None),
            (Some(20_000), Some(1_048_576), 8192, None),
            (None, None, 8192, None),
        ];
        for (current, maximum, wanted, expected) in cases {
            let raised = raised(&Rlimit { current, maximum }, wanted);
            if let Some(raised) = &raised {
                assert_eq!(raised.maximum, maximum);
            }
            let raised = raised.and_then(|raised| raised.current);
            assert_eq!(raised, expected, "{current:?} of {maximum:?}");
        }
    }

    #[test]
    fn the_limit_of_this_process_is_raised() {
        raise_limit(64);
        let current = getrlimit(Resource::Nofile).current;
        assert!(current.is_none_or(|current| current >= 256), "{current:?}");
    }
}
