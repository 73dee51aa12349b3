//! What a session knows of its people beyond their connections, for a streamer that takes the place
//! of one that crashed.

use serde::{Deserialize, Serialize};
use streamspace_protocol::ChatLine;

use crate::people::Decisions;

/// Bounded, as its parts are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    pub(crate) decisions: Decisions,
    /// The last lines, oldest first.
    pub(crate) chat: Vec<ChatLine>,
}

impl Memory {
    /// The same, so much later.
    #[must_use]
    pub fn later(mut self, ms: u32) -> Self {
        for line in &mut self.chat {
            line.age_ms = line.age_ms.saturating_add(ms);
        }
        self
    }

    /// A number that no viewer has whose lines are remembered.
    pub fn next_viewer(&self) -> u32 {
        let viewers = self.chat.iter().map(|line| line.viewer.0);
        viewers.max().map_or(0, |last| last.wrapping_add(1))
    }
}
