//! What the drivers' own libraries say, when asked in a process of its own.

use serde::{Deserialize, Serialize};

/// NVIDIA's user-space driver.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NvidiaDriver {
    /// As NVML says it.
    pub version: Option<String>,
    /// The newest NVENC interface that the driver has, as (major, minor).
    pub nvenc: Option<(u32, u32)>,
    pub gpus: Vec<NvidiaGpu>,
    /// Why the list ends here.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NvidiaGpu {
    pub name: String,
    /// What opening an encoder session on it gave.
    pub session: EncoderSession,
    /// Encoder sessions of all programs now.
    pub sessions_in_use: Option<u32>,
}

/// The answer of `NvEncOpenEncodeSessionEx`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state", content = "detail")]
pub enum EncoderSession {
    Opens,
    /// There is no encoder on this device.
    NoEncoder,
    /// As many sessions as the driver allows are open.
    OutOfSessions,
    /// Driver and library, or driver and caller, are of different versions.
    VersionMismatch(String),
    Failed(String),
}

/// What libva says of one render node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaDevice {
    /// Such as `/dev/dri/renderD128`.
    pub node: String,
    /// The driver's words of itself.
    pub vendor: Option<String>,
    /// How it encodes H.264.
    pub h264: Vec<VaEncoder>,
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaEncoder {
    pub profile: H264Profile,
    pub entry_point: EntryPoint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum H264Profile {
    ConstrainedBaseline,
    Main,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EntryPoint {
    /// `VAEntrypointEncSlice`.
    Slice,
    /// `VAEntrypointEncSliceLP`.
    LowPower,
}
