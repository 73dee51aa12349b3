//! Spans as the OpenTelemetry protocol writes them in JSON (OTLP 1.x, `ExportTraceServiceRequest`).

use serde_json::{Value, json};
use streamspace_protocol::TraceContext;

use crate::SpanKind;

/// Name, by OpenTelemetry's semantic conventions, and value.
pub type Attribute = (&'static str, String);

/// Whose work a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    Server,
    Supervisor,
    Streamer,
}

#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) process: Process,
    pub(crate) parent: TraceContext,
    pub(crate) own: TraceContext,
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    pub(crate) start_unix_us: u64,
    pub(crate) end_unix_us: u64,
    pub(crate) attributes: Vec<Attribute>,
}

/// The body of a request to a collector.
pub(crate) fn request(service: &str, version: &str, spans: &[Span]) -> Vec<u8> {
    let processes = [
        (Process::Server, service.to_owned()),
        (Process::Supervisor, format!("{service}-supervisor")),
        (Process::Streamer, format!("{service}-streamer")),
    ];
    let resources = processes.iter().filter_map(|(process, service)| {
        let spans = spans.iter().filter(|span| span.process == *process);
        let spans: Vec<Value> = spans.map(written).collect();
        let attributes = [
            ("service.name", service),
            ("service.version", &version.to_owned()),
        ];
        (!spans.is_empty()).then(|| {
            json!({
                "resource": { "attributes": attributes.map(|(key, value)| attribute(key, value)) },
                "scopeSpans": [{ "scope": { "name": "streamspace" }, "spans": spans }],
            })
        })
    });
    let resources: Vec<Value> = resources.collect();
    json!({ "resourceSpans": resources })
        .to_string()
        .into_bytes()
}

fn written(span: &Span) -> Value {
    let attributes = span.attributes.iter();
    json!({
        "traceId": format!("{:032x}", u128::from_be_bytes(span.own.trace)),
        "spanId": format!("{:016x}", u64::from_be_bytes(span.own.span)),
        "parentSpanId": format!("{:016x}", u64::from_be_bytes(span.parent.span)),
        "name": span.name,
        "kind": span.kind as u8,
        "startTimeUnixNano": nanoseconds(span.start_unix_us),
        "endTimeUnixNano": nanoseconds(span.end_unix_us),
        "attributes": attributes.map(|(key, value)| attribute(key, value)).collect::<Vec<_>>(),
    })
}

/// 64-bit numbers are text in OTLP's JSON.
fn nanoseconds(microseconds: u64) -> String {
    microseconds.saturating_mul(1000).to_string()
}

fn attribute(key: &str, value: &str) -> Value {
    // The one number of ours; collectors expect it as such.
    if key == "http.response.status_code" {
        return json!({ "key": key, "value": { "intValue": value } });
    }
    json!({ "key": key, "value": { "stringValue": value } })
}
