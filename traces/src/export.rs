use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::mpsc, time::sleep};

use crate::otlp::{self, Span};

/// The most spans in one request.
const MAX_BATCH: usize = 512;
/// For how long spans are gathered.
const PAUSE: Duration = Duration::from_secs(1);

/// Spans on their way to the collector.
#[derive(Debug)]
pub struct SpanQueue {
    pub(crate) spans: mpsc::Receiver<Span>,
    pub(crate) dropped: Arc<AtomicU64>,
}

impl SpanQueue {
    /// Sends spans until no tracer is left; what `send` does not get rid of is not sent again.
    pub async fn export<Error: std::fmt::Display>(
        mut self,
        service: &str,
        version: &str,
        send: impl AsyncFn(Vec<u8>) -> Result<(), Error>,
    ) {
        let (mut batch, mut told) = (Vec::new(), 0);
        while self.spans.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let body = otlp::request(service, version, &batch);
            if let Err(error) = send(body).await {
                tracing::debug!(%error, "the collector takes no spans");
                let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
                self.dropped.fetch_add(count, Ordering::Relaxed);
            }
            let dropped = self.dropped.load(Ordering::Relaxed);
            // Once for every doubling: a collector that is away for days fills no log.
            if dropped > told * 2 {
                tracing::warn!(dropped, "spans did not reach the collector");
                told = dropped;
            }
            batch.clear();
            sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use streamspace_protocol::TraceContext;

    use crate::{SpanKind, Tracer};

    fn caller() -> TraceContext {
        TraceContext {
            trace: [1; 16],
            span: [2; 8],
            sampled: true,
        }
    }

    #[tokio::test]
    async fn a_span_is_written_as_a_child_of_its_caller() {
        let (tracer, queue) = Tracer::new();
        let span = tracer.begin(Some(caller()), SpanKind::Server);
        let attributes = vec![("http.response.status_code", "200".to_owned())];
        span.expect("a span").end("GET /".into(), attributes);
        drop(tracer);
        let sent = Mutex::new(Vec::new());
        let send = async |body: Vec<u8>| {
            sent.lock().expect("one task").push(body);
            Ok::<_, String>(())
        };
        queue.export("desk", "1", send).await;
        let sent = sent.into_inner().expect("one task");
        let [body] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        let body: serde_json::Value = serde_json::from_slice(body).expect("JSON");
        let span = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(span["traceId"], "01".repeat(16));
        assert_eq!(span["parentSpanId"], "02".repeat(8));
        assert_eq!(span["attributes"][0]["value"]["intValue"], "200");
    }

    #[test]
    fn nothing_is_recorded_where_nobody_asks_or_takes_it() {
        let (tracer, _queue) = Tracer::new();
        let unsampled = TraceContext {
            sampled: false,
            ..caller()
        };
        assert!(tracer.begin(Some(unsampled), SpanKind::Server).is_none());
        assert!(tracer.begin(None, SpanKind::Server).is_none());
        let off = Tracer::default();
        assert!(off.begin(Some(caller()), SpanKind::Server).is_none());
    }

    #[tokio::test]
    async fn a_full_queue_and_a_dead_collector_lose_spans_and_count_them() {
        let (tracer, queue) = Tracer::new();
        for _ in 0..3000 {
            let span = tracer.begin(Some(caller()), SpanKind::Internal);
            span.expect("a span").end("x".into(), vec![]);
        }
        drop(tracer);
        let dropped = std::sync::Arc::clone(&queue.dropped);
        tokio::time::pause();
        queue.export("desk", "1", async |_| Err("away")).await;
        assert_eq!(dropped.load(std::sync::atomic::Ordering::Relaxed), 3000);
    }
}
