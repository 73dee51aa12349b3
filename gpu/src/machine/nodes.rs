//! Render nodes (`drivers/gpu/drm`) and video nodes (`drivers/media/v4l2-core`).

use std::{fmt, path::Path};

use serde::{Deserialize, Serialize};

use super::{Access, access, first_line, numbered, text};

/// A GPU that a kernel driver renders and encodes with, without a display server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RenderNode {
    /// Such as `/dev/dri/renderD128`.
    pub path: String,
    /// The kernel's driver: `i915`, `amdgpu`, `nvidia`, `panfrost`.
    pub driver: Option<String>,
    pub pci: Option<PciId>,
    #[serde(flatten)]
    pub access: Access,
}

/// Vendor and device, as in the list of PCI ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PciId {
    pub vendor: u16,
    pub device: u16,
}

/// A Video4Linux2 device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoNode {
    /// Such as `/dev/video11`.
    pub path: String,
    /// What its driver calls it, such as `bcm2835-codec-encode`.
    pub name: String,
    #[serde(flatten)]
    pub access: Access,
}

impl fmt::Display for PciId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.device)
    }
}

pub(super) fn render_nodes(root: &Path) -> Vec<RenderNode> {
    let class = root.join("sys/class/drm");
    numbered(&class, "renderD")
        .into_iter()
        .map(|name| {
            let event = text(&class.join(&name).join("device/uevent")).unwrap_or_default();
            RenderNode {
                driver: value(&event, "DRIVER").map(str::to_owned),
                pci: value(&event, "PCI_ID").and_then(pci_id),
                access: access(&root.join("dev/dri").join(&name)),
                path: format!("/dev/dri/{name}"),
            }
        })
        .collect()
}

pub(super) fn video_nodes(root: &Path) -> Vec<VideoNode> {
    let class = root.join("sys/class/video4linux");
    numbered(&class, "video")
        .into_iter()
        .map(|node| VideoNode {
            name: first_line(&class.join(&node).join("name")).unwrap_or_default(),
            access: access(&root.join("dev").join(&node)),
            path: format!("/dev/{node}"),
        })
        .collect()
}

/// The value of a key in a device's `uevent` file.
fn value<'a>(event: &'a str, key: &str) -> Option<&'a str> {
    event
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

fn pci_id(text: &str) -> Option<PciId> {
    let (vendor, device) = text.trim().split_once(':')?;
    Some(PciId {
        vendor: u16::from_str_radix(vendor, 16).ok()?,
        device: u16::from_str_radix(device, 16).ok()?,
    })
}
