//! What the measurements in `benches/` run beside the products that they compare.
//!
//! * `scene` draws a screen that can be measured: every picture carries its number ([`counter`]),
//!   and a click changes a [`marker`](layout::MARKER) at once.
//! * `link` carries packets between two TUN devices over a link of a given rate, delay, queue and
//!   loss ([`shaper`]).
//! * `similarity` compares a received picture with the original ([`ssim`]).
//! * `encoders` compares software encoders at equal quality ([`pictures`]).
//!
//! `benches/run.mjs` starts them and does the measuring; `docs/benchmarks.md` says how.

pub mod counter;
pub mod layout;
pub mod pictures;
pub mod profile;
pub mod random;
pub mod scenes;
pub mod screen;
pub mod shaper;
pub mod ssim;
pub mod tone;
