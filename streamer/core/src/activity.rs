//! Whether somebody acts on the session, told coarsely: for whoever ends what nobody uses.

use std::time::{Duration, Instant};

use streamspace_protocol::ClientMessage;

/// The least time between two words that somebody acts on the session.
const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// When it was last said.
    told: Option<Instant>,
}

impl Activity {
    /// Whether there is something to tell, of somebody who acts now.
    pub(crate) fn is_news(&mut self, now: Instant) -> bool {
        let is_news =
            (self.told).is_none_or(|told| now.saturating_duration_since(told) >= INTERVAL);
        if is_news {
            self.told = Some(now);
        }
        is_news
    }
}

/// Whether a message comes from somebody's hand, and not from a page by itself.
pub(crate) fn is_by_hand(message: &ClientMessage) -> bool {
    match message {
        ClientMessage::Key { .. }
        | ClientMessage::Text { .. }
        | ClientMessage::Gamepad { .. }
        | ClientMessage::Button { .. }
        | ClientMessage::Wheel { .. } => true,
        ClientMessage::ReleaseAll
        | ClientMessage::Resize { .. }
        | ClientMessage::Ping { .. }
        | ClientMessage::Latency(_)
        | ClientMessage::Limits { .. }
        | ClientMessage::AskControl
        | ClientMessage::SetRole { .. }
        | ClientMessage::Remove { .. }
        | ClientMessage::Chat { .. } => false,
    }
}
