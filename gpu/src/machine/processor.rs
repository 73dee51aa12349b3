//! The processor, as `/proc/cpuinfo` describes it on amd64 and arm64.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::text;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Processor {
    pub model: Option<String>,
    pub cores: usize,
    /// Those that software encoders and conversions use, by the kernel's names.
    pub features: Vec<String>,
}

/// Vector extensions that x264, OpenH264 and our conversion have code for.
const FEATURES: [&str; 7] = [
    "sse2", "ssse3", "sse4_1", "avx2", "avx512bw", "asimd", "sve",
];

impl Processor {
    pub(super) fn look(root: &Path) -> Self {
        let text = text(&root.join("proc/cpuinfo")).unwrap_or_default();
        let fields = || {
            text.lines().filter_map(|line| {
                let (key, value) = line.split_once(':')?;
                Some((key.trim(), value.trim()))
            })
        };
        let flags: Vec<&str> = fields()
            .find(|(key, _)| ["flags", "Features"].contains(key))
            .map(|(_, value)| value.split_whitespace().collect())
            .unwrap_or_default();
        Self {
            model: fields()
                .find(|(key, _)| ["model name", "Model"].contains(key))
                .map(|(_, value)| value.to_owned()),
            cores: fields().filter(|(key, _)| *key == "processor").count(),
            features: FEATURES
                .into_iter()
                .filter(|feature| flags.contains(feature))
                .map(str::to_owned)
                .collect(),
        }
    }
}
