//! The numbers behind the estimator's decisions, chosen by simulation.

/// A standing queue of this many seconds beyond the tolerated one is congestion.
pub(super) const QUEUE_LIMIT: f64 = 0.030;
/// Below this many seconds the link has room.
pub(super) const QUEUE_CLEAR: f64 = 0.012;
/// A large packet, in bits. A slow link takes longer for one than for the small ones that tell the empty
/// path's delay, and a wait of that time is no queue.
pub(super) const PACKET_BITS: f64 = 10_000.0;
/// How many packets' time a queue that is to be congestion, and one that is to be gone, is at least.
pub(super) const LIMIT_PACKETS: f64 = 2.0;
pub(super) const CLEAR_PACKETS: f64 = 1.25;
/// A queue that shrinks faster than this, in seconds a second, is on its way out already.
pub(super) const DRAINING: f64 = -0.1;
/// The part of what arrives that is sent on after congestion, if the queue is short.
pub(super) const CUT: f64 = 0.85;
/// The same if it is long, so that it is gone soon.
pub(super) const DEEPEST_CUT: f64 = 0.5;
/// Within about this many seconds a queue should be gone after a cut.
pub(super) const DRAIN_TIME: f64 = 0.5;
/// The estimate is below the truth as long as bursts find more room: seconds in which it then doubles.
pub(super) const DOUBLING: f64 = 0.35;
/// What leaves at less than this times the estimate is no burst.
pub(super) const BURST: f64 = 1.15;
/// Seconds that the link's rate, seen in bursts, is believed while no bursts leave.
pub(super) const LINK_MEMORY: f64 = 1.25;
/// The part of the link's rate, seen in bursts, that the estimate goes to.
pub(super) const NEAR: f64 = 0.97;
/// Seconds that a short queue may stand, and the part of what arrives that is sent on then.
pub(super) const LONGEST_UNCLEAR: f64 = 1.0;
pub(super) const RELIEF: f64 = 0.95;
/// Seconds for which the link counts as shared with another flow after a sign of that.
pub(super) const CONTEST: f64 = 8.0;
/// The same while another flow may have the rest: slow enough for it to get its part.
pub(super) const CONTESTED_DOUBLING: f64 = 2.0;
/// Growth without any sign of the link's rate, a second.
pub(super) const BLIND_GROWTH: f64 = 0.10;
/// While the sender fills the link the estimate grows no further than this times what arrives.
pub(super) const MOST_OVER_ACKNOWLEDGED: f64 = 1.5;
/// A sender that sends less than this part of the estimate isn't filling the link. Encoders that mean to
/// are often far below what they may use, most of all just after it was raised.
pub(super) const FILLING: f64 = 0.4;
/// The most that one update counts for, in seconds: growth never makes up for a silence.
pub(super) const LONGEST_STEP: f64 = 0.2;
/// What is left of the estimate after a silence.
pub(super) const SILENCE_CUT: f64 = 0.7;
