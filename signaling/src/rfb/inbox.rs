/// Bytes of a peer that are not read yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// Where the unread bytes begin, so that taking a message moves none of the others.
    start: usize,
}

impl Inbox {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn unread(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// The next `N` bytes, once they are there.
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = *self.unread().first_chunk::<N>()?;
        self.start += N;
        Some(taken)
    }

    /// The next `length` bytes, once they are there.
    pub(super) fn take_slice(&mut self, length: usize) -> Option<&[u8]> {
        if self.unread().len() < length {
            return None;
        }
        let taken = self.start..self.start + length;
        self.start = taken.end;
        Some(&self.bytes[taken])
    }

    /// A list that says its length in its first byte, once all of it is there.
    pub(super) fn take_counted(&mut self) -> Option<&[u8]> {
        let count = usize::from(*self.unread().first()?);
        self.take_slice(1 + count).map(|counted| &counted[1..])
    }

    /// Everything that is left.
    pub(super) fn take_rest(&mut self) -> Vec<u8> {
        self.bytes.drain(..std::mem::take(&mut self.start));
        std::mem::take(&mut self.bytes)
    }
}
