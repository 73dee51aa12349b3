use std::{
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use rustix::{process::setpriority_process, thread::gettid};
use streamspace_protocol::{FilePolicy, FileRequest};

use crate::{FilesError, Home, archive, pace::Pace, peer::Peer, read, upload};

/// Transfers of one session at once. Each is a thread that mostly waits.
const MOST_TRANSFERS: usize = 16;
/// Picture and sound go first.
const NICENESS: i32 = 10;

/// The files of one session. Clones are the same.
#[derive(Debug, Clone)]
pub struct Files(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    home: Home,
    policy: FilePolicy,
    pace: Pace,
    transfers: AtomicUsize,
}

impl Files {
    pub fn new(home: Home, policy: FilePolicy) -> Self {
        let pace = Pace::new(policy.bytes_per_second, Instant::now());
        Self(Arc::new(Shared {
            home,
            policy,
            pace,
            transfers: AtomicUsize::new(0),
        }))
    }

    /// Carries a request out, on a thread that ends with it. The link's key has been checked.
    pub fn serve(&self, stream: UnixStream, request: FileRequest) {
        let shared = Arc::clone(&self.0);
        let work = move || {
            if let Err(error) = setpriority_process(Some(gettid()), NICENESS) {
                tracing::debug!(%error, "a transfer keeps its priority");
            }
            shared.serve(stream, &request);
        };
        // Without room for one more thread the link ends, which the gateway understands.
        if let Err(error) = thread::Builder::new().name("files".into()).spawn(work) {
            tracing::warn!(%error, "a transfer cannot be started");
        }
    }
}

impl Shared {
    fn serve(&self, stream: UnixStream, request: &FileRequest) {
        let place = self.transfers.fetch_add(1, Ordering::Relaxed);
        let outcome = self.talk(stream, request, place);
        self.transfers.fetch_sub(1, Ordering::Relaxed);
        // Names of files are nobody's business.
        match outcome {
            Ok(()) => {}
            Err(FilesError::Peer(error)) => tracing::debug!(%error, "a transfer broke off"),
            Err(error) => tracing::info!(%error, "a transfer is refused"),
        }
    }

    fn talk(
        &self,
        stream: UnixStream,
        request: &FileRequest,
        place: usize,
    ) -> Result<(), FilesError> {
        let mut peer = Peer::new(stream, &self.pace).map_err(FilesError::Peer)?;
        let done = if place < MOST_TRANSFERS {
            self.carry_out(&mut peer, request)
        } else {
            let limit = MOST_TRANSFERS;
            Err(FilesError::TooMany { limit })
        };
        match done {
            // What has begun to be sent cannot turn into a refusal any more; the end of the link says
            // that something is missing.
            Err(error @ (FilesError::Peer(_) | FilesError::Changed)) => Err(error),
            Err(error) => {
                peer.reply(&error.reply())?;
                Err(error)
            }
            Ok(()) => Ok(()),
        }
    }

    fn carry_out(&self, peer: &mut Peer<'_>, request: &FileRequest) -> Result<(), FilesError> {
        let (home, policy) = (&self.home, &self.policy);
        let reply = match request {
            FileRequest::Read {
                path,
                range,
                if_tag,
            } => return read::read(home, policy, path, *range, if_tag.as_deref(), peer),
            FileRequest::Archive { path } => return archive::send(home, policy, path, peer),
            FileRequest::Offset { path, upload } => upload::offset(home, policy, path, upload)?,
            FileRequest::Discard { path, upload } => upload::discard(home, path, upload)?,
            FileRequest::Upload { path, upload, part } => {
                upload::receive(home, policy, path, upload.as_ref(), *part, peer)?
            }
        };
        peer.reply(&reply)
    }
}
