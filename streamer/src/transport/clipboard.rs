use std::{sync::Arc, time::Duration};

use bytes::BytesMut;
use streamspace_protocol::{ClipboardMessage, Wire};
use tokio::time::sleep;
use webrtc::data_channel::DataChannel;

use super::peer::PeerError;

/// Handed over and not yet arrived: enough for the link's own delay, and little for others to wait for.
const WINDOW_BYTES: usize = 256 * 1024;
/// How long to wait for room in it. The library tells of room in a window of its own only.
const PAUSE: Duration = Duration::from_millis(3);

/// The browser's channel for the clipboard, to send on. Clones are the same one.
#[derive(Clone)]
pub(crate) struct ClipboardChannel(Arc<dyn DataChannel>);

impl ClipboardChannel {
    pub(super) fn new(channel: Arc<dyn DataChannel>) -> Self {
        Self(channel)
    }

    /// Says something at once, or not at all.
    pub(crate) async fn say(&self, message: &ClipboardMessage) -> Result<(), PeerError> {
        let text = message.encode();
        self.0.try_send_text(&text).await.map_err(PeerError::Send)
    }

    /// Sends a piece as soon as most of those before it have arrived.
    pub(crate) async fn piece(&self, bytes: &[u8]) -> Result<(), PeerError> {
        while self.outstanding().await? > WINDOW_BYTES {
            sleep(PAUSE).await;
        }
        let sent = self.0.send(BytesMut::from(bytes)).await;
        sent.map_err(PeerError::Send)
    }

    async fn outstanding(&self) -> Result<usize, PeerError> {
        self.0.outstanding_bytes().await.map_err(PeerError::Send)
    }
}
