//! Sessions that an earlier runtime has left running for this one.

use std::collections::BTreeSet;

use streamspace_protocol::SessionId;
use streamspace_resources::{DesiredState, Session};

use super::{Inner, LocalRuntime};
use crate::{
    live::{self, Supervisor},
    order::{Ending, Order, file},
    process::ProcessTable,
    status,
};

/// A session whose supervisor has answered.
pub(super) struct Adopted {
    pub(super) id: SessionId,
    session: Session,
    order: Order,
    supervisor: Supervisor,
}

impl Adopted {
    /// Its processes, which are nobody's leftovers.
    pub(super) fn processes(&self, table: &ProcessTable) -> BTreeSet<u32> {
        let supervisor = self.supervisor.pid();
        let mut processes = &table.descendants(supervisor) | &self.order.mark().carriers(table);
        processes.insert(supervisor);
        processes
    }
}

impl Inner {
    /// Those of `earlier` whose supervisors wait for us.
    pub(super) async fn adopt(&self, earlier: &[Session]) -> Vec<Adopted> {
        let mut adopted = Vec::new();
        for session in earlier {
            let name = &session.metadata.name;
            match self.find(session).await {
                Some(found) => {
                    tracing::info!(session = %name, "an earlier server's session goes on");
                    adopted.push(found);
                }
                None => tracing::debug!(session = %name, "nobody waits for us"),
            }
        }
        adopted
    }

    async fn find(&self, session: &Session) -> Option<Adopted> {
        let supervisor = status::processes(session)?.supervisor;
        let folder = self.config.run_folder(&session.metadata.name);
        let found = Supervisor::adopt(&folder.join(file::SERVER_SOCKET), supervisor).await;
        let (supervisor, order) = found
            .inspect_err(|error| tracing::debug!(%error, "a supervisor does not answer"))
            .ok()?;
        let is_ours =
            order.session.as_str() == session.metadata.name && order.data == self.config.data;
        is_ours.then(|| Adopted {
            id: order.session.clone(),
            session: session.clone(),
            order,
            supervisor,
        })
    }
}

impl LocalRuntime {
    /// Goes on with a session as if it had been started here.
    pub(super) fn go_on(&self, adopted: Adopted) {
        let Adopted {
            id,
            session,
            order,
            supervisor,
        } = adopted;
        let is_to_hibernate = session.spec.state == DesiredState::Hibernated;
        let (store, changes) = (self.0.store.clone(), self.0.changes.clone());
        let (live, mut task) = live::new(
            session,
            &order,
            store,
            changes,
            self.0.config.tracer.clone(),
        );
        if is_to_hibernate {
            live.ask_to_end(Ending::Hibernate);
        }
        self.0.state().live.insert(id.clone(), live);
        let (runtime, leaving) = (self.clone(), self.0.leaving.subscribe());
        tokio::spawn(async move {
            let work = task.follow(supervisor);
            runtime.until_left(work, &id, leaving).await;
        });
    }
}
