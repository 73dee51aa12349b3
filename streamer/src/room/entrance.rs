//! Where viewers come in and leave: one task each.

use std::{collections::HashMap, sync::Arc, time::Duration};

use streamspace_files::Files;
use streamspace_protocol::{Secret, ViewerId};
use tokio::{
    net::{UnixListener, UnixStream},
    task::{Id, JoinSet},
    time::sleep,
};

use streamspace_streamer_core::Input;

use super::RoomEvent;
use crate::{
    link::{self, Caller, FileLink},
    viewer::{self, ViewerContext},
};

/// More viewers than this on one session are refused.
const MAX_VIEWERS: usize = 64;
/// How long to wait when no link can be taken, for want of file descriptors say.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Entrance {
    listener: UnixListener,
    key: Arc<Secret>,
    context: ViewerContext,
    /// `None`: this session has no home.
    files: Option<Files>,
    tasks: JoinSet<()>,
    viewers: HashMap<Id, ViewerId>,
    /// The room's own numbers: those of several gateways would collide.
    next: u32,
}

impl Entrance {
    pub(super) fn new(
        listener: UnixListener,
        key: Secret,
        context: ViewerContext,
        files: Option<Files>,
        next: u32,
    ) -> Self {
        Self {
            listener,
            key: Arc::new(key),
            context,
            files,
            tasks: JoinSet::new(),
            viewers: HashMap::new(),
            next,
        }
    }

    /// Lets viewers in until one has left, however its task ended. Safe to cancel.
    pub(super) async fn serve(&mut self) -> ViewerId {
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => self.admit(stream),
                    Err(error) => {
                        tracing::warn!(%error, "a link cannot be taken");
                        sleep(PAUSE).await;
                    }
                },
                Some(ended) = self.tasks.join_next_with_id() => {
                    let id = match ended {
                        Ok((id, ())) => id,
                        Err(error) => {
                            tracing::error!(%error, "a viewer's task failed");
                            error.id()
                        }
                    };
                    if let Some(viewer) = self.viewers.remove(&id) {
                        return viewer;
                    }
                }
            }
        }
    }

    fn admit(&mut self, stream: UnixStream) {
        // Dropping the stream tells the gateway that nobody answers.
        if self.tasks.len() >= MAX_VIEWERS {
            tracing::warn!(limit = MAX_VIEWERS, "a viewer is refused");
            return;
        }
        let viewer = ViewerId(self.next);
        self.next = self.next.wrapping_add(1);
        let (key, context) = (self.key.clone(), self.context.clone());
        let files = self.files.clone();
        let task = self.tasks.spawn(async move {
            match link::accept(stream, &key).await {
                Ok(Caller::Viewer(link)) => viewer::run(viewer, *link, context).await,
                Ok(Caller::Files(link)) => transfer(files, link),
                Ok(Caller::Revocation(share, _heard)) => {
                    let event = RoomEvent::Input(Input::ShareRevoked(share));
                    // A room that is gone has nobody to send away.
                    let _ = context.room.send(event).await;
                }
                Err(error) => tracing::warn!(%error, "a link is refused"),
            }
        });
        self.viewers.insert(task.id(), viewer);
    }
}

/// Goes on beside this task, which counts viewers only.
fn transfer(files: Option<Files>, FileLink { request, stream }: FileLink) {
    // Dropping the stream tells the gateway that nobody answers.
    let Some(files) = files else {
        return tracing::warn!("this session has no home whose files could be moved");
    };
    match stream.into_std() {
        Ok(stream) => files.serve(stream, request),
        Err(error) => tracing::warn!(%error, "a transfer cannot be started"),
    }
}
