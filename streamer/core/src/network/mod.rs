//! One viewer's packets on their way out: when each leaves, what is sent again, how much the link carries.
//!
//! ```text
//!  send ──▶ [ queues: audio │ repairs │ video by frame ] ──▶ [ Pacer ] ──▶ poll: Transmission
//!                               ▲             │ too long: whole frames go,      │
//!                               │             ▼ a keyframe is asked for         │ number, time, size
//!  nack ──▶ [ Repair ] ─────────┘         take_dropped                          ▼
//!              ▲ recent video packets                                     [ Departures ]
//!              └──────────────────────────────────────────────┐                 │ looked up
//!  feedback ──▶ what arrived, when ───────────────────────────┴─────────────────▶ [ Estimator ]
//!                                                                 target_bps ◀── delay, bursts, loss
//! ```
//!
//! [`Flow`] has no clock and no socket: every call takes `now`. Its driver asks [`Flow::poll`] for what
//! may leave, and wakes at [`Flow::poll_timeout`].
//!
//! The estimator is in the manner of Google congestion control (draft-ietf-rmcat-gcc-02), fed by
//! transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01; RFC 8888 carries the
//! same facts), and differs where a desktop differs from a camera: it is still most of the time, then
//! everything moves. Its rules are at the head of `estimator`.
//!
//! Repair is by retransmission (NACK of RFC 4585, RTX of RFC 4588): of what is asked for, and, on a long path
//! that loses packets, ahead of any question, of all packets if the link has room for that. Browsers take no
//! other forward error correction for H.264 by default.

mod departures;
mod estimator;
mod flow;
mod pacer;
mod queue;
mod repair;

pub use flow::Flow;

use std::time::Duration;

/// Between which rates a flow moves, in bits a second on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowConfig {
    pub start_bps: u64,
    pub min_bps: u64,
    pub max_bps: u64,
}

/// What a packet carries; decides its place in the queue and whether it is worth repairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Audio,
    /// A part of the picture. Frame numbers grow; all packets of a frame are sent one after the other.
    Video {
        frame: u64,
        keyframe: bool,
        /// The frame's last packet.
        last: bool,
    },
}

/// A packet that the caller wants to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing<P> {
    pub content: Content,
    /// Of RTP. Video is asked for again by it.
    pub sequence_number: u16,
    /// On the wire.
    pub bytes: usize,
    pub packet: P,
}

/// Why a packet leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// For the first time.
    First,
    /// Again, because it is missing at the receiver: to be wrapped as RTX (RFC 4588).
    Repair,
    /// Again, as padding that shows what the link carries: to be wrapped as RTX as well.
    Probe,
}

/// A packet that is to leave now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmission<P> {
    /// The transport-wide sequence number to write into it.
    pub number: u16,
    pub purpose: Purpose,
    pub packet: P,
}

/// What a flow knows of its link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlowState {
    /// What the link is estimated to carry of everything: sound, picture and repairs.
    pub target_bps: u64,
    /// What arrived at the receiver lately.
    pub acknowledged_bps: u64,
    /// How long the video that is queued here takes to leave.
    pub queue: Duration,
    /// How long packets wait in queues on the way, beyond the path's own delay.
    pub network_queue: Duration,
    /// The part of the packets that was lost lately, from 0 to 1.
    pub loss: f64,
    /// From a packet's departure to the report of its arrival; `None` until the first report.
    pub round_trip: Option<Duration>,
}
