//! Which quantizer each frame gets. Pure: time is an argument.
//!
//! A leaky bucket holds what was sent ahead of the bitrate, at most [`BURST`] of it. Each frame is told
//! how much of the bucket it may fill, and gets the finest quantizer with which it should.
//!
//! What a frame will take is predicted from its [`Work`] by
//!
//! ```text
//! bits = k * activity * 2 ^ -((quantizer - 26) / 9)
//! ```
//!
//! A quantizer that is 6 higher is twice as coarse, which halves the bits of smooth gradients; those of
//! text are halved by 18. `k` is learned for each kind of frame apart: a page that is new costs fifty
//! times what the same page costs while it scrolls, and a rate control that averages over both is wrong
//! at every turn.

use std::{sync::LazyLock, time::Duration};

use crate::macroblocks::Work;

/// How much may be sent ahead of the bitrate.
const BURST: Duration = Duration::from_millis(100);
/// The part of the bucket that a frame which is all new may fill.
const BURST_PART: f64 = 0.6;
/// The part of that for a step to a finer quantizer.
const STEP_PART: f64 = 0.5;
/// The part of the bucket that stays filled while a picture moves.
const MOVING_PART: f64 = 0.2;
/// How much of the difference to that each frame makes up for.
const CORRECTION: f64 = 0.3;

/// At 18 no difference to the original is seen (50 dB, SSIM 0.994 on moving gradients).
pub(crate) const SHARPEST: u8 = 18;
/// While much of the picture moves nobody sees more than that; it becomes sharp when it stops.
const SHARPEST_MOVING: u8 = 23;
/// For a first impression of what is new or in motion; text cannot be read beyond 44, but stays only while
/// the link has no bits for more.
const COARSEST: u8 = 50;
/// By how much a quantizer that is higher halves the bits, about.
const HALF: f64 = 9.0;
/// A change of this part of the picture is motion.
const MOVING_AREA: f64 = 0.05;
/// A change this many times as busy as those just before is another picture.
const FRESH: f64 = 2.5;
/// How fast it is forgotten how busy the last changes were: by half in this time.
const MEMORY: Duration = Duration::from_millis(150);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Everything, without the frame before.
    Key,
    /// A picture that is another than before.
    Fresh,
    /// More of the same motion.
    Moving,
    /// The same picture, sharper.
    Sharpening,
}

/// What each kind took of bits for its activity, by the last frames of that kind.
#[derive(Debug, Clone, Copy)]
struct Costs {
    key: f64,
    fresh: f64,
    moving: f64,
    sharpening: f64,
}

impl Costs {
    /// What pages of text and gradients took.
    const FIRST: Self = Self {
        key: 0.1,
        fresh: 0.1,
        moving: 0.05,
        sharpening: 0.05,
    };
    /// No frame, however odd, makes a prediction useless for long.
    const RANGE: std::ops::RangeInclusive<f64> = 0.0001..=4.0;

    fn of(&self, kind: Kind) -> f64 {
        match kind {
            Kind::Key => self.key,
            Kind::Fresh => self.fresh,
            Kind::Moving => self.moving,
            Kind::Sharpening => self.sharpening,
        }
    }

    /// More than expected is believed faster than less: too many bits are worse than too few.
    fn learn(&mut self, kind: Kind, ratio: f64) {
        let weight = if ratio > 1.0 { 0.8 } else { 0.4 };
        let learned = self.of(kind) * ratio.clamp(0.01, 100.0).powf(weight);
        let learned = learned.clamp(*Self::RANGE.start(), *Self::RANGE.end());
        match kind {
            Kind::Key => self.key = learned,
            Kind::Fresh => self.fresh = learned,
            Kind::Moving => self.moving = learned,
            Kind::Sharpening => self.sharpening = learned,
        }
    }
}

#[derive(Debug)]
pub(crate) struct RateControl {
    bitrate_bps: f64,
    /// Bits that were sent ahead of the bitrate, at `last`.
    bucket: f64,
    last: Option<Duration>,
    /// How busy the last changes were, forgotten with time.
    recent: f64,
    costs: Costs,
    /// Of the last frame in which something changed.
    quantizer: u8,
    planned: Option<Planned>,
}

