//! What is logged, which changes while the server runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{ParseError, filter_fn},
    reload,
};

/// What our own code may log at any level: it keeps secrets in types that do not show them.
const OURS: &str = "streamspace";
/// Libraries show at `debug` and `trace` whatever passes through them: SDP, cookies, tokens, keys. So that is not to be
/// had, whatever the filter says.
const MOST_OF_OTHERS: LevelFilter = LevelFilter::INFO;
/// These say something of each message that they cannot read, which any stranger can send, and name keys while they
/// sign.
const SILENT: [&str; 2] = ["stun_types", "turn_types"];

#[derive(Debug, thiserror::Error)]
pub enum LogFilterError {
    #[error("this is no filter of the log: {0}")]
    Invalid(#[from] ParseError),
    #[error("a filter of the log has at most {} characters", LogFilter::MAX_CHARS)]
    Long,
    #[error("the log cannot be changed: {0}")]
    Fixed(#[from] reload::Error),
}

/// The filter of the log that [`LogFilter::new`] was made with.
#[derive(Debug)]
pub struct LogFilter {
    current: Mutex<String>,
    handle: reload::Handle<EnvFilter, Registry>,
}

impl LogFilter {
    const MAX_CHARS: usize = 1000;

    /// The filter, and the layer that it changes, for under what writes the log.
    ///
    /// # Errors
    /// Directives that cannot be read.
    pub fn new(
        directives: &str,
    ) -> Result<(Self, impl Layer<Registry> + Send + Sync + 'static), LogFilterError> {
        let (layer, handle) = reload::Layer::new(parse(directives)?);
        let filter = Self {
            current: Mutex::new(directives.to_owned()),
            handle,
        };
        Ok((filter, layer.and_then(filter_fn(may_be_logged))))
    }

    /// The directives.
    pub fn get(&self) -> String {
        self.current().clone()
    }

    /// From now on this is logged.
    ///
    /// # Errors
    /// Directives that cannot be read: nothing changes.
    pub fn set(&self, directives: &str) -> Result<(), LogFilterError> {
        let filter = parse(directives)?;
        let mut current = self.current();
        self.handle.reload(filter)?;
        tracing::info!(before = *current, now = directives, "the log's filter");
        directives.clone_into(&mut current);
        Ok(())
    }

    fn current(&self) -> MutexGuard<'_, String> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse(directives: &str) -> Result<EnvFilter, LogFilterError> {
    if directives.chars().count() > LogFilter::MAX_CHARS {
        return Err(LogFilterError::Long);
    }
    Ok(EnvFilter::builder().parse(directives)?)
}

/// Where no directive has a say.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    is_within_bounds(metadata.target(), *metadata.level())
}

fn is_within_bounds(target: &str, level: Level) -> bool {
    let library = target.split("::").next().unwrap_or_default();
    if SILENT.contains(&library) {
        return false;
    }
    library.starts_with(OURS) || level <= MOST_OF_OTHERS
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use tracing_subscriber::{fmt, layer::SubscriberExt};

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("unpoisoned").extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What of all that is said under this filter, and then under the next one, is written.
    fn written(directives: &str, next: &str) -> String {
        let log = Written::default();
        let (filter, layer) = LogFilter::new(directives).expect("a filter");
        let writer = log.clone();
        let lines = fmt::layer()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(layer).with(lines);
        tracing::subscriber::with_default(subscriber, || {
            say("before");
            filter.set(next).expect("a filter");
            say("after");
        });
        let bytes = log.0.lock().expect("unpoisoned").clone();
        String::from_utf8(bytes).expect("text")
    }

    fn say(when: &str) {
        tracing::debug!(target: "streamspace_api::x", "ours {when}");
        tracing::info!(target: "hyper::proto", "theirs {when}");
        tracing::trace!(target: "tungstenite::protocol", "v=0 {when}");
        tracing::debug!(target: "rustls::client", "a key {when}");
        tracing::error!(target: "turn_types::message", "a password {when}");
        tracing::error!(target: "stun_types", "a password {when}");
    }

    #[test]
    fn another_filter_holds_from_its_setting_on() {
        let log = written("warn", "info,streamspace_api=debug");
        assert!(
            !log.contains("ours before") && !log.contains("theirs before"),
            "{log}"
        );
        assert!(log.contains("ours after"), "{log}");
        assert!(log.contains("theirs after"), "{log}");
        let log = written("trace", "off");
        assert!(
            log.contains("ours before") && !log.contains("after"),
            "{log}"
        );
    }

    #[test]
    fn no_filter_makes_libraries_tell_what_passes_through_them() {
        for directives in [
            "trace",
            "tungstenite=trace,rustls=trace,turn_types=trace,stun_types=trace",
            "tungstenite::protocol=trace,turn_types::message=trace,rustls::client=debug",
        ] {
            let log = written(directives, directives);
            for secret in ["v=0", "a key", "a password"] {
                assert!(!log.contains(secret), "{log}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_changes_nothing() {
        let (filter, _layer) = LogFilter::new("info").expect("a filter");
        for directives in ["info,a=loud", "[", &"x".repeat(2000)] {
            assert!(filter.set(directives).is_err(), "{directives}");
        }
        assert_eq!(filter.get(), "info");
    }
}
