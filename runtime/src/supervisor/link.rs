//! The pipe to the server.

use std::{
    io::{self, Write},
    os::fd::AsFd,
};

use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::unix::pipe::Receiver,
};

use crate::order::{Ending, Event, Order, Viewing};

pub(super) struct ServerLink {
    lines: Lines<BufReader<Receiver>>,
}

impl ServerLink {
    /// # Errors
    /// Standard input is no pipe.
    pub(super) fn from_standard_streams() -> io::Result<Self> {
        let pipe = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self {
            lines: BufReader::new(Receiver::from_owned_fd(pipe)?).lines(),
        })
    }

    pub(super) async fn order(&mut self) -> io::Result<Order> {
        let line = self.lines.next_line().await?;
        let line = line.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Returns when the server asks for an end, or has gone.
    pub(super) async fn ending(&mut self) -> Ending {
        while let Ok(Some(line)) = self.lines.next_line().await {
            if let Some(ending) = Ending::of(&line) {
                return ending;
            }
        }
        Ending::End
    }

    pub(super) fn events(&self) -> Events {
        Events
    }
}

/// Tells the server what happens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Events;

impl Events {
    pub(super) fn send(self, event: &Event) {
        write_line(event);
    }

    pub(super) fn send_viewing(self, viewing: &Viewing) {
        write_line(viewing);
    }
}

fn write_line(value: &impl Serialize) {
    if let Ok(line) = serde_json::to_string(value) {
        // A server that has gone is noticed by the end of standard input.
        let mut stdout = io::stdout().lock();
        let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    }
}
