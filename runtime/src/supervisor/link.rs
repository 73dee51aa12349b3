//! The line to the server, and to the next one.

use std::{
    io::{self, Write},
    os::fd::AsFd,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader, Lines},
    net::{UnixListener, UnixStream, unix::pipe::Receiver},
    time::timeout,
};

use super::history::History;
use crate::order::{Ending, Event, Order, Viewing, file};

/// How long a server may take to read; one that does not is as good as gone.
const WRITE_LIMIT: Timespec = Timespec {
    tv_sec: 5,
    tv_nsec: 0,
};

pub(super) struct ServerLink {
    lines: Lines<BufReader<Box<dyn AsyncRead + Unpin>>>,
    events: Events,
}

impl ServerLink {
    /// # Errors
    /// Standard input is no pipe.
    pub(super) fn from_standard_streams() -> io::Result<Self> {
        let pipe = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self {
            lines: lines(Receiver::from_owned_fd(pipe)?),
            events: Events::default(),
        })
    }

    pub(super) async fn order(&mut self) -> io::Result<Order> {
        let line = self.lines.next_line().await?;
        let line = line.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Returns when the server asks for an end, or has gone and no other comes in time.
    pub(super) async fn ending(&mut self, order: &Order) -> Ending {
        loop {
            while let Ok(Some(line)) = self.lines.next_line().await {
                if let Some(ending) = Ending::of(&line) {
                    return ending;
                }
            }
            if self.next_server(order).await.is_err() {
                return Ending::End;
            }
        }
    }

    /// Waits for another server, and tells it all there is to know.
    async fn next_server(&mut self, order: &Order) -> io::Result<()> {
        self.events.out().server = Server::None;
        if order.keep_s == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let socket = order.file(file::SERVER_SOCKET);
        let stream = timeout(Duration::from_secs(order.keep_s.into()), caller(&socket)).await??;
        let stream = stream.into_std()?;
        let reader = UnixStream::from_std(stream.try_clone()?)?;
        self.lines = lines(reader);
        let mut out = self.events.out();
        out.server = Server::Next(stream);
        out.write(order);
        for event in out.history.events() {
            out.write(&event);
        }
        Ok(())
    }

    pub(super) fn events(&self) -> Events {
        self.events.clone()
    }
}

fn lines(stream: impl AsyncRead + Unpin + 'static) -> Lines<BufReader<Box<dyn AsyncRead + Unpin>>> {
    let stream: Box<dyn AsyncRead + Unpin> = Box::new(stream);
    BufReader::new(stream).lines()
}

/// The next one who calls at this socket, in a folder that only its owner can enter.
async fn caller(socket: &Path) -> io::Result<UnixStream> {
    // An earlier wait has left it.
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(UnixListener::bind(socket)?.accept().await?.0)
}

/// Tells the server what happens. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Events(Arc<Mutex<Out>>);

#[derive(Debug, Default)]
struct Out {
    server: Server,
    history: History,
}

#[derive(Debug, Default)]
enum Server {
    /// By standard output.
    #[default]
    First,
    Next(std::os::unix::net::UnixStream),
    None,
}

impl Events {
    pub(super) fn send(&self, event: &Event) {
        let mut out = self.out();
        out.history.note(event);
        out.write(event);
    }

    pub(super) fn send_viewing(&self, viewing: &Viewing) {
        self.out().write(viewing);
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Out {
    fn write(&mut self, value: &impl Serialize) {
        let Ok(line) = serde_json::to_string(value) else {
            return;
        };
        let line = line + "\n";
        // A server that has gone is noticed by the end of its lines.
        let _ = match &mut self.server {
            Server::First => {
                let mut stdout = io::stdout().lock();
                stdout
                    .write_all(line.as_bytes())
                    .and_then(|()| stdout.flush())
            }
            Server::Next(stream) => write_in_time(stream, line.as_bytes()),
            Server::None => Ok(()),
        };
    }
}

/// Writes to a socket that does not block, because it is read asynchronously.
fn write_in_time(stream: &mut std::os::unix::net::UnixStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let ready = poll(
                    &mut [PollFd::new(stream, PollFlags::OUT)],
                    Some(&WRITE_LIMIT),
                )?;
                if ready == 0 {
                    // Half a line must not be followed by another.
                    stream.shutdown(std::net::Shutdown::Both)?;
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
