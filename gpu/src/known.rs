//! What NVIDIA publishes of its GPUs' encoders. Only ever used to explain what was found.
//!
//! Source: the "Video Encode and Decode GPU Support Matrix" and the NVENC application note of the Video
//! Codec SDK (<https://developer.nvidia.com/video-encode-decode-support-matrix>).

/// A GPU, and what its video hardware is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownGpu {
    /// A word of its name, as the driver writes it.
    word: &'static str,
    /// NVENC engines.
    pub engines: u8,
    pub sessions: SessionCap,
}

/// How many sessions the driver lets a machine have at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionCap {
    /// As many as the engines and the memory carry.
    Unlimited,
    /// Of all consumer GPUs of a machine together.
    Consumer(u32),
}

/// Since driver 551.23, of January 2024; before it there were fewer.
const CONSUMER_SESSIONS: u32 = 8;

const fn compute(word: &'static str) -> KnownGpu {
    professional(word, 0)
}

const fn professional(word: &'static str, engines: u8) -> KnownGpu {
    KnownGpu {
        word,
        engines,
        sessions: SessionCap::Unlimited,
    }
}

/// Parts of data centres and workstations, by the words that tell them apart.
const PARTS: [KnownGpu; 16] = [
    compute("A100"),
    compute("A30"),
    compute("H100"),
    compute("H200"),
    compute("GH200"),
    compute("B100"),
    compute("B200"),
    compute("GB200"),
    professional("T4", 1),
    professional("A2", 1),
    professional("A10", 1),
    professional("A16", 4),
    professional("A40", 1),
    professional("L4", 2),
    professional("L40", 3),
    professional("L40S", 3),
];

impl KnownGpu {
    /// What is published of a GPU of this name.
    pub fn named(name: &str) -> Option<Self> {
        let words = || name.split(|c: char| !c.is_ascii_alphanumeric());
        let part = PARTS
            .into_iter()
            .find(|part| words().any(|word| word == part.word));
        let consumer = words().any(|word| word == "GeForce").then_some(Self {
            word: "GeForce",
            engines: 1,
            sessions: SessionCap::Consumer(CONSUMER_SESSIONS),
        });
        part.or(consumer)
    }

    /// Made for computing: it decodes video, and cannot encode any.
    pub fn is_without_encoder(&self) -> bool {
        self.engines == 0
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
        assert_eq!(without("NVIDIA A10"), Some(false));
        assert_eq!(without("NVIDIA L40S"), Some(false));
        assert_eq!(without("NVIDIA A1000"), None);
        assert_eq!(without(""), None);
        let geforce = KnownGpu::named("NVIDIA GeForce RTX 4070").map(|gpu| gpu.sessions);
        assert_eq!(geforce, Some(SessionCap::Consumer(CONSUMER_SESSIONS)));
    }
}
