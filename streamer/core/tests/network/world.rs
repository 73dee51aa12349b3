//! Everything joined, and the clock.

use std::time::{Duration, Instant};

use streamspace_streamer_core::network::{Flow, FlowConfig, FlowState, Purpose, Transmission};

use crate::agenda::Agenda;
use crate::encoder::{Encoder, Packet, Screen};
use crate::link::{Link, LinkConfig};
use crate::random::Random;
use crate::receiver::Receiver;
use crate::rival::{self, Rival};

const AUDIO_INTERVAL: Duration = Duration::from_millis(20);
const SAMPLE_INTERVAL: Duration = Duration::from_millis(50);
const NACK_INTERVAL: Duration = Duration::from_millis(20);
/// A driver wakes at most this late.
const LATE_S: f64 = 0.001;

pub(crate) const CONFIG: FlowConfig = FlowConfig {
    start_bps: 3_000_000,
    min_bps: 150_000,
    max_bps: 30_000_000,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    Plays,
    Silent,
}

#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) link: LinkConfig,
    pub(crate) screen: Screen,
    /// The chance of a message on the way back to get lost.
    pub(crate) lost_back: f64,
    /// Between these times nothing comes back.
    pub(crate) silent: Option<(Duration, Duration)>,
    pub(crate) sound: Sound,
    /// When a competing flow starts.
    pub(crate) rival_from: Option<Duration>,
    pub(crate) length: Duration,
}

impl Scene {
    pub(crate) fn of(link: LinkConfig, fps: u32, length_s: u64) -> Self {
        Self {
            link,
            screen: Screen::moving(fps),
            lost_back: 0.0,
            silent: None,
            sound: Sound::Plays,
            rival_from: None,
            length: Duration::from_secs(length_s),
        }
    }
}

#[derive(Debug)]
enum Event {
    Capture,
    Audio,
    Wake,
    Sample,
    Arrive(Transmission<Packet>),
    Feedback,
    Nacks,
    Reported(Vec<(u16, Option<Duration>)>),
    Asked(Vec<u16>),
    KeyframeAsked,
    RivalStarts,
    RivalAcknowledged(Duration),
    RivalLost,
}

/// The state at one time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) at: Duration,
    pub(crate) state: FlowState,
    pub(crate) link_wait: Duration,
    pub(crate) video_bytes: usize,
    pub(crate) rival_bytes: usize,
}

#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) sent: u32,
    pub(crate) repairs: u32,
    pub(crate) probes: u32,
    pub(crate) lost: u32,
}

#[derive(Debug)]
pub(crate) struct World {
    scene: Scene,
    epoch: Instant,
    now: Duration,
    agenda: Agenda<Event>,
    random: Random,
    flow: Flow<Packet>,
    link: Link,
    rival: Rival,
    wake_at: Option<Duration>,
    pub(crate) encoder: Encoder,
    pub(crate) receiver: Receiver,
    pub(crate) counts: Counts,
    pub(crate) samples: Vec<Sample>,
}

impl World {
    /// Lets the scene happen.
    pub(crate) fn run(scene: &Scene, seed: u64) -> Self {
        let round_trip = 2 * scene.link.propagation;
        let mut world = Self {
            scene: scene.clone(),
            epoch: any_instant(),
            now: Duration::ZERO,
            agenda: Agenda::new(),
            random: Random::seeded(seed),
            flow: Flow::new(CONFIG),
            link: Link::new(scene.link.clone(), seed ^ 0x11),
            rival: Rival::new(round_trip),
            wake_at: None,
            encoder: Encoder::new(scene.screen, seed),
            receiver: Receiver::new(round_trip.max(Duration::from_millis(20))),
            counts: Counts::default(),
            samples: Vec::new(),
        };
        for event in [Event::Capture, Event::Sample, Event::Feedback, Event::Nacks] {
            world.agenda.add(Duration::ZERO, event);
        }
        if scene.sound == Sound::Plays {
            world.agenda.add(Duration::ZERO, Event::Audio);
        }
        if let Some(from) = scene.rival_from {
            world.agenda.add(from, Event::RivalStarts);
        }
        while let Some((at, event)) = world.agenda.next() {
            if at > scene.length {
                break;
            }
            world.now = at;
            world.handle(event);
            world.transmit();
        }
        world
    }