#[derive(Debug, Clone, Copy)]
struct Planned {
    kind: Kind,
    bits: Prediction,
}

/// What a frame may take, in bits.
#[derive(Debug, Clone, Copy)]
struct Budget {
    /// For what is new in it: the frames after will want as much.
    new: f64,
    /// With what makes it sharper, once.
    all: f64,
}

impl Budget {
    fn all(bits: f64) -> Self {
        Self {
            new: bits,
            all: bits,
        }
    }
}

/// What a frame will take, in bits.
#[derive(Debug, Clone, Copy)]
struct Prediction {
    /// For what is new in it.
    new: f64,
    /// To make sharper what viewers have already, wherever it has gone.
    sharper: f64,
}

impl RateControl {
    pub(crate) fn new(bitrate_bps: u32) -> Self {
        Self {
            bitrate_bps: f64::from(bitrate_bps.max(1)),
            bucket: 0.0,
            last: None,
            recent: 0.0,
            costs: Costs::FIRST,
            quantizer: SHARPEST,
            planned: None,
        }
    }

    pub(crate) fn set_bitrate(&mut self, bitrate_bps: u32) {
        self.bitrate_bps = f64::from(bitrate_bps.max(1));
    }

    /// The quantizer of a keyframe at this moment of the stream.
    pub(crate) fn plan_key(&mut self, work: &Work, now: Duration) -> u8 {
        let elapsed = self.pass(now);
        self.remember(work, elapsed);
        self.choose(Kind::Key, work, Budget::all(self.burst()))
    }

    /// The quantizer of a frame that builds on the one before, at this moment of the stream.
    pub(crate) fn plan(&mut self, work: &Work, now: Duration) -> u8 {
        let elapsed = self.pass(now);
        let before = self.remember(work, elapsed);
        let kind = if work.changed <= 0.0 && work.changed_part <= 0.0 {
            Kind::Sharpening
        } else if work.changed > FRESH * before {
            Kind::Fresh
        } else {
            Kind::Moving
        };
        let (share, burst) = (self.share(elapsed), self.burst());
        let budget = match kind {
            Kind::Key | Kind::Fresh => Budget::all(burst),
            Kind::Moving | Kind::Sharpening => Budget {
                new: share,
                all: share.max(burst * STEP_PART),
            },
        };
        self.choose(kind, work, budget)
    }

    /// The frame that was planned last took so many bytes.
    pub(crate) fn learn(&mut self, bytes: usize) {
        let bits = bytes as f64 * 8.0;
        self.bucket = (self.bucket + bits).min(self.capacity() * MOST_DEBT);
        let Some(Planned {
            kind,
            bits: expected,
        }) = self.planned.take()
        else {
            return;
        };
        let Prediction { new, sharper } = expected;
        if new + sharper > SMALLEST_BITS {
            let kind = if new > sharper {
                kind
            } else {
                Kind::Sharpening
            };
            self.costs.learn(kind, bits.max(1.0) / (new + sharper));
        }
    }

    /// Lets the bucket leak; gives how long it did.
    fn pass(&mut self, now: Duration) -> Duration {
        let elapsed = self.last.map_or(BURST, |last| now.saturating_sub(last));
        self.last = Some(now);
        self.bucket = (self.bucket - self.bitrate_bps * elapsed.as_secs_f64()).max(0.0);
        elapsed
    }

    /// Takes note of how busy this change is; gives how busy those before were.
    fn remember(&mut self, work: &Work, elapsed: Duration) -> f64 {
        let halves = elapsed.as_secs_f64() / MEMORY.as_secs_f64();
        let before = self.recent * 0.5_f64.powf(halves);
        self.recent = before.max(work.changed);
        before
    }

    fn capacity(&self) -> f64 {
        self.bitrate_bps * BURST.as_secs_f64()
    }

