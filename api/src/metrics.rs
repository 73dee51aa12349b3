//! Numbers for Prometheus, in the OpenMetrics text format. Every label has few values: methods, routes
//! as the table spells them, statuses, phases.

use std::{collections::BTreeMap, fmt, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use streamspace_protocol::TraceContext;
use streamspace_resources::Session;
use streamspace_traces::{OpenSpan, SpanKind, within};

use crate::{Api, audit::ForwardMetrics};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InPhase {
    phase: String,
}

/// Of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
    sessions: Family<InPhase, Gauge>,
    connections: Gauge,
    audit_failures: Counter,
    forwarding: ForwardMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("streamspace");
        // From a quarter of a millisecond to eight seconds.
        let histogram = || Histogram::new(exponential_buckets(0.000_25, 2.0, 16));
        let metrics = Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            sessions: Family::default(),
            connections: Gauge::default(),
            audit_failures: Counter::default(),
            forwarding: ForwardMetrics::default(),
            registry: Registry::default(),
        };
        registry.register(
            "api_requests",
            "Requests that were answered",
            metrics.requests.clone(),
        );
        registry.register(
            "api_request_duration_seconds",
            "From a request's head to its answer's head",
            metrics.seconds.clone(),
        );
        registry.register("sessions", "Sessions by phase", metrics.sessions.clone());
        registry.register(
            "gateway_connections",
            "WebSockets between browsers and sessions",
            metrics.connections.clone(),
        );
        registry.register(
            "audit_failures",
            "Events that are missing from the audit log",
            metrics.audit_failures.clone(),
        );
        metrics.forwarding.register(&mut registry);
        Self {
            registry,
            ..metrics
        }
    }
}

impl Metrics {
    pub(crate) fn audit_failed(&self) {
        self.audit_failures.inc();
    }

    /// Of audit events on their way to other machines.
    pub(crate) fn forwarding(&self) -> &ForwardMetrics {
        &self.forwarding
    }

    /// All of them, with what is so now.
    pub(crate) fn write(
        &self,
        sessions: &[Session],
        connections: usize,
    ) -> Result<String, fmt::Error> {
        let mut phases = BTreeMap::new();
        for session in sessions {
            let phase = session.status.as_ref().map(|status| status.phase);
            *phases
                .entry(format!("{:?}", phase.unwrap_or_default()))
                .or_insert(0) += 1;
        }
        self.sessions.clear();
        for (phase, count) in phases {
            self.sessions.get_or_create(&InPhase { phase }).set(count);
        }
        self.connections
            .set(i64::try_from(connections).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Counts a request and its time.
pub(crate) async fn measure(
    State(api): State<Api>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().to_string();
    let route = route.map_or_else(String::new, |route| route.as_str().to_owned());
    let span = traced(&api, request.headers());
    let began = Instant::now();
    let response = within(span.as_ref().map(OpenSpan::context), next.run(request)).await;
    let metrics = api.metrics();
    let status = response.status().as_u16();
    let answered = Answered {
        method: method.clone(),
        route: route.clone(),
        status,
    };
    metrics.requests.get_or_create(&answered).inc();
    if let Some(span) = span {
        let attributes = vec![
            ("http.request.method", method.clone()),
            ("http.route", route.clone()),
            ("http.response.status_code", status.to_string()),
        ];
        span.end(format!("{method} {route}"), attributes);
    }
    let route = Route { method, route };
    let took = began.elapsed().as_secs_f64();
    metrics.seconds.get_or_create(&route).observe(took);
    response
}

/// The request's span, if its caller records a trace. What the caller says is no more than a number.
fn traced(api: &Api, headers: &HeaderMap) -> Option<OpenSpan> {
    let parent = headers.get("traceparent")?;
    let parent = TraceContext::parse(parent.as_bytes()).ok();
    api.config().tracer.begin(parent, SpanKind::Server)
}
