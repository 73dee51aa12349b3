//! A flow over a simulated link, in virtual time: minutes of network in milliseconds, the same each run.
//!
//! ```text
//!  Encoder ─▶ Flow ─▶ Link ─▶ Receiver ─▶ frames, freezes
//!    ▲         ▲       ▲          │
//!    │ state   └───────┼──────────┘ feedback, NACKs, keyframe requests
//!    └── target        Rival: a TCP-like flow over the same link
//! ```
//!
//! `cargo test -p streamspace-streamer-core --test network -- --nocapture` prints what each profile came to.

mod agenda;
mod encoder;
mod hostile;
mod link;
mod profiles;
mod queueing;
mod random;
mod receiver;
mod repairing;
mod report;
mod rival;
mod world;
