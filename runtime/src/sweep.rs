//! Ending what a supervisor or a server left behind when it was killed itself.

use std::{collections::BTreeSet, io, time::Duration};

use rustix::process::Signal;

use crate::{
    leftovers::Leftovers,
    process::{Family, Mark, ProcessTable, own_session, reap_orphans, signal_until_gone},
};

/// A killed process is gone at once, unless the kernel holds it in the middle of something.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// Ends every process of a session whose supervisor has gone, then removes its leftovers.
///
/// They carry the mark, or were seen below the supervisor while it lived, or are kin of such. One
/// that has shed the mark and all its relations within a moment of the supervisor's end is spared:
/// nothing tells it from a process that is none of the session's. `known` are processes that the
/// supervisor named, for what they left.
pub(crate) async fn session(
    mark: &Mark,
    family: &Family,
    known: BTreeSet<u32>,
    leftovers: Leftovers,
) {
    let own_session = own_session();
    let mut pids = kill(|table| {
        let mut roots = mark.carriers(table);
        roots.extend(in_session_of(table, family.ancestor.pid));
        roots.extend(family.present(table));
        table.kin(roots, own_session)
    })
    .await;
    pids.extend(known);
    remove(leftovers, pids).await;
}

/// Whether any process still carries the mark of a session whose supervisor has gone.
pub(crate) fn is_needed(mark: &Mark) -> bool {
    ProcessTable::read().is_ok_and(|table| !mark.carriers(&table).is_empty())
}

/// Ends every process of any session that an earlier server on the same data folder started.
/// Returns the processes, for [`remove`]. Those that are `kept` are of sessions that go on.
pub(crate) async fn earlier_server(
    mark: &Mark,
    kept: impl Fn(&ProcessTable) -> BTreeSet<u32>,
) -> BTreeSet<u32> {
    let own_session = own_session();
    kill(|table| {
        let kept = kept(table);
        &table.kin(&mark.carriers(table) - &kept, own_session) - &kept
    })
    .await
}

/// Removes leftovers without holding up other sessions.
pub(crate) async fn remove(leftovers: Leftovers, pids: BTreeSet<u32>) {
    let removal = tokio::task::spawn_blocking(move || leftovers.remove(&pids));
    if removal.await.is_err() {
        tracing::warn!("removing a session's leftovers broke off");
    }
}

async fn kill(find: impl Fn(&ProcessTable) -> BTreeSet<u32>) -> BTreeSet<u32> {
    let killed = async {
        let killed = signal_until_gone(Signal::KILL, KILL_LIMIT, find).await?;
        if !killed.alive.is_empty() {
            tracing::warn!(pids = ?killed.alive, "killed processes of a session do not end");
        }
        reap_orphans(KILL_LIMIT).await?;
        io::Result::Ok(killed.found)
    };
    killed.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "processes of a session may be left");
        BTreeSet::new()
    })
}

fn in_session_of(table: &ProcessTable, leader: u32) -> impl Iterator<Item = u32> {
    table
        .iter()
        .filter(move |process| process.session == leader)
        .map(|process| process.pid)
}
