//! NVIDIA's kernel module, which has files of its own in `/proc/driver/nvidia`.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{Access, MAX_DEVICES, access, first_line, text};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NvidiaModule {
    /// Such as `535.183.01`.
    pub version: Option<String>,
    /// The models of the GPUs that it drives.
    pub gpus: Vec<String>,
    /// Of `/dev/nvidiactl`, without which nothing works.
    #[serde(flatten)]
    pub access: Access,
}

impl NvidiaModule {
    pub(super) fn look(root: &Path) -> Option<Self> {
        let folder = root.join("proc/driver/nvidia");
        if !folder.exists() {
            return None;
        }
        let version = first_line(&root.join("sys/module/nvidia/version"));
        let version = version.or_else(|| module_version(&text(&folder.join("version"))?));
        Some(Self {
            version,
            gpus: models(&folder.join("gpus")),
            access: access(&root.join("dev/nvidiactl")),
        })
    }
}

/// The version in `NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC`:
/// the first word that is numbers with dots between them.
fn module_version(text: &str) -> Option<String> {
    let is_version =
        |word: &&str| word.contains('.') && word.split('.').all(|part| part.parse::<u32>().is_ok());
    let line = text
        .lines()
        .find(|line| line.starts_with("NVRM version:"))?;
    line.split_whitespace().find(is_version).map(str::to_owned)
}

/// One folder a GPU, named by its place on the bus.
fn models(folder: &Path) -> Vec<String> {
    let mut places: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    places.sort();
    places
        .into_iter()
        .take(MAX_DEVICES)
        .filter_map(|place| {
            let text = text(&place.join("information"))?;
            let model = text.lines().find_map(|line| line.strip_prefix("Model:"))?;
            Some(model.trim().to_owned())
        })
        .collect()
}
