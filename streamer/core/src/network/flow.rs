//! The flow itself: queues, pacer, repair and estimator, joined.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::departures::{Departure, Departures, Fate};
use super::estimator::{Arrival, Estimator, Load};
use super::pacer::Pacer;
use super::queue::{VideoQueue, video};
use super::repair::{Path, Repair, Sent};
use super::{Content, FlowConfig, FlowState, Outgoing, Purpose, Transmission};

/// Sound that waits: 64 packets of 10 ms are more than anybody wants to hear late, the oldest goes.
const MOST_AUDIO: usize = 64;
/// Reports looked at in one piece of feedback: twice what a receiver can hold back at 25 Mb/s.
const MOST_REPORTS: usize = 8_192;

/// Repairs that take this long, at the whole estimate, are hopeless: a keyframe is quicker.
const HOPELESS: Duration = Duration::from_millis(120);
const HOPELESS_BITS: f64 = 40_000.0;
/// Video that takes this long to leave says that the sender wants more than the estimate.
const BACKLOG: Duration = Duration::from_millis(20);

/// Chromium asks for a keyframe 3 s after the last frame.
const REST: Duration = Duration::from_millis(2_000);

/// Decides when each packet of one viewer leaves, repairs what gets lost, and estimates what the link carries.
///
/// `P` is the caller's packet; a clone of it comes back for repairs, so it should be cheap to clone.
#[derive(Debug)]
pub struct Flow<P> {
    audio: VecDeque<Outgoing<P>>,
    video: VideoQueue<P>,
    repair: Repair<P>,
    pacer: Pacer,
    departures: Departures,
    estimator: Estimator,
    /// When video last left for the first time.
    last_video: Option<Instant>,
    /// The receiver reported what never left.
    nonsense: bool,
    /// Instants are given to the estimator as seconds from here.
    epoch: Option<Instant>,
}

impl<P: Clone> Flow<P> {
    pub fn new(config: FlowConfig) -> Self {
        let estimator = Estimator::new(config);
        Self {
            audio: VecDeque::new(),
            video: VideoQueue::new(),
            repair: Repair::new(),
            pacer: Pacer::new(estimator.target_bps()),
            departures: Departures::default(),
            estimator,
            last_video: None,
            nonsense: false,
            epoch: None,
        }
    }

    /// Queues a packet. Video whose frame can't be decoded any more, or would leave too late, is dropped:
    /// see [`Self::take_dropped`].
    pub fn send(&mut self, mut packet: Outgoing<P>, now: Instant) {
        self.epoch.get_or_insert(now);
        packet.bytes = packet.bytes.max(1);
        match packet.content {
            Content::Audio => {
                if self.audio.len() == MOST_AUDIO {
                    self.audio.pop_front();
                }
                self.audio.push_back(packet);
            }
            Content::Video {
                frame, keyframe, ..
            } => {
                if self.video.is_new(frame) {
                    self.shed(now);
                }
                self.video.push(packet, frame, keyframe);
            }
        }
    }

    /// What may leave now. Call it until it says `None`, after every other call and at
    /// [`Self::poll_timeout`].
    pub fn poll(&mut self, now: Instant) -> Option<Transmission<P>> {
        if let Some(packet) = self.audio.pop_front() {
            return Some(self.depart(packet, Purpose::First, now));
        }
        self.repair.suspect(self.round_trip(), now);
        if self.pacer.ready_at().is_some_and(|at| now < at) {
            return None;
        }
        if let Some(sent) = self
            .repair
            .pop(self.estimator.target_bps(), self.round_trip(), now)
        {
            return Some(self.depart(sent.into(), Purpose::Repair, now));
        }
        if let Some(packet) = self.video.pop() {
            self.remember(&packet, now);
            return Some(self.depart(packet, Purpose::First, now));
        }
        if let Some(sent) = self.repair.pop_spare(now) {
            return Some(self.depart(sent.into(), Purpose::Repair, now));
        }
        self.probe(now)
    }

    /// When [`Self::poll`] has to be called at the latest, if nothing else happens before.
    pub fn poll_timeout(&self) -> Option<Instant> {
        // The past stands for "at once".
        let at_once = self.epoch;
        if !self.audio.is_empty() {
            return at_once;
        }
        let waiting =
            self.video.bytes() > 0 || self.repair.is_asked() || self.estimator.is_probing();
        let paced = self.pacer.ready_at().or(at_once).filter(|_| waiting);
        let suspects = self.repair.suspects_at(self.round_trip());
        let echoes = self.repair.due_at().max(self.pacer.ready_at());
        let echoes = self.repair.due_at().and(echoes);
        [paced, suspects, echoes].into_iter().flatten().min()
    }

    /// What the receiver says of packets by their transport-wide numbers: when each arrived by its clock,
    /// or `None` if it is missing. Numbers that never left are ignored.
    pub fn feedback(
        &mut self,
        reports: impl Iterator<Item = (u16, Option<Duration>)>,
        now: Instant,
    ) {
        let seconds = self.seconds(now);
        for (number, arrival) in reports.take(MOST_REPORTS) {
            self.report(number, arrival, now);
        }
        let load = if self.pacer.time_for(self.video.bytes(), now) > BACKLOG {
            Load::Backlogged
        } else {
            Load::Flowing
        };
        self.estimator.update(load, seconds);
        self.pacer.set_rate(self.estimator.target_bps(), now);
        self.shed(now);
    }

