//! What a session's viewers tell of their pictures, as long as they are there.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use streamspace_protocol::{Latency, ViewerId};
use streamspace_resources::{SessionStats, ViewerStats};

use crate::order::Viewing;

/// More viewers than a streamer takes; what others tell is not kept.
const MAX_VIEWERS: usize = 256;

/// The last account of each viewer; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Audience(Arc<Mutex<BTreeMap<ViewerId, (Timestamp, Latency)>>>);

impl Audience {
    pub(crate) fn note(&self, viewing: Viewing) {
        let mut viewers = self.viewers();
        match viewing {
            Viewing::Latency { viewer, latency } => {
                if viewers.len() < MAX_VIEWERS || viewers.contains_key(&viewer) {
                    viewers.insert(viewer, (Timestamp::now(), latency));
                }
            }
            Viewing::Left { viewer } => {
                viewers.remove(&viewer);
            }
            Viewing::Steps { .. } => {}
        }
    }

    /// Nobody is there any more.
    pub(crate) fn clear(&self) {
        self.viewers().clear();
    }

    pub(crate) fn stats(&self) -> SessionStats {
        let viewers = self.viewers();
        let viewers = viewers.iter().map(|(&viewer, (at, latency))| ViewerStats {
            viewer,
            at: *at,
            latency: latency.clone(),
        });
        SessionStats {
            viewers: viewers.collect(),
        }
    }

    fn viewers(&self) -> MutexGuard<'_, BTreeMap<ViewerId, (Timestamp, Latency)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
