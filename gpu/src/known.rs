//! What is published of NVIDIA's GPUs. Only ever used to explain what was found, and to plan.
//!
//! Only what a source was found for. NVIDIA's own list is the "Video Encode and Decode GPU Support Matrix"
//! (<https://developer.nvidia.com/video-encode-decode-support-matrix>); where it could be read only as others
//! quote it, the row says so. What a GPU is not listed with, its driver tells when it is asked.

/// A GPU, and what is known of its video hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownGpu {
    /// A word of its name, as the driver writes it.
    word: &'static str,
    encodes: bool,
    pub sessions: SessionCap,
    /// Where that is written.
    pub source: &'static str,
}

/// How many sessions the driver lets a machine have at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionCap {
    /// As many as the engines and the memory carry.
    Unlimited,
    /// Of all consumer GPUs of a machine together.
    Consumer(u32),
}

/// Parts made for computing, by the words that tell them apart.
const WITHOUT_ENCODER: [KnownGpu; 6] = [
    without(
        "A100",
        "NVIDIA, Isaac Sim, Livestream Clients: \"NVENC is not included in the A100\" \
         (https://docs.isaacsim.omniverse.nvidia.com/4.5.0/installation/manual_livestream_clients.html)",
    ),
    without(
        "H100",
        "the matrix, as quoted: \"NVIDIA H100 SXM\", 0 NVENC; and \
         https://github.com/livekit/rust-sdks/pull/1015",
    ),
    without("H200", REPORTED),
    without("B100", REPORTED),
    without("B200", REPORTED),
    without("GB200", REPORTED),
];

const REPORTED: &str =
    "reported by those who use it: NvEncOpenEncodeSessionEx says unsupported device";

/// The matrix, as quoted, has this number for each GeForce (GTX 1060, RTX 5060 Ti to 5090) in 2026. Drivers
/// before 550 allowed fewer: 3, then 5, then 8.
const GEFORCE: KnownGpu = KnownGpu {
    word: "GeForce",
    encodes: true,
    sessions: SessionCap::Consumer(12),
    source: "the matrix, as quoted: \"Max # of concurrent sessions\"",
};

const fn without(word: &'static str, source: &'static str) -> KnownGpu {
    KnownGpu {
        word,
        encodes: false,
        sessions: SessionCap::Unlimited,
        source,
    }
}

impl KnownGpu {
    /// What is published of a GPU of this name.
    pub fn named(name: &str) -> Option<Self> {
        let words = || name.split(|c: char| !c.is_ascii_alphanumeric());
        let is_named = |gpu: &Self| words().any(|word| word == gpu.word);
        WITHOUT_ENCODER.into_iter().chain([GEFORCE]).find(is_named)
    }

    /// Made for computing: it decodes video, and cannot encode any.
    pub fn is_without_encoder(&self) -> bool {
        !self.encodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gpu_is_known_by_a_whole_word_of_its_name() {
        let without = |name| KnownGpu::named(name).map(|gpu| gpu.is_without_encoder());
        assert_eq!(without("NVIDIA H200"), Some(true));
        assert_eq!(without("NVIDIA A100-SXM4-80GB"), Some(true));
        assert_eq!(without("NVIDIA A1000"), None);
        assert_eq!(without("NVIDIA L40S"), None, "its driver is asked");
        assert_eq!(without(""), None);
        let geforce = KnownGpu::named("NVIDIA GeForce RTX 4070").map(|gpu| gpu.sessions);
        assert_eq!(geforce, Some(SessionCap::Consumer(12)));
    }

    #[test]
    fn every_row_says_where_it_is_from() {
        let rows = WITHOUT_ENCODER.into_iter().chain([GEFORCE]);
        assert!(rows.into_iter().all(|gpu| !gpu.source.is_empty()));
    }
}
