//! Processes of this machine: which there are, which belong to a session, and ending them.

mod end;
mod family;
mod reap;
mod table;

pub(crate) use end::{Mark, Signalled, signal_until_gone};
pub(crate) use family::Family;
pub(crate) use reap::{Supervisors, own_session, reap_all_but, reap_killed, reap_orphans};
pub(crate) use table::{Process, ProcessTable};

/// How often `/proc` is looked at while processes end.
const POLL: std::time::Duration = std::time::Duration::from_millis(10);
