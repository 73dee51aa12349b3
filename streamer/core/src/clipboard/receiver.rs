use streamspace_protocol::{
    CLIPBOARD_PIECE_BYTES, ClipboardItem, ClipboardMessage, ClipboardPolicy,
};

use super::ClipboardContent;

/// Puts a browser's pieces together, as far as the policy lets it have them.
///
/// In memory is no more than what was offered, and that only as it arrives. What is refused is counted
/// and thrown away.
#[derive(Debug)]
pub struct ClipboardReceiver {
    policy: ClipboardPolicy,
    under_way: Option<Transfer>,
}

#[derive(Debug)]
struct Transfer {
    id: u32,
    items: Vec<ClipboardItem>,
    content: ClipboardContent,
    /// Of the item that comes now.
    bytes: Vec<u8>,
    fate: Fate,
    left: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Keep,
    /// The browser has been told, and may have sent some of it before it heard.
    Drop,
}

/// What follows from a message or a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// All is there.
    Content { id: u32, content: ClipboardContent },
    /// The browser is to know that it need not go on.
    Refused { id: u32 },
    /// What we have sent has arrived, or is not wanted.
    Answered,
}

/// The browser sends what nobody could expect; it means no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unexpected {
    #[error("a piece of the clipboard is over {CLIPBOARD_PIECE_BYTES} bytes")]
    PieceTooLarge,
    #[error("the clipboard has more bytes than were offered")]
    TooMuch,
}

impl ClipboardReceiver {
    /// `policy` is that of the session, or one that lets nothing in.
    pub fn new(policy: ClipboardPolicy) -> Self {
        Self {
            policy,
            under_way: None,
        }
    }

    pub fn message(&mut self, message: ClipboardMessage) -> Option<Received> {
        match message {
            ClipboardMessage::Offer { id, items } => self.offer(id, items),
            ClipboardMessage::Taken { .. } | ClipboardMessage::Refused { .. } => {
                Some(Received::Answered)
            }
        }
    }

    /// # Errors
    /// A piece that no offer has announced.
    pub fn piece(&mut self, mut piece: &[u8]) -> Result<Option<Received>, Unexpected> {
        if piece.len() > CLIPBOARD_PIECE_BYTES {
            return Err(Unexpected::PieceTooLarge);
        }
        let transfer = self.under_way.as_mut().ok_or(Unexpected::TooMuch)?;
        let left = transfer.left.checked_sub(piece.len() as u64);
        transfer.left = left.ok_or(Unexpected::TooMuch)?;
        while let Some(item) = transfer.items.first().copied() {
            let wanted = item.bytes as usize - transfer.bytes.len();
            let (now, rest) = piece.split_at(wanted.min(piece.len()));
            if transfer.fate == Fate::Keep {
                transfer.bytes.extend_from_slice(now);
            }
            piece = rest;
            if transfer.bytes.len() < item.bytes as usize {
                break;
            }
            let bytes = std::mem::take(&mut transfer.bytes);
            transfer.content.add(item.kind, bytes);
            transfer.items.remove(0);
        }
        let over = transfer.left == 0;
        Ok(if over { self.finish() } else { None })
    }

    fn offer(&mut self, id: u32, mut items: Vec<ClipboardItem>) -> Option<Received> {
        let total = items.iter().map(|item| u64::from(item.bytes)).sum();
        let allowed = items.iter().all(|item| self.policy.allows(item.kind));
        let fits = total <= u64::from(self.policy.max_bytes);
        let fate = match self.policy.to_session && allowed && fits {
            true => Fate::Keep,
            false => Fate::Drop,
        };
        if fate == Fate::Drop {
            items.clear();
        }
        self.under_way = Some(Transfer {
            id,
            items,
            content: ClipboardContent::default(),
            bytes: Vec::new(),
            fate,
            left: total,
        });
        (fate == Fate::Drop).then_some(Received::Refused { id })
    }

