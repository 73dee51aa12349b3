//! Who did what, from where, and what came of it.
//!
//! Every change, every access to a session or a file, and every refusal is an event in a file of its own
//! that is only added to. Each event's hash covers the one before it, so that a changed or missing event
//! is found ([`AuditLog::verify`]). What is merely looked at (lists, states) is not recorded.

mod chain;
mod forward;
mod log;
mod record;

pub use chain::{AuditEvent, AuditFault, Head};
pub(crate) use forward::ForwardMetrics;
pub use forward::{AuditTarget, AuditTargetError, SyslogAddress, WebhookTarget, forward_audit};
pub(crate) use log::AuditFilter;
pub use log::{AuditError, AuditLog};
pub(crate) use record::{Actor, record};
