//! What the kernel says of a machine: processor, GPUs and their device nodes.
//!
//! Read below a root that is passed in, so that a test's folder can be any machine. Nothing is asked of
//! a driver here; that may hang, and is done elsewhere in a process of its own.

mod nodes;
mod nvidia;
mod processor;

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read},
    path::Path,
};

use serde::{Deserialize, Serialize};

pub use nodes::{PciId, RenderNode, VideoNode};
pub use nvidia::NvidiaModule;
pub use processor::Processor;

/// A machine as its kernel shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// As `uname -m` says it: `x86_64`, `aarch64`.
    pub architecture: String,
    pub processor: Processor,
    /// GPUs for which a kernel driver renders, in the order of their numbers.
    pub render_nodes: Vec<RenderNode>,
    /// NVIDIA's kernel module, if it is loaded.
    pub nvidia: Option<NvidiaModule>,
    /// Video4Linux2 devices: cameras, codecs.
    pub video_nodes: Vec<VideoNode>,
}

/// Whether this process may use a device node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "access", content = "detail")]
pub enum Access {
    Open,
    /// The kernel has the device, but there is no node: usual in containers that were not given it.
    NoNode,
    Refused(String),
}

impl Machine {
    /// Looks at `/dev`, `/sys` and `/proc` below `root`.
    ///
    /// Never fails: what cannot be read is not there.
    pub fn look(root: &Path) -> Self {
        Self {
            architecture: first_line(&root.join("proc/sys/kernel/arch"))
                .unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            processor: Processor::look(root),
            render_nodes: nodes::render_nodes(root),
            nvidia: NvidiaModule::look(root),
            video_nodes: nodes::video_nodes(root),
        }
    }
}

/// The kernel's files are small; more than this of one is no answer of a kernel.
const MAX_FILE_BYTES: u64 = 256 * 1024;
/// More devices of one kind than this are not looked at.
const MAX_DEVICES: usize = 64;

fn text(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn first_line(path: &Path) -> Option<String> {
    let text = text(path)?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// The names in a folder that begin like this and go on with a number, by that number.
fn numbered(folder: &Path, prefix: &str) -> Vec<String> {
    let mut found: Vec<(u32, String)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| Some((name.strip_prefix(prefix)?.parse().ok()?, name)))
        .collect();
    found.sort();
    found.truncate(MAX_DEVICES);
    found.into_iter().map(|(_, name)| name).collect()
}

fn access(node: &Path) -> Access {
    match OpenOptions::new().read(true).write(true).open(node) {
        Ok(_) => Access::Open,
        Err(error) if error.kind() == ErrorKind::NotFound => Access::NoNode,
        Err(error) => Access::Refused(error.to_string()),
    }
}