    fn handle(&mut self, event: Event) {
        let now = self.now;
        let instant = self.epoch + now;
        match event {
            Event::Capture => self.capture(),
            Event::Audio => {
                self.flow.send(self.encoder.audio(), instant);
                self.agenda.add(now + AUDIO_INTERVAL, Event::Audio);
            }
            Event::Wake => self.wake_at = None,
            Event::Sample => self.sample(),
            Event::Arrive(transmission) => {
                let Transmission { number, packet, .. } = transmission;
                let missing = self.receiver.receive(number, packet, now);
                self.send_back(missing.is_empty(), Event::Asked(missing));
            }
            Event::Feedback if self.scene.link.seen(now) > now => {
                // The first thing that a receiver does after a stall, before it has seen all that waits.
                let soon = self.scene.link.seen(now) + Duration::from_micros(100);
                self.agenda.add(soon, Event::Feedback);
            }
            Event::Feedback => {
                let reports = self.receiver.feedback(now);
                self.send_back(reports.is_empty(), Event::Reported(reports));
                let interval = Duration::from_secs_f64(self.random.between(0.05, 0.1));
                self.agenda.add(now + interval, Event::Feedback);
            }
            Event::Nacks => {
                let again = self.receiver.nack_again(now);
                self.send_back(again.is_empty(), Event::Asked(again));
                let hopeless = self.receiver.wants_keyframe(now);
                self.send_back(!hopeless, Event::KeyframeAsked);
                self.agenda.add(now + NACK_INTERVAL, Event::Nacks);
            }
            Event::Reported(reports) => self.flow.feedback(reports.into_iter(), instant),
            Event::Asked(missing) => self.flow.nack(missing.into_iter(), instant),
            Event::KeyframeAsked => self.encoder.request_keyframe(),
            Event::RivalStarts => self.rival_sends(),
            Event::RivalAcknowledged(round_trip) => {
                self.rival.acknowledged(round_trip);
                self.rival_sends();
            }
            Event::RivalLost => {
                self.rival.lost(now);
                self.rival_sends();
            }
        }
    }

    fn capture(&mut self) {
        let instant = self.epoch + self.now;
        if self.flow.take_dropped() {
            self.encoder.request_keyframe();
        }
        let state = self.flow.state(instant);
        for packet in self.encoder.encode(&state, self.now) {
            self.flow.send(packet, instant);
        }
        let next = self.now + self.encoder.interval(self.now);
        self.agenda.add(next, Event::Capture);
    }

    fn transmit(&mut self) {
        let now = self.now;
        while let Some(transmission) = self.flow.poll(self.epoch + now) {
            self.counts.sent += 1;
            self.counts.repairs += u32::from(transmission.purpose == Purpose::Repair);
            self.counts.probes += u32::from(transmission.purpose == Purpose::Probe);
            match self.link.carry(transmission.packet.bytes, now) {
                Some(at) => self.agenda.add(at, Event::Arrive(transmission)),
                None => self.counts.lost += 1,
            }
        }
        let Some(timeout) = self.flow.poll_timeout() else {
            return;
        };
        let wake = timeout.saturating_duration_since(self.epoch).max(now);
        if self.wake_at.is_none_or(|at| wake < at) {
            self.wake_at = Some(wake);
            let late = Duration::from_secs_f64(self.random.between(0.0, LATE_S));
            self.agenda.add(wake + late, Event::Wake);
        }
    }

    fn send_back(&mut self, is_nothing: bool, event: Event) {
        let silent = self.scene.silent;
        let is_silent = silent.is_some_and(|(from, to)| (from..to).contains(&self.now));
        if is_nothing || is_silent || self.random.chance(self.scene.lost_back) {
            return;
        }
        self.agenda
            .add(self.now + self.scene.link.propagation, event);
    }

    fn rival_sends(&mut self) {
        while self.rival.take() {
            let back = self.scene.link.propagation;
            match self.link.carry(rival::BYTES, self.now) {
                Some(at) => {
                    let at = at + back;
                    self.agenda.add(at, Event::RivalAcknowledged(at - self.now));
                }
                None => {
                    let noticed = self.now + self.rival.round_trip();
                    self.agenda.add(noticed, Event::RivalLost);
                }
            }
        }
    }

    fn sample(&mut self) {
        self.samples.push(Sample {
            at: self.now,
            state: self.flow.state(self.epoch + self.now),
            link_wait: self.link.wait(self.now),
            video_bytes: self.receiver.shown_bytes,
            rival_bytes: self.rival.delivered,
        });
        self.agenda.add(self.now + SAMPLE_INTERVAL, Event::Sample);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do to count from"
)]
pub(crate) fn any_instant() -> Instant {
    Instant::now()
}
