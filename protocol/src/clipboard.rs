//! What browser and streamer say on the data channel of the clipboard.
//!
//! ```text
//!   sender                               receiver
//!   Offer { id, items } ───────────────▶            text
//!   ═══ the items' bytes, one after the other, in pieces ═══▶   binary
//!                       ◀─────────────── Taken { id }
//! ```
//!
//! The channel is one of its own, so that nothing else waits behind a picture, and it is in order. An
//! offer that comes before the last one is through takes its place. A paste waits for `Taken`.

use serde::{Deserialize, Serialize};

use crate::{ClipboardKind, DecodeError, Wire};

/// Label of the channel: reliable, ordered.
pub const CLIPBOARD_CHANNEL: &str = "clipboard";
/// The largest piece: what other channels may have to wait for.
pub const CLIPBOARD_PIECE_BYTES: usize = 16 * 1024;

/// Both ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum ClipboardMessage {
    /// The sender's clipboard now holds this; the bytes follow.
    Offer { id: u32, items: Vec<ClipboardItem> },
    /// All of it has arrived, and the receiver's clipboard holds it.
    Taken { id: u32 },
    /// The receiver does not take it; its clipboard stays as it is.
    Refused { id: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ClipboardItem {
    pub kind: ClipboardKind,
    pub bytes: u32,
}

impl Wire for ClipboardMessage {
    const MAX_BYTES: usize = 512;

    fn check(&self) -> Result<(), DecodeError> {
        let Self::Offer { items, .. } = self else {
            return Ok(());
        };
        let once = |kind| items.iter().filter(|item| item.kind == kind).count() == 1;
        let plain = |item: &ClipboardItem| item.bytes > 0 && once(item.kind);
        if items.is_empty() || !items.iter().all(plain) {
            return Err(DecodeError::OutOfRange { field: "items" });
        }
        Ok(())
    }
}