    fn finish(&mut self) -> Option<Received> {
        let Transfer {
            id, content, fate, ..
        } = self.under_way.take()?;
        match fate {
            Fate::Keep => Some(Received::Content { id, content }),
            Fate::Drop => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use streamspace_protocol::ClipboardKind;

    use super::*;

    fn item(kind: ClipboardKind, bytes: usize) -> ClipboardItem {
        let bytes = u32::try_from(bytes).expect("small");
        ClipboardItem { kind, bytes }
    }

    fn offer(id: u32, items: &[ClipboardItem]) -> ClipboardMessage {
        let items = items.to_vec();
        ClipboardMessage::Offer { id, items }
    }

    #[test]
    fn a_refused_offers_bytes_are_thrown_away_and_the_next_one_is_taken() {
        let mut receiver = ClipboardReceiver::new(ClipboardPolicy {
            kinds: vec![ClipboardKind::Text],
            max_bytes: 10,
            ..ClipboardPolicy::default()
        });
        let too_large = [item(ClipboardKind::Text, 11)];
        let wrong_kind = [item(ClipboardKind::Text, 2), item(ClipboardKind::Html, 1)];
        for items in [&too_large[..], &wrong_kind[..]] {
            let refused = Some(Received::Refused { id: 1 });
            assert_eq!(receiver.message(offer(1, items)), refused);
            assert_eq!(receiver.piece(b"xx"), Ok(None));
            assert!(
                receiver
                    .under_way
                    .as_ref()
                    .is_some_and(|it| it.bytes.is_empty())
            );
        }
        assert_eq!(
            receiver.message(offer(2, &[item(ClipboardKind::Text, 2)])),
            None
        );
        let content = ClipboardContent::text("ok");
        let taken = Received::Content { id: 2, content };
        assert_eq!(receiver.piece(b"ok"), Ok(Some(taken)));
    }

    #[test]
    fn a_session_that_takes_nothing_refuses_everything() {
        let mut receiver = ClipboardReceiver::new(ClipboardPolicy {
            to_session: false,
            ..ClipboardPolicy::default()
        });
        let refused = Some(Received::Refused { id: 7 });
        assert_eq!(
            receiver.message(offer(7, &[item(ClipboardKind::Text, 1)])),
            refused
        );
    }

    #[test]
    fn a_new_offer_takes_the_place_of_one_that_is_half_through() {
        let mut receiver = ClipboardReceiver::new(ClipboardPolicy::default());
        receiver.message(offer(1, &[item(ClipboardKind::Text, 4)]));
        assert_eq!(receiver.piece(b"ol"), Ok(None));
        receiver.message(offer(2, &[item(ClipboardKind::Text, 3)]));
        let content = ClipboardContent::text("new");
        assert_eq!(
            receiver.piece(b"new"),
            Ok(Some(Received::Content { id: 2, content }))
        );
    }

    #[test]
    fn more_than_was_offered_is_unexpected() {
        let mut receiver = ClipboardReceiver::new(ClipboardPolicy::default());
        assert_eq!(receiver.piece(b"x"), Err(Unexpected::TooMuch));
        receiver.message(offer(1, &[item(ClipboardKind::Text, 2)]));
        assert_eq!(receiver.piece(b"xyz"), Err(Unexpected::TooMuch));
        let large = vec![b'x'; CLIPBOARD_PIECE_BYTES + 1];
        assert_eq!(receiver.piece(&large), Err(Unexpected::PieceTooLarge));
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_make_the_same_content(
            text in "\\PC{1,200}", html in "\\PC{1,200}", step in 1usize..50,
        ) {
            let mut receiver = ClipboardReceiver::new(ClipboardPolicy::default());
            let items = [item(ClipboardKind::Text, text.len()), item(ClipboardKind::Html, html.len())];
            prop_assert_eq!(receiver.message(offer(3, &items)), None);
            let all = [text.as_bytes(), html.as_bytes()].concat();
            let mut last = None;
            for piece in all.chunks(step) {
                prop_assert_eq!(last.take(), None);
                last = receiver.piece(piece).expect("as offered");
            }
            let mut content = ClipboardContent::text(&text);
            content.add(ClipboardKind::Html, html.into_bytes());
            prop_assert_eq!(last, Some(Received::Content { id: 3, content }));
        }
    }
}
