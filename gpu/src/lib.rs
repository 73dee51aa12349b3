//! Which video encoder a machine has, which one to use, and how to set it up.
//!
//! ```text
//!   Machine::look(/) ───────────────┐  what the kernel says
//!   gpu-drivers, a child process ───┼──▶ Capabilities ──┐
//!   a trial of each, child processes┘       Policy ─────┴─▶ select ──▶ Selection ──▶ pipeline
//! ```
//!
//! Everything but [`Machine::look`] is pure. An encoder is chosen only because it was tried and worked;
//! what else was found explains why another did not. GStreamer's encoder elements and their properties
//! are named in this crate and nowhere else.

mod absence;
mod capabilities;
mod capacity;
mod codec;
mod drivers;
mod encoder;
mod known;
mod machine;
mod pipeline;
mod plan;
mod selection;

pub use capabilities::{Capabilities, Health, Trial};
pub use capacity::{Calibration, Climb, EncoderCapacity};
pub use codec::{Codec, Codecs};
pub use drivers::{
    EncoderSession, EntryPoint, H264Profile, NvidiaDriver, NvidiaGpu, VaDevice, VaEncoder,
};
pub use encoder::{Encoder, Family, UnknownEncoder};
pub use known::{KnownGpu, SessionCap};
pub use machine::{Access, Machine, NvidiaModule, PciId, Processor, RenderNode, VideoNode};
pub use pipeline::{BitrateProperty, EncoderTarget};
pub use plan::{Limits, Memory, Plan};
pub use selection::{Policy, Rejection, Selection, UnknownPolicy, select, select_among};
