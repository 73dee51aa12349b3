//! When to send padding that shows what the link carries.
//!
//! Frames are bursts themselves and say the same for free. Padding is for frames of too few packets, and
//! only where the estimate is likely too low: at the start, and after a cut.

use super::bursts::Room;

/// Packets of one cluster, and the time at the estimate that they may take, in seconds.
const PACKETS: usize = 5;
const LONGEST: f64 = 0.04;
const LEAST_PACKETS: usize = 2;
/// Seconds between clusters; each one in vain doubles them.
const INTERVAL: f64 = 0.5;
const LONGEST_INTERVAL: f64 = 8.0;

#[derive(Debug)]
pub(super) struct Probe {
    /// Rates up to here have been seen to work: worth looking for again.
    known_bps: f64,
    packets: usize,
    bytes: usize,
    due_at: f64,
    interval: f64,
}

impl Probe {
    pub(super) fn new(most_bps: f64) -> Self {
        Self {
            known_bps: most_bps,
            packets: 0,
            bytes: 0,
            due_at: 0.0,
            interval: INTERVAL,
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.packets > 0
    }

    pub(super) fn cancel(&mut self) {
        self.packets = 0;
    }

    /// The estimate was cut from this rate.
    pub(super) fn cut_from(&mut self, bps: f64) {
        self.known_bps = self.known_bps.max(bps);
        self.interval = INTERVAL;
        self.cancel();
    }

    /// Starts a cluster if one is due.
    pub(super) fn consider(&mut self, room: Room, target_bps: f64, now: f64) {
        if room != Room::Unknown || target_bps >= self.known_bps || now < self.due_at {
            return;
        }
        self.packets = PACKETS;
        self.bytes = 0;
        self.due_at = now + self.interval;
        self.interval = (self.interval * 2.0).min(LONGEST_INTERVAL);
    }

    /// Whether a packet of that size is to leave as a part of the cluster.
    pub(super) fn take(&mut self, bytes: usize, target_bps: f64, _now: f64) -> bool {
        if self.packets == 0 {
            return false;
        }
        let sent = PACKETS - self.packets;
        self.bytes += bytes;
        let too_long = self.bytes as f64 * 8.0 > LONGEST * target_bps;
        if sent >= LEAST_PACKETS && too_long {
            self.cancel();
            return false;
        }
        self.packets -= 1;
        true
    }
}
