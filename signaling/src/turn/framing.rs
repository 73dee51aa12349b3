//! Messages in a byte stream (RFC 8656, sections 3.1 and 12.5): each says by itself how long it is.

use super::MAX_MESSAGE_BYTES;

/// Cuts a stream of TCP or TLS into messages.
#[derive(Debug, Default)]
pub struct Framer(Vec<u8>);

/// What has come is no message, or too long a one; there is no way to find the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream holds no TURN message")]
pub struct NoFrame;

impl Framer {
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Takes the next whole message, without its padding.
    ///
    /// # Errors
    /// [`NoFrame`], from then on.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, NoFrame> {
        let Some(&[first, _, high, low]) = self.0.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (length, padded) = match first >> 6 {
            0 if length.is_multiple_of(4) => (20 + length, 20 + length),
            1 => (4 + length, 4 + length.next_multiple_of(4)),
            _ => return Err(NoFrame),
        };
        if length > MAX_MESSAGE_BYTES {
            return Err(NoFrame);
        }
        if self.0.len() < padded {
            return Ok(None);
        }
        let mut message: Vec<u8> = self.0.drain(..padded).collect();
        message.truncate(length);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stun(length: u16) -> Vec<u8> {
        let mut message = vec![0; 20 + usize::from(length)];
        message[2..4].copy_from_slice(&length.to_be_bytes());
        message
    }

    fn channel(length: u16) -> Vec<u8> {
        let mut message = vec![0x40, 0];
        message.extend_from_slice(&length.to_be_bytes());
        message.resize(4 + usize::from(length), 7);
        message
    }

    proptest! {
        #[test]
        fn messages_come_out_whole_however_they_are_cut(
            lengths in prop::collection::vec((any::<bool>(), 0u16..1200), 0..20),
            pieces in prop::collection::vec(1usize..300, 1..50),
        ) {
            let messages: Vec<_> = lengths
                .into_iter()
                .map(|(is_stun, length)| if is_stun { stun(length / 4 * 4) } else { channel(length) })
                .collect();
            let mut stream = Vec::new();
            for message in &messages {
                stream.extend_from_slice(message);
                stream.resize(stream.len().next_multiple_of(4), 0);
            }
            let (mut framer, mut found) = (Framer::default(), Vec::new());
            let mut rest = stream.as_slice();
            for piece in pieces.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at((*piece).min(rest.len()));
                framer.push(now);
                rest = later;
                while let Some(message) = framer.next_message().expect("good messages") {
                    found.push(message);
                }
            }
            prop_assert_eq!(found, messages);
        }

        #[test]
        fn whatever_comes_a_message_is_bounded(bytes in prop::collection::vec(any::<u8>(), 0..9000)) {
            let mut framer = Framer::default();
            framer.push(&bytes);
            while let Ok(Some(message)) = framer.next_message() {
                prop_assert!(message.len() <= MAX_MESSAGE_BYTES);
            }
        }
    }

    #[test]
    fn what_is_no_message_or_too_long_ends_the_stream() {
        for start in [
            [0x80, 0, 0, 0],
            [0xc0, 0, 0, 0],
            [0, 1, 0, 1],
            [0, 1, 0xff, 0xfc],
            [0x40, 0, 0xff, 0xff],
            *b"GET ",
        ] {
            let mut framer = Framer::default();
            framer.push(&start);
            assert_eq!(framer.next_message(), Err(NoFrame), "{start:x?}");
        }
    }
}
