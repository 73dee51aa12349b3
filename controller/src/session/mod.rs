//! Sessions become Pods.
//!
//! ```text
//! observe ──▶ decide (pure) ──▶ carry out ──▶ write the status
//!   ▲   Session, Template, Pod: from caches        │
//!   └──────────── a change of any of them ─────────┘
//! ```
//!
//! Whether a session may run is decided for all of them together (`queue`, pure), whenever something that matters
//! to it has changed (`admission`); `decide` is told the verdict.
//!
//! Every step may be the last one of a controller that is killed: the next one decides anew from what is there.

mod admission;
mod decide;
mod home;
mod keys;
mod people;
mod pod;
mod queue;
mod reason;
mod reconcile;

pub(crate) use reconcile::run;
