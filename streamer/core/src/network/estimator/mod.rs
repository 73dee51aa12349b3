//! How many bits a second the link carries.
//!
//! Three observations, each from transport-wide feedback:
//!
//! * [`Trend`]: how long packets wait in queues on the way, and whether that grows. A standing queue means
//!   that more was sent than the link carries: the estimate is cut at once, to a part of what arrived while
//!   the queue stood (that *is* what the link carries).
//! * [`Bursts`]: frames leave faster than the estimate. If they arrive as fast, there is room and the
//!   estimate grows quickly; if they arrive spread out, their spread is the link's rate, and the estimate
//!   goes there and no further. A sender that is not filling the link learns as well, without padding.
//!   Where frames are too small to be bursts, [`Probe`] adds padding to them.
//! * [`Loss`]: lost packets mean congestion if packets that waited in a queue are lost more often than
//!   those that did not, or if very many are lost. Otherwise the link just loses packets.
//!
//! A sender that is not filling the link leaves the estimate as it is: what arrived says nothing then.

mod acknowledged;
mod bursts;
mod loss;
mod probe;
mod rules;
mod silence;
mod trend;

use super::FlowConfig;
use acknowledged::{Acknowledged, Meter};
use bursts::{Bursts, Room};
use loss::Loss;
use probe::Probe;
use rules::*;
use silence::Silence;
use trend::Trend;

/// A packet that arrived. Times are seconds, by the sender's clock and by the receiver's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) number: u64,
    pub(super) left: f64,
    pub(super) received: f64,
    pub(super) bytes: usize,
    pub(super) train: u64,
}

/// Whether the sender has more to send than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    Flowing,
    Backlogged,
}

#[derive(Debug, Clone, Copy)]
struct Cut {
    at: f64,
    queue: f64,
    /// What the link was seen to carry.
    carried_bps: f64,
}

#[derive(Debug)]
pub(super) struct Estimator {
    config: FlowConfig,
    target_bps: f64,
    trend: Trend,
    acknowledged: Acknowledged,
    bursts: Bursts,
    loss: Loss,
    probe: Probe,
    sent: Meter,
    last_cut: Option<Cut>,
    updated_at: f64,
    clear_at: f64,
    contested_until: f64,
    /// The link's rate as the last bursts showed it, if they were held up, and when.
    link: Option<(f64, f64)>,
    silence: Silence,
    round_trips: trend::Lowest,
}

impl Estimator {
    pub(super) fn new(config: FlowConfig) -> Self {
        let min_bps = config.min_bps.max(1_000);
        let max_bps = config.max_bps.max(min_bps);
        let config = FlowConfig {
            start_bps: config.start_bps.clamp(min_bps, max_bps),
            min_bps,
            max_bps,
        };
        Self {
            config,
            target_bps: config.start_bps as f64,
            trend: Trend::default(),
            acknowledged: Acknowledged::default(),
            bursts: Bursts::default(),
            loss: Loss::default(),
            probe: Probe::new(config.max_bps as f64),
            sent: Meter::default(),
            last_cut: None,
            updated_at: 0.0,
            clear_at: 0.0,
            contested_until: 0.0,
            link: None,
            silence: Silence::default(),
            round_trips: trend::Lowest::over(0.5),
        }
    }

    pub(super) fn target_bps(&self) -> f64 {
        self.target_bps
    }

    pub(super) fn acknowledged_bps(&self) -> f64 {
        self.acknowledged.rate_bps()
    }

    /// Seconds that packets wait on the way.
    pub(super) fn queue(&self) -> f64 {
        self.trend.queue()
    }

    pub(super) fn loss(&self) -> f64 {
        self.loss.share()
    }

    pub(super) fn round_trip(&self) -> Option<f64> {
        self.round_trips.get()
    }

    /// A packet leaves.
    pub(super) fn left(&mut self, bytes: usize, now: f64) {
        self.sent.add(bytes, now);
        if self.silence.left(now, self.round_trip().unwrap_or(0.0)) {
            self.set(self.target_bps * SILENCE_CUT);
        }
    }

