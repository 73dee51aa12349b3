//! How a gateway reaches a session's Pod: its address is in the status, its keys are in a Secret.

use std::{io, net::SocketAddr, time::Duration};

use k8s_openapi::api::core::v1::Secret as KubernetesSecret;
use streamspace_api::BackendError;
use streamspace_protocol::{KeyFile, Secret, SessionId, secret_name};
use streamspace_resources::{Phase, SessionResource, SessionStats};
use streamspace_signaling::{
    Dial, DialError, Endpoint,
    pod::{PodIdentity, Service},
    turn::MediaAddresses,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{cluster::Inner, objects::phase};

/// How long a viewer who comes early waits for the session: scheduling, volumes and the first start.
const SETTLE_LIMIT: Duration = Duration::from_secs(20);
/// A session of 256 viewers tells far less of them.
const MAX_STATS_BYTES: u64 = 4 * 1024 * 1024;
const STATS_LIMIT: Duration = Duration::from_secs(5);

impl Inner {
    /// A session that is starting is waited for.
    pub(crate) async fn endpoint(&self, id: &SessionId) -> Result<Endpoint, DialError> {
        let object = self.object(id).await.map_err(|error| match error {
            BackendError::SessionNotFound(id) => DialError::NotFound(id),
            _ => DialError::NotRunning(id.clone()),
        })?;
        let object = match phase(&object) {
            Phase::Pending => {
                let settled = self.sessions.until(SETTLE_LIMIT, |cache| {
                    let object = cache.get(id.as_str())?.ok()?;
                    (phase(&object) != Phase::Pending).then_some(object)
                });
                settled
                    .await
                    .ok_or_else(|| DialError::NotRunning(id.clone()))?
            }
            _ => object,
        };
        self.dial(&object, id).await.map_err(|error| {
            tracing::info!(session = %id, %error, "the session's Pod is not known");
            DialError::NotRunning(id.clone())
        })
    }

    async fn dial(&self, object: &SessionResource, id: &SessionId) -> io::Result<Endpoint> {
        let status = object.status.as_ref();
        let status = status.filter(|status| status.phase == Phase::Running);
        let address: SocketAddr = status
            .and_then(|status| status.address.as_deref())
            .ok_or_else(|| io::Error::other("its status names no address"))?
            .parse()
            .map_err(io::Error::other)?;
        let secret = self.secret_api.get(&secret_name(id)).await;
        let secret = secret.map_err(io::Error::other)?;
        let key = |key| bytes(&secret, key);
        let identity = PodIdentity::from_pem(key(KeyFile::Certificate)?, key(KeyFile::PrivateKey)?)
            .map_err(io::Error::other)?;
        let dial = |service| Dial::Pod {
            address,
            identity: identity.clone(),
            service,
        };
        let template = object.spec.template.as_deref();
        let template = template.and_then(|name| self.templates.get(name)?.ok());
        let template = template
            .map(|template| template.spec.clone())
            .unwrap_or_default();
        Ok(Endpoint {
            streamer: dial(Service::Streamer),
            streamer_key: text(&secret, KeyFile::Streamer)?,
            vnc: dial(Service::Vnc),
            vnc_password: text(&secret, KeyFile::Vnc)?,
            vnc_view_password: text(&secret, KeyFile::VncView)?,
            vnc_limits: template.vnc.limits(),
            policy: template.policy,
            media: MediaAddresses {
                addresses: vec![address.ip()],
                ..MediaAddresses::default()
            },
        })
    }

    pub(crate) async fn stats(&self, id: &SessionId) -> Result<SessionStats, BackendError> {
        let object = self.object(id).await?;
        if phase(&object) != Phase::Running {
            return Ok(SessionStats::default());
        }
        let failed = |error: io::Error| BackendError::Storage(Box::new(error));
        let Dial::Pod {
            address, identity, ..
        } = self.dial(&object, id).await.map_err(failed)?.streamer
        else {
            unreachable!("sessions of a cluster are in Pods");
        };
        let service = Service::Stats;
        let asked = ask(Dial::Pod {
            address,
            identity,
            service,
        });
        let answer = timeout(STATS_LIMIT, asked).await;
        let answer = answer
            .unwrap_or(Err(io::ErrorKind::TimedOut.into()))
            .map_err(failed)?;
        serde_json::from_slice(&answer).map_err(|error| failed(error.into()))
    }
}

async fn ask(part: Dial) -> io::Result<Vec<u8>> {
    let mut stream = part.connect().await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    stream
        .take(MAX_STATS_BYTES)
        .read_to_end(&mut answer)
        .await?;
    Ok(answer)
}

fn bytes(secret: &KubernetesSecret, key: KeyFile) -> io::Result<&[u8]> {
    let found = secret.data.as_ref().and_then(|data| data.get(key.name()));
    let found =
        found.ok_or_else(|| io::Error::other(format!("its Secret has no {}", key.name())))?;
    Ok(&found.0)
}

fn text(secret: &KubernetesSecret, key: KeyFile) -> io::Result<Secret> {
    let text = std::str::from_utf8(bytes(secret, key)?).map_err(io::Error::other)?;
    Ok(Secret::new(text))
}
