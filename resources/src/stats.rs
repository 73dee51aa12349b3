//! How a session's picture reaches its viewers, as the API answers it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use streamspace_protocol::{Latency, ViewerId};

/// The answer to `GET /api/v1/sessions/{id}/stats`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionStats {
    /// The viewers who have told of their frames, and are still there.
    pub viewers: Vec<ViewerStats>,
}

/// What one viewer tells of its last frames, from the change on the display to its own picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ViewerStats {
    pub viewer: ViewerId,
    /// When it told so.
    pub at: Timestamp,
    pub latency: Latency,
}
