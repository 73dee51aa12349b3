//! Reads a stream in pieces that are as large as what waits, and hands each on without copying it.

use std::io;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What is read at first, and while no more waits: many connections rest.
const LEAST_BYTES: usize = 32 * 1024;
/// Larger pieces leave the processor's cache before they are written.
const MOST_BYTES: usize = 256 * 1024;

pub(super) struct Pieces {
    buffer: BytesMut,
    /// Of the next piece, in bytes.
    room: usize,
    most: usize,
}

impl Pieces {
    /// None of which is larger than `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            room: limit.min(LEAST_BYTES),
            most: limit.min(MOST_BYTES),
        }
    }

    /// The next piece, which is empty at the stream's end. Nothing is lost if this is dropped before it is ready.
    pub(super) async fn next(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<Bytes> {
        // Takes the same memory again once the piece before has been sent.
        self.buffer.reserve(self.room);
        let mut space = (&mut self.buffer).limit(self.room);
        let length = stream.read_buf(&mut space).await?;
        self.fit(length);
        Ok(self.buffer.split().freeze())
    }

    /// A piece that is full is followed by a larger one, and one that is nearly empty by one of the least.
    fn fit(&mut self, length: usize) {
        if length == self.room {
            self.room = (2 * self.room).min(self.most);
        } else if length < self.room / 8 && self.room > LEAST_BYTES {
            self.room = LEAST_BYTES;
            self.buffer = self.buffer.split();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_grow_while_much_waits_shrink_with_little_and_lose_nothing() {
        let sent: Vec<u8> = (0..3 * MOST_BYTES + 5).map(|at| (at % 251) as u8).collect();
        let (mut pieces, mut stream) = (Pieces::new(usize::MAX), &sent[..]);
        let (mut received, mut lengths) = (Vec::new(), Vec::new());
        loop {
            let piece = pieces.next(&mut stream).await.expect("readable");
            if piece.is_empty() {
                break;
            }
            lengths.push(piece.len());
            received.extend(piece);
        }
        assert_eq!(received, sent);
        assert_eq!(lengths[..4], [1, 2, 4, 8].map(|times| times * LEAST_BYTES));
        assert_eq!(lengths.iter().max(), Some(&MOST_BYTES));
        assert_eq!(pieces.room, LEAST_BYTES);
    }

    #[tokio::test]
    async fn no_piece_is_larger_than_its_limit() {
        let (mut pieces, mut stream) = (Pieces::new(1000), &[7; 2500][..]);
        for length in [1000, 1000, 500, 0] {
            let piece = pieces.next(&mut stream).await.expect("readable");
            assert_eq!(piece.len(), length);
        }
    }
}