    pub(super) fn missing(&mut self, left: f64) {
        self.loss.missing(left);
    }

    /// A packet that was missing is there after all.
    pub(super) fn turned_up(&mut self, left: f64) {
        self.loss.turned_up(left);
    }

    pub(super) fn received(&mut self, arrival: Arrival, now: f64) {
        self.silence.broken();
        self.round_trips.add(now, now - arrival.left);
        if self.trend.is_jump(&arrival) {
            self.restart_observations();
        }
        let queue = self.trend.add(&arrival);
        self.acknowledged.add(&arrival, queue);
        self.bursts.add(&arrival);
        self.loss.received(arrival.left, queue);
    }

    /// Draws the conclusion from everything reported since the last call.
    pub(super) fn update(&mut self, load: Load, now: f64) {
        let step = (now - self.updated_at).clamp(0.0, LONGEST_STEP);
        self.updated_at = now;
        let filling = self.is_filling(load, now);
        self.watch_last_cut();
        if self.is_congested() {
            self.cut(now);
        } else if self.trend.queue() < self.clear_queue() {
            self.resume();
            if filling {
                self.grow(step, now);
            }
        }
        if filling {
            self.relieve(now);
        }
    }

    /// Padding is to be sent.
    pub(super) fn is_probing(&self) -> bool {
        self.probe.is_active()
    }

    /// Whether a packet of padding is to leave now.
    pub(super) fn take_probe(&mut self, bytes: usize, now: f64) -> bool {
        self.probe.take(bytes, self.target_bps, now)
    }

    pub(super) fn cancel_probe(&mut self) {
        self.probe.cancel();
    }

    fn is_congested(&self) -> bool {
        self.is_queueing() || self.loss.is_congestion()
    }

    fn is_queueing(&self) -> bool {
        let limit = QUEUE_LIMIT.max(LIMIT_PACKETS * self.packet_time());
        let stands = self.trend.queue() > limit && self.trend.slope() > DRAINING;
        let deeper = !self.is_contested() && self.cut_target() < self.target_bps * 0.8;
        let may_tell = self.is_answered() || deeper;
        stands && may_tell && !self.acknowledged.is_gathered()
    }

    /// Seconds of a queue that is as good as gone.
    fn clear_queue(&self) -> f64 {
        QUEUE_CLEAR.max(CLEAR_PACKETS * self.packet_time())
    }

    /// Seconds that the link takes for a large packet, if it carries the estimate.
    fn packet_time(&self) -> f64 {
        PACKET_BITS / self.target_bps
    }

    /// Whether what is observed now left after the last cut, and so shows its effect.
    fn is_answered(&self) -> bool {
        self.last_cut
            .is_none_or(|cut| self.trend.oldest_left().is_some_and(|left| left > cut.at))
    }

    fn cut(&mut self, now: f64) {
        let queue = self.trend.queue();
        let answered = self
            .last_cut
            .filter(|cut| cut.queue > 0.0 && self.is_answered());
        let in_vain = answered.is_some_and(|cut| self.trend.judge(cut.queue, queue));
        if in_vain || !self.is_queueing() {
            self.contested_until = now + CONTEST;
        }
        let carried_bps = self.carried_bps();
        let target = self.cut_target();
        // A further cut before the answer to the last one does not put the answer off.
        let (at, queue) = match self.last_cut.filter(|_| !self.is_answered()) {
            Some(cut) => (cut.at, cut.queue.max(queue)),
            None => (now, queue),
        };
        self.last_cut = Some(Cut {
            at,
            queue,
            carried_bps,
        });
        self.loss.start_after(now);
        self.bursts.start_after(now);
        self.probe.cut_from(self.target_bps);
        self.set(target.min(self.target_bps));
    }

    /// Whether another flow seems to share the link.
    fn is_contested(&self) -> bool {
        self.updated_at < self.contested_until || self.trend.tolerates(QUEUE_LIMIT)
    }

