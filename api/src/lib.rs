//! The HTTP API of StreamSpace, and the one front door to everything behind it.

mod backend;

pub use backend::{Backend, BackendError};
