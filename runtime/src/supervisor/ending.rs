//! Ending all processes of this supervisor's session.

use std::{collections::BTreeSet, io, time::Duration};

use rustix::process::Signal;

use crate::process::{Mark, ProcessTable, Signalled, reap_killed, signal_until_gone};

/// How long programs may save what they have open.
const PROGRAM_LIMIT: Duration = Duration::from_secs(3);
/// A killed process is gone at once, unless the kernel holds it in the middle of something.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// The longest that [`end_processes`] takes.
pub(crate) const LIMIT: Duration = PROGRAM_LIMIT.saturating_add(KILL_LIMIT.saturating_mul(2));

/// Asks the programs of the session to end, then kills whatever is left of it, display, sound and
/// streamer included. `parts` are these: programs need them as long as they live. Returns all
/// processes that were found, and those that even a kill has not ended yet.
///
/// Everything descends from this process, a subreaper: also what has left the process group, and
/// what has overwritten the environment that holds the mark.
pub(super) async fn end_processes(mark: &Mark, parts: &BTreeSet<u32>) -> io::Result<Signalled> {
    let me = std::process::id();
    let programs = |table: &ProcessTable| &table.descendants(me) - parts;
    let asked = signal_until_gone(Signal::TERM, PROGRAM_LIMIT, programs).await?;
    let all = |table: &ProcessTable| &table.descendants(me) | &mark.carriers(table);
    let mut killed = signal_until_gone(Signal::KILL, KILL_LIMIT, all).await?;
    killed.found.extend(asked.found);
    reap_killed(KILL_LIMIT).await?;
    Ok(killed)
}