    /// Until the last cut is answered the queue still grows by what left before it.
    fn watch_last_cut(&mut self) {
        let (answered, queue) = (self.is_answered(), self.trend.queue());
        if let Some(cut) = self.last_cut.as_mut().filter(|_| !answered) {
            cut.queue = cut.queue.max(queue);
        }
    }

    fn cut_target(&self) -> f64 {
        // Somebody else's queue would not be gone any sooner for a deeper cut.
        let deepest = if self.is_contested() {
            CUT
        } else {
            DEEPEST_CUT
        };
        let factor = (1.0 - self.trend.queue() / DRAIN_TIME).clamp(deepest, CUT);
        self.carried_bps() * factor
    }

    fn carried_bps(&self) -> f64 {
        self.acknowledged.busy_bps().unwrap_or(self.target_bps)
    }

    /// The queue is gone: back to what the link was seen to carry.
    fn resume(&mut self) {
        let Some(cut) = self.last_cut.filter(|_| self.is_answered()) else {
            return;
        };
        let carried = cut.carried_bps * CUT;
        if self.target_bps < carried {
            self.set(carried);
        }
        self.trend.emptied();
        self.last_cut = Some(Cut {
            queue: 0.0,
            carried_bps: 0.0,
            ..cut
        });
    }

    /// A queue that is short but never gone hides the empty path's delay: a little less empties it.
    fn relieve(&mut self, now: f64) {
        if self.trend.queue() < self.clear_queue() || self.is_contested() {
            self.clear_at = now;
        } else if now - self.clear_at > LONGEST_UNCLEAR {
            self.clear_at = now;
            self.set(self.target_bps.min(self.acknowledged.rate_bps() * RELIEF));
        }
    }

    fn is_filling(&self, load: Load, now: f64) -> bool {
        load == Load::Backlogged || self.sent.rate_bps(now) > FILLING * self.target_bps
    }

    fn grow(&mut self, step: f64, now: f64) {
        let contested = self.is_contested();
        let room = match self.bursts.room() {
            // Beside another flow, bursts show what both have together.
            Room::Exactly(_) if contested => Room::Unknown,
            room => room,
        };
        let doubling = if contested {
            CONTESTED_DOUBLING
        } else {
            DOUBLING
        };
        let doubled = self.target_bps * (step / doubling).exp2();
        let acknowledged = self.acknowledged.rate_bps() * MOST_OVER_ACKNOWLEDGED;
        let blind = (self.target_bps * (1.0 + BLIND_GROWTH * step), acknowledged);
        let (grown, most) = match room {
            // A backlog leaves at the estimate and not in bursts: that it arrives so is no news.
            Room::AtLeast(bps) if bps > self.target_bps * BURST => {
                self.link = None;
                (doubled, acknowledged.max(bps * 0.9))
            }
            // A backlog leaves at the estimate: that it arrives so does not disprove what bursts have shown.
            Room::AtLeast(_) => match self.link {
                Some((_, at)) if now - at > LINK_MEMORY => (doubled, acknowledged),
                Some((bps, _)) if bps * NEAR > self.target_bps => (doubled, bps * NEAR),
                Some(_) => blind,
                None => (doubled, acknowledged),
            },
            Room::Exactly(bps) => {
                self.link = Some((bps, now));
                (doubled, bps * NEAR)
            }
            Room::Unknown => blind,
        };
        self.probe.consider(room, self.target_bps, now);
        if grown.min(most) > self.target_bps {
            self.set(grown.min(most));
        }
    }

    fn set(&mut self, bps: f64) {
        let (min, max) = (self.config.min_bps as f64, self.config.max_bps as f64);
        self.target_bps = bps.clamp(min, max);
    }

    fn restart_observations(&mut self) {
        self.trend = Trend::default();
        self.acknowledged = Acknowledged::default();
        self.bursts = Bursts::default();
    }
}
