//! An encoder with all that is known of how it will work.

use std::time::Duration;

use serde::Serialize;

use crate::{Capabilities, Codec, Encoder, EncoderSession, KnownGpu, SessionCap, Trial};

/// Where a frame lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Memory {
    /// The processor's, which every encoder reads, and in which desktops are captured.
    System,
    /// NVIDIA's, by CUDA.
    Cuda,
    /// A VA surface or DMABuf of an Intel or AMD GPU.
    Va,
}

/// What to encode with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub encoder: Encoder,
    pub codec: Codec,
    pub profile: &'static str,
    /// In which frames are handed to it: the best that it takes and the source gives.
    pub memory: Memory,
    pub limits: Limits,
}

/// What an encoder carries; `None` where nothing limits it or nothing is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Encoder sessions that are still free.
    pub sessions: Option<u32>,
    /// Megapixels a second, by the time of its test pictures.
    pub megapixels_per_second: Option<u32>,
}

impl Encoder {
    /// The memories that it takes frames from, best first.
    pub fn memories(self) -> &'static [Memory] {
        match self {
            Self::NvencAuto | Self::NvencCuda | Self::Nvenc => &[Memory::Cuda, Memory::System],
            Self::Va | Self::VaLowPower | Self::Vaapi => &[Memory::Va, Memory::System],
            Self::V4l2 | Self::X264 | Self::X264Plain | Self::OpenH264 | Self::Vp8 | Self::Vp9 => {
                &[Memory::System]
            }
        }
    }
}

impl Plan {
    /// For frames that the source gives in these memories.
    pub(crate) fn new(capabilities: &Capabilities, encoder: Encoder, given: &[Memory]) -> Self {
        let memories = encoder.memories().iter().copied();
        Self {
            encoder,
            codec: encoder.codec(),
            profile: encoder.profile(),
            memory: memories
                .into_iter()
                .find(|memory| given.contains(memory))
                .unwrap_or(Memory::System),
            limits: Limits {
                sessions: sessions(capabilities).filter(|_| encoder.is_of_nvidia()),
                megapixels_per_second: capabilities.trial(encoder).and_then(rate),
            },
        }
    }
}

/// Of the first GPU that encodes: the driver takes that one, too.
fn sessions(capabilities: &Capabilities) -> Option<u32> {
    let gpus = &capabilities.nvidia.as_ref().ok()?.gpus;
    let gpu = gpus
        .iter()
        .find(|gpu| gpu.session == EncoderSession::Opens)?;
    match KnownGpu::named(&gpu.name)?.sessions {
        SessionCap::Unlimited => None,
        SessionCap::Consumer(most) => Some(most.saturating_sub(gpu.sessions_in_use.unwrap_or(0))),
    }
}

fn rate(trial: Trial) -> Option<u32> {
    let pixels = f64::from(Trial::PIXELS);
    let seconds = trial.latency.max(Duration::from_nanos(1)).as_secs_f64();
    let measured = trial.latency > Duration::ZERO;
    measured.then(|| (pixels / seconds / 1e6) as u32)
}
