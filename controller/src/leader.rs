//! One controller works at a time: who holds the Lease (coordination.k8s.io).
//!
//! ```text
//! leader    renew ─ renew ─ renew ─ ✝
//! another   look ── look ── look ── look ── not renewed for LEASE_S: take it
//! ```
//!
//! Time is measured by each one's own clock, from when it saw the last change, so clocks need not agree. The
//! resource version decides between two who take it at once.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use tokio::time::{Instant, sleep, timeout_at};

const NAME: &str = "streamspace-controller";
/// After so many seconds without a renewal another one takes over.
const LEASE_S: u64 = 8;
const RENEW: Duration = Duration::from_secs(2);
/// A leader that could not renew for so long stops, well before anybody takes over.
const GIVE_UP: Duration = Duration::from_secs(6);

/// A candidate, and then the leader.
pub(crate) struct Lead {
    leases: Api<Lease>,
    identity: String,
    held: Option<Lease>,
}

impl Lead {
    pub(crate) fn new(client: Client, namespace: &str, identity: Option<String>) -> Self {
        let host = identity.unwrap_or_else(|| "controller".into());
        Self {
            leases: Api::namespaced(client, namespace),
            // A container that is started again is another one.
            identity: format!(
                "{host}-{}-{}",
                std::process::id(),
                Timestamp::now().as_millisecond()
            ),
            held: None,
        }
    }

    /// Returns when this one leads.
    pub(crate) async fn win(&mut self) {
        let mut seen: Option<(Option<String>, Instant)> = None;
        loop {
            match self.try_take(&mut seen).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the lease cannot be read or written"),
            }
            sleep(RENEW).await;
        }
    }

    async fn try_take(
        &mut self,
        seen: &mut Option<(Option<String>, Instant)>,
    ) -> Result<bool, kube::Error> {
        let Some(lease) = self.leases.get_opt(NAME).await? else {
            return self.write(None).await;
        };
        let version = lease.metadata.resource_version.clone();
        let since = match seen {
            Some((known, since)) if *known == version => *since,
            _ => {
                *seen = Some((version, Instant::now()));
                Instant::now()
            }
        };
        let holder = lease
            .spec
            .as_ref()
            .and_then(|spec| spec.holder_identity.as_deref());
        let is_free = holder.is_none_or(str::is_empty);
        if !is_free && since.elapsed() < Duration::from_secs(LEASE_S) {
            return Ok(false);
        }
        self.write(Some(lease)).await
    }

    /// Returns when this one leads no more: at the latest [`GIVE_UP`] after it last renewed, also where the API
    /// server does not answer.
    pub(crate) async fn keep(&mut self) {
        let mut renewed = Instant::now();
        loop {
            sleep(RENEW).await;
            let former = self.held.clone();
            let began = Instant::now();
            match timeout_at(renewed + GIVE_UP, self.write(former)).await {
                Ok(Ok(true)) => renewed = began,
                Ok(Ok(false)) | Err(_) => return,
                Ok(Err(error)) => tracing::warn!(%error, "the lease cannot be renewed"),
            }
        }
    }

    /// Lets another one take over at once.
    pub(crate) async fn resign(mut self) {
        self.identity.clear();
        let former = self.held.clone();
        if let Err(error) = self.write(former).await {
            tracing::warn!(%error, "the lease cannot be given back");
        }
    }

    /// Writes that this one holds it; nobody's word is overwritten that has not been read.
    async fn write(&mut self, former: Option<Lease>) -> Result<bool, kube::Error> {
        let now = Timestamp::now();
        let spec = former
            .as_ref()
            .and_then(|lease| lease.spec.clone())
            .unwrap_or_default();
        let is_mine = spec.holder_identity.as_deref() == Some(&self.identity);
        let lease = Lease {
            metadata: match &former {
                Some(lease) => lease.metadata.clone(),
                None => ObjectMeta {
                    name: Some(NAME.into()),
                    ..ObjectMeta::default()
                },
            },
            spec: Some(LeaseSpec {
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: i32::try_from(LEASE_S).ok(),
                acquire_time: if is_mine {
                    spec.acquire_time
                } else {
                    Some(MicroTime(now))
                },
                renew_time: Some(MicroTime(now)),
                lease_transitions: Some(spec.lease_transitions.unwrap_or(0) + i32::from(!is_mine)),
                ..LeaseSpec::default()
            }),
        };
        let parameters = PostParams::default();
        let written = match &former {
            Some(_) => self.leases.replace(NAME, &parameters, &lease).await,
            None => self.leases.create(&parameters, &lease).await,
        };
        match written {
            Ok(lease) => {
                self.held = Some(lease);
                Ok(true)
            }
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