    /// What a frame that is all new may take.
    fn burst(&self) -> f64 {
        let room = self.capacity() * BURST_PART - self.bucket;
        room.max(self.capacity() * BURST_PART * LEAST_PART)
    }

    /// What a frame of many may take: its share of the bitrate, and a part of what the bucket has too
    /// little or too much.
    fn share(&self, elapsed: Duration) -> f64 {
        let fair = self.bitrate_bps * elapsed.min(BURST).as_secs_f64();
        let missing = self.capacity() * MOVING_PART - (self.bucket + fair).min(self.capacity());
        let correction = (missing + fair) * CORRECTION;
        (fair + correction).max(fair * LEAST_PART)
    }

    fn choose(&mut self, kind: Kind, work: &Work, budget: Budget) -> u8 {
        let moves = work.changed_part >= MOVING_AREA && kind != Kind::Key;
        let sharpest = if moves { SHARPEST_MOVING } else { SHARPEST };
        let coarsest = match kind {
            Kind::Key | Kind::Fresh | Kind::Moving => COARSEST,
            Kind::Sharpening => work.coarsest().unwrap_or(SHARPEST).max(SHARPEST),
        };
        let fits = |&quantizer: &u8| {
            let Prediction { new, sharper } = self.predict(kind, work, quantizer);
            new <= budget.new && new + sharper <= budget.all
        };
        let quantizer = (sharpest..coarsest).find(fits).unwrap_or(coarsest);
        let quantizer = match self.smallest_step(kind, work) {
            Some(step) if self.predict(kind, work, step).new <= budget.new => quantizer.min(step),
            _ => quantizer,
        }
        .max(sharpest);
        self.planned = Some(Planned {
            kind,
            bits: self.predict(kind, work, quantizer),
        });
        self.quantizer = quantizer;
        quantizer
    }

    /// Where no step to a finer quantizer is small enough, the smallest one is made as soon as nothing
    /// else is on its way.
    fn smallest_step(&self, kind: Kind, work: &Work) -> Option<u8> {
        let known = match kind {
            Kind::Key | Kind::Fresh => None,
            Kind::Moving => Some(self.quantizer),
            Kind::Sharpening => work.coarsest(),
        };
        known?.checked_sub(1).filter(|_| self.bucket <= 0.0)
    }

    fn predict(&self, kind: Kind, work: &Work, quantizer: u8) -> Prediction {
        let costs = self.costs;
        let fine = fineness(quantizer);
        if kind == Kind::Key {
            return Prediction {
                new: costs.key * work.whole() * fine,
                sharper: 0.0,
            };
        }
        let by_quantizer = (0..).zip(work.unchanged);
        let coarser = by_quantizer.skip(usize::from(quantizer) + 1);
        let mut sharper: f64 = coarser
            .map(|(known, activity)| activity * (fine - fineness(known)))
            .sum();
        if kind == Kind::Moving {
            sharper += work.changed * (fine - fineness(self.quantizer)).max(0.0);
        }
        Prediction {
            new: costs.of(kind) * work.changed * fine,
            sharper: costs.sharpening * sharper,
        }
    }
}

/// How many bits a quantizer takes, in those that 26 takes.
fn fineness(quantizer: u8) -> f64 {
    // Asked for some thousand times a frame.
    static ALL: LazyLock<[f64; QUANTIZERS]> = LazyLock::new(|| {
        std::array::from_fn(|quantizer| 2_f64.powf((26.0 - quantizer as f64) / HALF))
    });
    ALL[usize::from(quantizer).min(QUANTIZERS - 1)]
}

/// Those of H.264, and one beyond for what viewers do not have at all.
const QUANTIZERS: usize = 53;

/// However much was sent too early, a frame gets this part of what it would have got: the motion goes on.
const LEAST_PART: f64 = 0.25;
/// More debt than so many buckets is forgotten; whoever sends has long dropped frames then.
const MOST_DEBT: f64 = 5.0;
/// Frames of less say nothing about costs: they are headers.
const SMALLEST_BITS: f64 = 2000.0;

#[cfg(test)]
mod tests;
