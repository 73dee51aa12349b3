//! The objects of one kind, as the API server has last told of them.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use kube::{
    Api, Resource, ResourceExt,
    api::{ApiResource, DynamicObject},
    runtime::{WatchStreamExt, watcher},
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

/// Follows all objects of a kind in a namespace until it is dropped.
pub(crate) struct Cache<K> {
    shared: Arc<Shared<K>>,
    watching: JoinHandle<()>,
}

struct Shared<K> {
    objects: Mutex<Objects<K>>,
    /// Counts on with each change.
    changes: watch::Sender<u64>,
}

struct Objects<K> {
    current: BTreeMap<String, Kept<K>>,
    /// What a new list has brought so far; it takes the place of all at its end.
    arriving: BTreeMap<String, Kept<K>>,
    is_complete: bool,
}

/// An object, or why it cannot be read: one that somebody wrote past the schema must not hide the others.
pub(crate) type Kept<K> = Result<Arc<K>, String>;

impl<K> Drop for Cache<K> {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl<K> fmt::Debug for Cache<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Cache")
    }
}

impl<K> Cache<K>
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Send + Sync + 'static,
{
    /// `changes` is told of each.
    pub(crate) fn follow(
        client: kube::Client,
        namespace: &str,
        changes: watch::Sender<u64>,
    ) -> Self {
        let objects = Objects {
            current: BTreeMap::new(),
            arriving: BTreeMap::new(),
            is_complete: false,
        };
        let shared = Arc::new(Shared {
            objects: Mutex::new(objects),
            changes,
        });
        let kind = ApiResource::erase::<K>(&());
        let api: Api<DynamicObject> = Api::namespaced_with(client, namespace, &kind);
        let watching = tokio::spawn(watch(api, shared.clone()));
        Self { shared, watching }
    }

    /// Whether all objects there were at first are here.
    pub(crate) fn is_complete(&self) -> bool {
        self.shared.objects().is_complete
    }

    pub(crate) fn all(&self) -> Vec<(String, Kept<K>)> {
        let objects = self.shared.objects();
        let all = objects.current.iter();
        all.map(|(name, object)| (name.clone(), object.clone()))
            .collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<Kept<K>> {
        self.shared.objects().current.get(name).cloned()
    }

    /// Waits until `look` finds something, looking again at each change.
    pub(crate) async fn until<Found>(
        &self,
        limit: Duration,
        mut look: impl FnMut(&Self) -> Option<Found>,
    ) -> Option<Found> {
        let deadline = Instant::now() + limit;
        let mut changes = self.shared.changes.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(found) = look(self) {
                return Some(found);
            }
            timeout_at(deadline, changes.changed()).await.ok()?.ok()?;
        }
    }
}

async fn watch<K: DeserializeOwned>(api: Api<DynamicObject>, shared: Arc<Shared<K>>) {
    let mut events = watcher(api, watcher::Config::default())
        .default_backoff()
        .boxed();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => shared.take(event),
            Err(error) => tracing::warn!(%error, "watching objects broke off; it goes on soon"),
        }
    }
}

impl<K: DeserializeOwned> Shared<K> {
    fn take(&self, event: watcher::Event<DynamicObject>) {
        let mut objects = self.objects();
        match event {
            watcher::Event::Init => objects.arriving.clear(),
            watcher::Event::InitApply(object) => {
                let (name, object) = read(object);
                objects.arriving.insert(name, object);
                return;
            }
            watcher::Event::InitDone => {
                objects.current = std::mem::take(&mut objects.arriving);
                objects.is_complete = true;
            }
            watcher::Event::Apply(object) => {
                let (name, object) = read(object);
                objects.current.insert(name, object);
            }
            watcher::Event::Delete(object) => {
                objects.current.remove(&object.name_any());
            }
        }
        drop(objects);
        self.changes.send_modify(|count| *count += 1);
    }
}

impl<K> Shared<K> {
    fn objects(&self) -> MutexGuard<'_, Objects<K>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read<K: DeserializeOwned>(object: DynamicObject) -> (String, Kept<K>) {
    let name = object.name_any();
    let value = serde_json::to_value(object).and_then(serde_json::from_value);
    (name, value.map(Arc::new).map_err(|error| error.to_string()))
}
