//! What a server that was here before has left: sessions that go on, and traces of those that do not.

use std::{collections::BTreeSet, path::Path};

use streamspace_resources::{DesiredState, Phase, Session};

use super::{Inner, adoption::Adopted, opening::store_failed};
use crate::{
    error::OpenError,
    leftovers::{self, Leftovers},
    process::{Mark, ProcessTable},
    status, sweep,
};

impl Inner {
    /// Finds the sessions of an earlier runtime that go on. Ends the processes of all others, marks these as
    /// ended, and removes what no session has any more.
    pub(super) async fn sweep_earlier(&self) -> Result<Vec<Adopted>, OpenError> {
        let data = self.config.data.display().to_string();
        let file = self.config.store_file();
        let earlier = self
            .store
            .current()
            .await
            .map_err(|error| store_failed(error, &file))?;
        let earlier: Vec<Session> = earlier.into_iter().filter(status::is_alive).collect();
        let adopted = self.adopt(&earlier).await;
        let kept = |table: &ProcessTable| {
            let processes = adopted.iter().flat_map(|session| session.processes(table));
            processes.collect()
        };
        let pids = sweep::earlier_server(&Mark::new(Mark::DATA, &data), kept).await;
        let goes_on = |name: &str| adopted.iter().any(|session| session.id.as_str() == name);
        for mut session in earlier {
            if goes_on(&session.metadata.name) {
                continue;
            }
            let name = session.metadata.name.clone();
            let hibernates = session.spec.state == DesiredState::Hibernated;
            let leftovers = Leftovers::at(
                self.config.run_folder(&name),
                self.config.scratch_home(&name),
                // Without a time, nothing counts as the session's.
                session
                    .metadata
                    .creation_timestamp
                    .unwrap_or_else(jiff::Timestamp::now),
            );
            match hibernates {
                true => {
                    sweep::remove(leftovers.but_home(), pids.clone()).await;
                    status::hibernated(&mut session);
                }
                false => {
                    sweep::remove(leftovers, pids.clone()).await;
                    status::server_stopped(&mut session);
                }
            }
            self.store
                .update(&session)
                .await
                .map_err(|error| store_failed(error, &file))?;
            tracing::info!(session = %name, "an earlier server's session is ended");
        }
        let remembered = self.store.names().await;
        let remembered = remembered.map_err(|error| store_failed(error, &file))?;
        let current = self.store.current().await;
        let current = current.map_err(|error| store_failed(error, &file))?;
        let at_home = |session: &Session| {
            status::phase(session) == Phase::Hibernated || goes_on(&session.metadata.name)
        };
        let at_home = current.into_iter().filter(at_home);
        let at_home = at_home.map(|session| session.metadata.name).collect();
        let data = self.config.data.clone();
        let removal =
            tokio::task::spawn_blocking(move || remove_unowned(&data, &remembered, &at_home));
        if removal.await.is_err() {
            tracing::warn!("removing earlier sessions' files broke off");
        }
        Ok(adopted)
    }
}

/// Removes logs of sessions that are not `remembered`, and the scratch homes of all but those that are
/// `at_home`: hibernating, or going on.
fn remove_unowned(data: &Path, remembered: &BTreeSet<String>, at_home: &BTreeSet<String>) {
    let entries = |folder| std::fs::read_dir(data.join(folder)).into_iter().flatten();
    for log in entries("logs").flatten() {
        let name = log.file_name();
        let session = name
            .to_str()
            .and_then(|name| name.strip_suffix(".log").or(name.strip_suffix(".log.1")));
        if session.is_some_and(|session| !remembered.contains(session)) {
            leftovers::remove_file(&log.path());
        }
    }
    for home in entries("session-homes").flatten() {
        let name = home.file_name();
        if !name.to_str().is_some_and(|name| at_home.contains(name)) {
            leftovers::remove_folder(&home.path());
        }
    }
}
