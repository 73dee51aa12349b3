//! Just enough of a WebSocket's client (RFC 6455) to cost next to nothing: what it reads is counted, not kept.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{bail, ensure};

const READ_BYTES: usize = 1024 * 1024;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;

pub(crate) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    unread: std::ops::Range<usize>,
    /// What is left of the frame under way.
    left: u64,
    kind: u8,
}

impl Socket {
    pub(crate) fn open(address: SocketAddr, path: &str) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        // Whoever says nothing for this long is stuck, and the measurement is none.
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: binary\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        ensure!(
            head.starts_with(b"HTTP/1.1 101"),
            "no WebSocket: {}",
            String::from_utf8_lossy(&head)
        );
        Ok(Self {
            stream,
            buffer: vec![0; READ_BYTES],
            unread: 0..0,
            left: 0,
            kind: 0,
        })
    }

    pub(crate) fn text(&mut self, text: &str) -> anyhow::Result<()> {
        self.send(TEXT, text.as_bytes())
    }

    pub(crate) fn binary(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.send(BINARY, bytes)
    }

    /// With a mask of zeros, which leaves the bytes as they are.
    fn send(&mut self, kind: u8, bytes: &[u8]) -> anyhow::Result<()> {
        let length = u16::try_from(bytes.len())?;
        let head = [
            &[0x80 | kind, 0x80 | 126][..],
            &length.to_be_bytes(),
            &[0; 4],
        ]
        .concat();
        Ok(self.stream.write_all(&[&head, bytes].concat())?)
    }

    /// The next bytes of binary messages, wherever those end.
    pub(crate) fn read(&mut self) -> anyhow::Result<&[u8]> {
        loop {
            if self.left > 0 {
                self.fill(1)?;
                let part = self.unread.len().min(usize::try_from(self.left)?);
                let at = self.unread.start;
                self.unread.start += part;
                self.left -= part as u64;
                if self.kind == BINARY {
                    return Ok(&self.buffer[at..at + part]);
                }
                if self.kind == TEXT || self.kind == CLOSE {
                    bail!(
                        "refused: {}",
                        String::from_utf8_lossy(&self.buffer[at..at + part])
                    );
                }
            } else {
                self.head()?;
            }
        }
    }

    /// Exactly this many bytes.
    pub(crate) fn exact(&mut self, count: usize) -> anyhow::Result<Vec<u8>> {
        let mut taken = Vec::new();
        while taken.len() < count {
            taken.extend(self.read()?);
        }
        ensure!(taken.len() == count, "more than a handshake holds");
        Ok(taken)
    }

    fn head(&mut self) -> anyhow::Result<()> {
        self.fill(2)?;
        let at = self.unread.start;
        self.kind = self.buffer[at] & 0x0f;
        let more = match self.buffer[at + 1] {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        self.fill(2 + more)?;
        let at = self.unread.start;
        let long = &self.buffer[at + 2..at + 2 + more];
        self.left = match more {
            0 => self.buffer[at + 1].into(),
            _ => long.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
        };
        self.unread.start += 2 + more;
        Ok(())
    }

    /// Reads until this many bytes are there.
    fn fill(&mut self, wanted: usize) -> anyhow::Result<()> {
        if self.unread.len() >= wanted {
            return Ok(());
        }
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        while self.unread.end < wanted {
            let length = self.stream.read(&mut self.buffer[self.unread.end..])?;
            ensure!(length > 0, "the server has left");
            self.unread.end += length;
        }
        Ok(())
    }
}