    /// The receiver asks for these video packets again, by their RTP sequence numbers.
    pub fn nack(&mut self, sequence_numbers: impl Iterator<Item = u16>, now: Instant) {
        self.repair.ask(sequence_numbers, self.round_trip(), now);
        let bits = self.repair.asked_bytes() as f64 * 8.0;
        if bits > self.estimator.target_bps() * HOPELESS.as_secs_f64() && bits > HOPELESS_BITS {
            let newest = self.repair.give_up();
            self.video.give_up(newest);
        }
    }

    pub fn state(&self, now: Instant) -> FlowState {
        FlowState {
            target_bps: self.estimator.target_bps() as u64,
            acknowledged_bps: self.estimator.acknowledged_bps() as u64,
            queue: self.pacer.time_for(self.video.bytes(), now),
            network_queue: Duration::from_secs_f64(self.estimator.queue().clamp(0.0, 60.0)),
            loss: self.estimator.loss(),
            round_trip: self.round_trip(),
        }
    }

    /// Whether video was dropped since the last call: what follows can't be decoded without a keyframe.
    pub fn take_dropped(&mut self) -> bool {
        self.video.take_dropped()
    }

    /// Whether since the last call the receiver has reported packets that never left, or are long forgotten.
    /// Such reports change nothing.
    pub fn take_nonsense(&mut self) -> bool {
        std::mem::take(&mut self.nonsense)
    }

    /// Whether no video has left for a while, and the receiver has the last of it.
    ///
    /// Browsers take stillness for loss and ask for a keyframe every few seconds; that would never end,
    /// since each keyframe begins the next wait. A decoder that has really lost its way says so when
    /// the next frame comes.
    pub fn is_at_rest(&self, now: Instant) -> bool {
        let rests = |at| now.saturating_duration_since(at) >= REST;
        self.last_video.is_some_and(rests) && !self.repair.awaits_news()
    }

    fn report(&mut self, number: u16, arrival: Option<Duration>, now: Instant) {
        let epoch = *self.epoch.get_or_insert(now);
        let Some((number, departure)) = self.departures.get_mut(number) else {
            self.nonsense = true;
            return;
        };
        match (departure.fate, arrival) {
            (Fate::Received, _) | (Fate::Missing, None) => {}
            (Fate::Unknown, None) => {
                departure.fate = Fate::Missing;
                let left = departure.left_at.saturating_duration_since(epoch);
                self.estimator.missing(left.as_secs_f64());
            }
            (was, Some(at)) => {
                departure.fate = Fate::Received;
                let arrival = Arrival {
                    number,
                    left: departure
                        .left_at
                        .saturating_duration_since(epoch)
                        .as_secs_f64(),
                    received: at.as_secs_f64(),
                    bytes: departure.bytes,
                    train: departure.train,
                };
                let video = departure.video;
                if was == Fate::Missing {
                    self.estimator.turned_up(arrival.left);
                }
                let now = now.saturating_duration_since(epoch).as_secs_f64();
                self.estimator.received(arrival, now);
                if let Some(sequence_number) = video {
                    self.repair.received(sequence_number);
                }
            }
        }
    }

    fn probe(&mut self, now: Instant) -> Option<Transmission<P>> {
        if !self.estimator.is_probing() {
            return None;
        }
        let Some(padding) = self.repair.padding() else {
            self.estimator.cancel_probe();
            return None;
        };
        let seconds = self.seconds(now);
        if !self.estimator.take_probe(padding.bytes, seconds) {
            return None;
        }
        Some(self.depart(padding.into(), Purpose::Probe, now))
    }

    fn remember(&mut self, packet: &Outgoing<P>, now: Instant) {
        let Content::Video {
            frame,
            keyframe,
            last,
        } = packet.content
        else {
            return;
        };
        let sent = Sent {
            sequence_number: packet.sequence_number,
            frame,
            keyframe,
            last,
            bytes: packet.bytes,
            left_at: now,
            repaired_at: None,
            asked: false,
            received: false,
            packet: packet.packet.clone(),
        };
        let path = Path {
            round_trip: self.round_trip(),
            loss: self.estimator.loss(),
            estimate_bps: self.estimator.target_bps(),
        };
        self.repair.left(sent, path, now);
        self.last_video = Some(now);
    }

    fn depart(&mut self, packet: Outgoing<P>, purpose: Purpose, now: Instant) -> Transmission<P> {
        let train = self.pacer.left(packet.bytes, now);
        let seconds = self.seconds(now);
        self.estimator.left(packet.bytes, seconds);
        self.pacer.set_rate(self.estimator.target_bps(), now);
        let number = self.departures.push(Departure {
            left_at: now,
            bytes: packet.bytes,
            train,
            video: video(packet.content).map(|_| packet.sequence_number),
            fate: Fate::Unknown,
        });
        Transmission {
            number,
            purpose,
            packet: packet.packet,
        }
    }

    fn shed(&mut self, now: Instant) {
        self.pacer.set_rate(self.estimator.target_bps(), now);
        self.video.shed(|bytes| self.pacer.time_for(bytes, now));
    }

    fn round_trip(&self) -> Option<Duration> {
        let seconds = self.estimator.round_trip()?;
        Some(Duration::from_secs_f64(seconds.clamp(0.0, 10.0)))
    }

    fn seconds(&mut self, now: Instant) -> f64 {
        let epoch = *self.epoch.get_or_insert(now);
        now.saturating_duration_since(epoch).as_secs_f64()
    }
}

impl<P> From<Sent<P>> for Outgoing<P> {
    fn from(sent: Sent<P>) -> Self {
        Self {
            content: Content::Video {
                frame: sent.frame,
                keyframe: sent.keyframe,
                last: sent.last,
            },
            sequence_number: sent.sequence_number,
            bytes: sent.bytes,
            packet: sent.packet,
        }
    }
}
