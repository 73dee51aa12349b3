//! What Prometheus is told of each target. Targets are few: they come from the command line.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Target {
    target: String,
}

#[derive(Debug, Default)]
pub(crate) struct ForwardMetrics {
    sent: Family<Target, Counter>,
    failures: Family<Target, Counter>,
    waiting: Family<Target, Gauge>,
    lost: Family<Target, Counter>,
}

/// Those of one target.
#[derive(Debug)]
pub(super) struct TargetMetrics {
    sent: Counter,
    failures: Counter,
    waiting: Gauge,
    lost: Counter,
}

impl ForwardMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "audit_sent",
            "Audit events that a target has taken",
            self.sent.clone(),
        );
        registry.register(
            "audit_send_failures",
            "Times that a target took no audit events",
            self.failures.clone(),
        );
        registry.register(
            "audit_waiting",
            "Audit events that a target has not taken yet",
            self.waiting.clone(),
        );
        registry.register(
            "audit_lost",
            "Audit events that the log forgot before a target took them",
            self.lost.clone(),
        );
    }

    pub(super) fn of(&self, target: &str) -> TargetMetrics {
        let label = Target {
            target: target.to_owned(),
        };
        TargetMetrics {
            sent: self.sent.get_or_create_owned(&label),
            failures: self.failures.get_or_create_owned(&label),
            waiting: self.waiting.get_or_create_owned(&label),
            lost: self.lost.get_or_create_owned(&label),
        }
    }
}

impl TargetMetrics {
    pub(super) fn sent(&self, events: usize) {
        self.sent.inc_by(u64::try_from(events).unwrap_or(u64::MAX));
    }

    pub(super) fn failed(&self) {
        self.failures.inc();
    }

    pub(super) fn wait(&self, events: i64) {
        self.waiting.set(events);
    }

    pub(super) fn lost(&self, events: i64) {
        self.lost.inc_by(u64::try_from(events).unwrap_or(0));
    }
}
