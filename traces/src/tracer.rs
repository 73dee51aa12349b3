use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use rustix::rand::{GetRandomFlags, getrandom};
use streamspace_protocol::{StepTime, TraceContext, TraceReport, TraceStep};
use tokio::sync::mpsc;

use crate::{
    SpanQueue,
    otlp::{Attribute, Process, Span},
    unix_us,
};

/// Spans that wait for the collector; a session's opening has about twenty.
const MAX_WAITING: usize = 2048;

tokio::task_local! {
    static CURRENT: Option<TraceContext>;
}

/// The span that the calling task works for.
pub fn current() -> Option<TraceContext> {
    CURRENT.try_with(|current| *current).ok().flatten()
}

/// Does the work as part of a span.
pub async fn within<Work: Future>(span: Option<TraceContext>, work: Work) -> Work::Output {
    CURRENT.scope(span, work).await
}

/// Work for another task that belongs to the calling one's span.
pub fn carried<Work: Future>(work: Work) -> impl Future<Output = Work::Output> {
    CURRENT.scope(current(), work)
}

/// Takes spans. Clones share a queue; the default one takes none.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    queue: mpsc::Sender<Span>,
    dropped: Arc<AtomicU64>,
}

/// How a span stands to its caller (OpenTelemetry's `SpanKind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    Internal = 1,
    Server = 2,
}

/// Work that goes on; dropped without [`end`](Self::end) it is not told.
#[derive(Debug)]
pub struct OpenSpan {
    tracer: Tracer,
    parent: TraceContext,
    own: TraceContext,
    kind: SpanKind,
    began: u64,
}

impl Tracer {
    /// One whose spans are taken from the queue.
    #[must_use]
    pub fn new() -> (Self, SpanQueue) {
        let (queue, spans) = mpsc::channel(MAX_WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let shared = Shared {
            queue,
            dropped: Arc::clone(&dropped),
        };
        (Self(Some(Arc::new(shared))), SpanQueue { spans, dropped })
    }

    /// Whether anybody takes spans.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins a span; nothing if nobody takes it, or if its caller does not record.
    pub fn begin(&self, parent: Option<TraceContext>, kind: SpanKind) -> Option<OpenSpan> {
        self.0.as_ref()?;
        let parent = parent.filter(|parent| parent.sampled)?;
        Some(OpenSpan {
            tracer: self.clone(),
            own: child(parent)?,
            parent,
            kind,
            began: unix_us(),
        })
    }

    /// Takes what a session's process tells. Processes are not believed more than they can do harm with:
    /// the ids of their spans are given here.
    pub fn report(&self, report: &TraceReport) {
        let Some(whole) = child(report.parent) else {
            return;
        };
        self.take(step_span(report.parent, whole, report.whole));
        for &step in report.steps.iter().take(TraceReport::MAX_STEPS) {
            if let Some(own) = child(whole) {
                self.take(step_span(whole, own, step));
            }
        }
    }

    fn take(&self, span: Span) {
        let Some(shared) = &self.0 else { return };
        if shared.queue.try_send(span).is_err() {
            shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl OpenSpan {
    /// What children of this span name as their parent.
    pub fn context(&self) -> TraceContext {
        self.own
    }

    pub fn end(self, name: String, attributes: Vec<Attribute>) {
        let span = Span {
            process: Process::Server,
            parent: self.parent,
            own: self.own,
            name,
            kind: self.kind,
            start_unix_us: self.began,
            end_unix_us: unix_us().max(self.began),
            attributes,
        };
        self.tracer.take(span);
    }
}

fn step_span(parent: TraceContext, own: TraceContext, time: StepTime) -> Span {
    let (process, name) = match time.step {
        TraceStep::StartSession => (Process::Supervisor, "start session"),
        TraceStep::StartDisplay => (Process::Supervisor, "start display"),
        TraceStep::StartStreamer => (Process::Supervisor, "start streamer"),
        TraceStep::ShowSession => (Process::Streamer, "show session"),
        TraceStep::ConnectViewer => (Process::Streamer, "connect viewer"),
        TraceStep::SendFirstFrame => (Process::Streamer, "send first frame"),
    };
    Span {
        process,
        parent,
        own,
        name: name.to_owned(),
        kind: SpanKind::Internal,
        start_unix_us: time.start_unix_us,
        end_unix_us: time.end_unix_us.max(time.start_unix_us),
        attributes: Vec::new(),
    }
}

/// A new span of the same trace; nothing where there is no randomness.
fn child(parent: TraceContext) -> Option<TraceContext> {
    let mut span = [0; 8];
    getrandom(&mut span, GetRandomFlags::empty()).ok()?;
    // Zero is no id.
    span[7] |= u8::from(span == [0; 8]);
    Some(TraceContext { span, ..parent })
}
