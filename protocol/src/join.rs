//! What a browser gets when it asks to connect to a session.

use serde::{Deserialize, Serialize};

use crate::{Policy, Secret, SessionId};

/// What a viewer may do in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// See and hear.
    View,
    /// Also type, point, paste and resize.
    Control,
    /// Also say who may do what, and who has to leave.
    Own,
}

/// What a session's template allows of VNC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VncLimits {
    pub enabled: bool,
    /// The most of noVNC's quality levels, 0 to 9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub max_quality: Option<u8>,
    /// The most bytes a second to one viewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub max_bytes_per_second: Option<u32>,
}

impl Default for VncLimits {
    fn default() -> Self {
        Self {
            enabled: true,
            max_quality: None,
            max_bytes_per_second: None,
        }
    }
}

/// The answer of `POST /api/v1/sessions/{id}/connect`.
///
/// The token opens one WebSocket, at either address, once, within `expires_in_s`. A client that
/// reconnects asks for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Join {
    pub session: SessionId,
    pub role: Role,
    pub token: Secret,
    pub expires_in_s: u32,
    /// Path of the signaling WebSocket on the same origin.
    pub signal_path: String,
    /// Path of the VNC WebSocket on the same origin.
    pub vnc_path: String,
    pub vnc: VncLimits,
    /// Path of the session's files on the same origin.
    pub files_path: String,
    /// What to offer; enforced elsewhere.
    pub policy: Policy,
}
