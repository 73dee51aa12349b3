//! What the streamer tells its supervisor: JSON lines on standard output.

use std::io::{self, Write};

use serde::Serialize;
use streamspace_protocol::{Latency, TraceReport, ViewerId};

#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub(crate) enum Report<'a> {
    /// Links are taken from now on.
    Ready { encoder: &'a str, reason: &'a str },
    /// Another encoder has taken over.
    Encoder { encoder: &'a str, reason: &'a str },
    /// What a viewer says of its last frames.
    Latency {
        viewer: ViewerId,
        latency: &'a Latency,
    },
    /// A viewer has gone, and what it said with it.
    Left { viewer: ViewerId },
    /// What was done for a viewer whose coming is traced.
    Steps { report: TraceReport },
}

impl Report<'_> {
    /// Writes the line; a supervisor that no longer reads is about to end this process anyway.
    pub(crate) fn send(&self) {
        let line = serde_json::to_string(self).expect("reports hold text and numbers only");
        let mut out = io::stdout().lock();
        if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
            tracing::debug!(%error, "the supervisor does not read");
        }
    }
}
