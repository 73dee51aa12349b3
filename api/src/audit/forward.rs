//! Events on their way to other machines, which keep them when this one is taken over.
//!
//! ```text
//!   audit log ──events after the cursor──▶ batch ──▶ syslog or webhook
//!                        ▲                              │ taken
//!                        └── cursor, a file a target ◀──┘        otherwise: wait, longer each time, and again
//! ```
//!
//! The log itself is the queue, so nothing is lost while a target is away, over restarts too, until the log
//! forgets it. An event may come twice, after a restart in the wrong moment; its number tells.

mod cursor;
mod metrics;
mod syslog;
mod syslog_line;
mod target;
mod webhook;

use std::{convert::Infallible, future::pending, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::sleep;

pub(crate) use self::metrics::ForwardMetrics;
pub use self::target::{AuditTarget, AuditTargetError, SyslogAddress, WebhookTarget};
use self::{cursor::Cursor, metrics::TargetMetrics, target::Line};
use super::log::{AuditFilter, AuditLog};
use crate::{Api, AuditError, AuditEvent, OutboundError};

/// The most events that are sent at once.
const BATCH: u16 = 100;
/// How often the log is looked at for more.
const LOOK_PERIOD: Duration = Duration::from_secs(1);
/// How long to wait after a failure: at first, and at most.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(300);

#[derive(Debug, thiserror::Error)]
enum ForwardError {
    #[error(transparent)]
    Log(#[from] AuditError),
    #[error("the place in the log cannot be kept: {0}")]
    Cursor(std::io::Error),
    #[error("the target cannot be reached: {0}")]
    Target(#[from] std::io::Error),
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("the target answered {0}")]
    Refused(u16),
}

/// Passes every event on to every target, until it is dropped. Targets do not wait for one another.
pub async fn forward_audit(api: &Api, targets: Vec<AuditTarget>) -> Infallible {
    let mut all: FuturesUnordered<_> = targets
        .into_iter()
        .map(|target| {
            let metrics = api.metrics().forwarding().of(target.name());
            forward(api.audit(), target, metrics)
        })
        .collect();
    match all.next().await {
        Some(never) => match never {},
        None => pending().await,
    }
}

async fn forward(log: &AuditLog, target: AuditTarget, metrics: TargetMetrics) -> Infallible {
    let name = target.name().to_owned();
    let mut forwarder = Forwarder {
        log,
        cursor: Cursor::at(target.cursor_file()),
        line: target.open(),
        metrics,
    };
    let mut wait = FIRST_WAIT;
    loop {
        match forwarder.step().await {
            Ok(Step::More) => wait = FIRST_WAIT,
            Ok(Step::Nothing) => {
                wait = FIRST_WAIT;
                sleep(LOOK_PERIOD).await;
            }
            Err(error) => {
                forwarder.metrics.failed();
                tracing::warn!(target_name = name, %error, "audit events wait");
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

struct Forwarder<'a> {
    log: &'a AuditLog,
    cursor: Cursor,
    line: Line,
    metrics: TargetMetrics,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    More,
    Nothing,
}

impl Forwarder<'_> {
    /// Sends the next events, if there are any.
    async fn step(&mut self) -> Result<Step, ForwardError> {
        let after = self.cursor.read().map_err(ForwardError::Cursor)?;
        let filter = AuditFilter {
            after,
            limit: Some(BATCH),
            who: None,
        };
        let events = self.log.events(&filter).await?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            self.metrics.wait(0);
            return Ok(Step::Nothing);
        };
        let end = self.log.last().await?.number;
        self.metrics.wait(end - after);
        self.line.send(&events).await?;
        let forgotten = first.number - after - 1;
        if forgotten > 0 {
            let from = after + 1;
            tracing::warn!(
                from,
                forgotten,
                "the log forgot events before they were sent"
            );
            self.metrics.lost(forgotten);
        }
        self.cursor
            .write(last.number)
            .map_err(ForwardError::Cursor)?;
        self.metrics.sent(events.len());
        self.metrics.wait(end - last.number);
        Ok(Step::More)
    }
}

/// An event as it is in the log.
fn json(event: &AuditEvent) -> String {
    serde_json::to_string(event).unwrap_or_default()
}

#[cfg(test)]
mod tests;
