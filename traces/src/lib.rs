//! Spans of StreamSpace's processes, and their way to an OpenTelemetry collector.
//!
//! ```text
//!   supervisor, streamer: Recorder ── TraceReport, up the session's lines ──┐
//!   server: Tracer::begin ── OpenSpan::end ─────────────────────────────────┴▶ queue ─▶ export (OTLP as JSON)
//! ```
//!
//! Only the server speaks to the collector: a session's processes need no way to it. What does not fit
//! into the queue, and what the collector does not take, is dropped and counted: nobody waits for it.
//! A trace begins outside: work is recorded only where the caller's `traceparent` says that the caller records, too.

mod export;
mod otlp;
mod recorder;
mod tracer;

pub use export::SpanQueue;
pub use otlp::Attribute;
pub use recorder::Recorder;
pub use tracer::{OpenSpan, SpanKind, Tracer, carried, current, within};

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the Unix epoch.
fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}
