//! One viewer's clipboard: what its browser sends, and what it is sent, piece by piece.

use streamspace_protocol::{
    CLIPBOARD_PIECE_BYTES, ClipboardMessage, ClipboardPolicy, DecodeError, Wire,
};
use streamspace_streamer_core::{ClipboardContent, ClipboardReceiver, Received, Unexpected};
use tokio::{sync::watch, task::AbortHandle};

use crate::transport::{ClipboardChannel, PeerClipboard, PeerError};

#[derive(Debug, thiserror::Error)]
pub(super) enum ClipboardError {
    #[error("a message of the clipboard cannot be read: {0}")]
    Message(#[from] DecodeError),
    #[error(transparent)]
    Piece(#[from] Unexpected),
}

/// What a browser's word about the clipboard leads to.
#[derive(Debug)]
pub(super) enum Word {
    /// The browser has copied this. Say [`Clipboard::taken`] once the room has it.
    Content {
        id: u32,
        content: ClipboardContent,
    },
    Nothing,
}

pub(super) struct Clipboard {
    policy: ClipboardPolicy,
    receiver: ClipboardReceiver,
    contents: watch::Receiver<Option<ClipboardContent>>,
    channel: Option<ClipboardChannel>,
    sending: Option<AbortHandle>,
}

impl Clipboard {
    /// Whoever only watches neither gives nor gets: that is the session's to know, since roles change.
    pub(super) fn new(
        policy: &ClipboardPolicy,
        contents: watch::Receiver<Option<ClipboardContent>>,
    ) -> Self {
        Self {
            receiver: ClipboardReceiver::new(policy.clone()),
            policy: policy.clone(),
            contents,
            channel: None,
            sending: None,
        }
    }

    pub(super) async fn handle(&mut self, event: PeerClipboard) -> Result<Word, ClipboardError> {
        let received = match event {
            PeerClipboard::Open(channel) => {
                self.open(channel);
                return Ok(Word::Nothing);
            }
            PeerClipboard::Message(bytes) => {
                self.receiver.message(ClipboardMessage::decode(&bytes)?)
            }
            PeerClipboard::Piece(bytes) => self.receiver.piece(&bytes)?,
        };
        match received {
            Some(Received::Content { id, content }) => Ok(Word::Content { id, content }),
            Some(Received::Refused { id }) => {
                self.say(&ClipboardMessage::Refused { id }).await;
                Ok(Word::Nothing)
            }
            Some(Received::Answered) | None => Ok(Word::Nothing),
        }
    }

    /// Tells the browser that keys may follow.
    pub(super) async fn taken(&self, id: u32) {
        self.say(&ClipboardMessage::Taken { id }).await;
    }

    async fn say(&self, message: &ClipboardMessage) {
        let Some(channel) = &self.channel else { return };
        // A browser that does not read has other queues that end it.
        if let Err(error) = channel.say(message).await {
            tracing::debug!(%error, "the clipboard's answer is lost");
        }
    }

    fn open(&mut self, channel: ClipboardChannel) {
        self.channel = Some(channel.clone());
        if self.policy.to_browser {
            let sending = send_each(channel, self.contents.clone(), self.policy.clone());
            let replaced = self.sending.replace(tokio::spawn(sending).abort_handle());
            replaced.inspect(AbortHandle::abort);
        }
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        self.sending.as_ref().inspect(|sending| sending.abort());
    }
}

/// Sends the newest content each time there is one.
async fn send_each(
    channel: ClipboardChannel,
    mut contents: watch::Receiver<Option<ClipboardContent>>,
    policy: ClipboardPolicy,
) {
    let mut id: u32 = 0;
    while contents.changed().await.is_ok() {
        let content = contents.borrow_and_update().clone().unwrap_or_default();
        let content = content.allowed(&policy);
        if content.is_empty() {
            continue;
        }
        id = id.wrapping_add(1);
        if let Err(error) = send(&channel, id, &content, &contents).await {
            return tracing::debug!(%error, "the clipboard is not sent on");
        }
    }
}

/// Breaks off when there is something newer, which the receiver understands from its offer.
async fn send(
    channel: &ClipboardChannel,
    id: u32,
    content: &ClipboardContent,
    contents: &watch::Receiver<Option<ClipboardContent>>,
) -> Result<(), PeerError> {
    let items = content.items();
    let offer = ClipboardMessage::Offer { id, items };
    channel.say(&offer).await?;
    for piece in content
        .parts()
        .flat_map(|bytes| bytes.chunks(CLIPBOARD_PIECE_BYTES))
    {
        if contents.has_changed().unwrap_or(true) {
            return Ok(());
        }
        channel.piece(piece).await?;
    }
    Ok(())
}
