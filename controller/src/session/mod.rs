//! Sessions become Pods.
//!
//! ```text
//! observe ──▶ decide (pure) ──▶ carry out ──▶ write the status
//!   ▲   Session, Template, Pod: from caches        │
//!   └──────────── a change of any of them ─────────┘
//! ```
//!
//! Every step may be the last one of a controller that is killed: the next one decides anew from what is there.

mod decide;
mod home;
mod keys;
mod pod;
mod reason;
mod reconcile;

pub(crate) use reconcile::run;
