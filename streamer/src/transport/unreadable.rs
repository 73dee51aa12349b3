//! A word in the log about packets that could not be read: forged, cut off, or nobody's.
//!
//! The WebRTC library ignores them and says so by the `log` crate, once a packet. A stranger who sends
//! many would fill the log, so only their number is told, and seldom.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// The least time between two words.
const INTERVAL: Duration = Duration::from_secs(10);
/// Who in the library says so, as a warning.
const SOURCE: &str = "rtc::peer_connection::handler";

static COUNTER: Counter = Counter {
    total: AtomicU64::new(0),
    told: Mutex::new(None),
};

/// Takes up what the library says, for this process.
pub(crate) fn watch() {
    // Another logger can only be there in a test, which then counts nothing.
    if log::set_logger(&COUNTER).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}

#[derive(Debug)]
struct Counter {
    /// Packets since the start.
    total: AtomicU64,
    told: Mutex<Option<Told>>,
}

#[derive(Debug, Clone, Copy)]
struct Told {
    at: Instant,
    total: u64,
}

impl Counter {
    /// Counts a packet, and says how many came since the last word if another one is due.
    fn add(&self, now: Instant) -> Option<u64> {
        let total = self.total.fetch_add(1, Ordering::Relaxed) + 1;
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match *told {
            Some(told) if now.saturating_duration_since(told.at) < INTERVAL => return None,
            Some(told) => told.total,
            None => 0,
        };
        *told = Some(Told { at: now, total });
        // Two threads may count at once, and the slower one has the smaller total.
        Some(total.saturating_sub(before).max(1))
    }
}

impl Log for Counter {
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.level() == Level::Warn && metadata.target() == SOURCE
    }

    /// The record's own words are left out: what a stranger sent may be in them.
    fn log(&self, record: &Record) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if let Some(packets) = self.add(Instant::now()) {
            tracing::warn!(
                packets,
                "packets came that cannot be read: forged, damaged, or of no connection; they are ignored"
            );
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
pub(super) fn total() -> u64 {
    COUNTER.total.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_once_in_a_while_with_its_number() {
        let counter = Counter {
            total: AtomicU64::new(0),
            told: Mutex::new(None),
        };
        let start = Instant::now();
        assert_eq!(counter.add(start), Some(1));
        for _ in 0..1_000 {
            assert_eq!(counter.add(start + INTERVAL / 2), None);
        }
        assert_eq!(counter.add(start + INTERVAL), Some(1_001));
        assert_eq!(counter.add(start + INTERVAL), None);
    }
}
