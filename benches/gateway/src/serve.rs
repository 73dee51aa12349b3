//! The gateway as a process of its own, with nothing of the API around it.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use streamspace_protocol::{Policy, Secret, SessionId, VncLimits};
use streamspace_signaling::{
    Dial, DialError, Directory, Endpoint, Gateway, Limits, Scheme, turn::MediaAddresses,
};
use streamspace_traces::Tracer;
use tokio::net::TcpListener;

use crate::{redeemer, say, session_id, wait_for_end};

/// More than the measurements open; the machine's limit of file descriptors comes first, at two for each.
const LIMITS: Limits = Limits {
    connections: 20_000,
    viewers: 20_000,
};

struct OneSession(Endpoint);

#[async_trait]
impl Directory for OneSession {
    async fn endpoint(&self, _session: &SessionId) -> Result<Endpoint, DialError> {
        Ok(self.0.clone())
    }
}

pub(crate) fn run(folder: PathBuf) -> anyhow::Result<()> {
    let endpoint = Endpoint {
        streamer: Dial::Socket(folder.join("streamer")),
        streamer_key: Secret::new("key"),
        vnc: Dial::Socket(folder.join("vnc")),
        vnc_password: Secret::new("password"),
        vnc_view_password: Secret::new("password"),
        vnc_limits: VncLimits::default(),
        policy: Policy::default(),
        media: MediaAddresses::default(),
    };
    let directory = Arc::new(OneSession(endpoint));
    let gateway = Gateway::new(
        directory,
        redeemer(),
        LIMITS,
        Scheme::Http,
        None,
        Tracer::default(),
    );
    let runtime = tokio::runtime::Runtime::new()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    say(&format!(
        "ready {} {}",
        listener.local_addr()?,
        session_id()
    ))?;
    let router = gateway.router::<()>();
    runtime.spawn(async move { axum::serve(listener, router).await });
    wait_for_end()
}
