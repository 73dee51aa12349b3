//! The server's end of a supervisor: one that it has started, or that an earlier server has left.

use std::{fs::OpenOptions, io, path::Path, process::Stdio, time::Duration};

use rustix::process::Signal;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, Lines},
    net::UnixStream,
    process::{Child, Command},
    time::{Instant, sleep, timeout, timeout_at},
};

use crate::{
    order::{Ending, Order},
    process::{Process, ProcessTable, Supervisors, signal_until_gone},
};

/// A supervisor that tells nothing more has only to exit.
const EXIT_LIMIT: Duration = Duration::from_secs(5);
/// How long one that an earlier server has left may take to notice that, and to say who it is.
const ADOPTION_LIMIT: Duration = Duration::from_secs(2);
/// How often it is looked for.
const POLL: Duration = Duration::from_millis(50);
/// A supervisor's lines are far shorter.
const MAX_ORDER_BYTES: usize = 1024 * 1024;

/// A running supervisor.
pub(crate) struct Supervisor {
    pub(super) process: Process,
    /// None if another server has started it.
    child: Option<Child>,
    stdin: Box<dyn AsyncWrite + Send + Unpin>,
    events: Lines<BufReader<Box<dyn AsyncRead + Send + Unpin>>>,
}

impl Supervisor {
    pub(crate) async fn start(program: &Path, order: &Order) -> io::Result<Self> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&order.log)?;
        let mut command = Command::new(program);
        command
            .arg("supervise")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        let (mut child, process) = spawn_registered(&mut command)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both are pipes");
        };
        let mut supervisor = Self {
            process,
            child: Some(child),
            stdin: Box::new(stdin),
            events: lines(stdout),
        };
        let line = serde_json::to_string(order)? + "\n";
        // A supervisor that has gone already is noticed by the end of its events.
        let _ = supervisor.stdin.write_all(line.as_bytes()).await;
        Ok(supervisor)
    }

    /// Finds the supervisor that waits on this socket, while its process is there, and learns of its session.
    ///
    /// # Errors
    /// Nobody waits there, or says what can be understood.
    pub(crate) async fn adopt(socket: &Path, pid: u32) -> io::Result<(Self, Order)> {
        Process::read(pid).ok_or(io::ErrorKind::NotFound)?;
        let deadline = Instant::now() + ADOPTION_LIMIT;
        let stream = loop {
            match UnixStream::connect(socket).await {
                Ok(stream) => break stream,
                Err(error) if Instant::now() >= deadline => return Err(error),
                Err(_) => sleep(POLL).await,
            }
        };
        let pid = stream.peer_cred()?.pid();
        let pid = pid.and_then(|pid| u32::try_from(pid).ok());
        let process = pid.and_then(Process::read).ok_or(io::ErrorKind::NotFound)?;
        let (read, write) = stream.into_split();
        let mut supervisor = Self {
            process,
            child: None,
            stdin: Box::new(write),
            events: lines(read),
        };
        let line = supervisor.next_line(Some(deadline)).await;
        let line = line.filter(|line| line.len() <= MAX_ORDER_BYTES);
        let order = serde_json::from_str(&line.ok_or(io::ErrorKind::UnexpectedEof)?)?;
        Ok((supervisor, order))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid
    }

    /// The next event, or nothing when the supervisor has gone or, once asked to stop, hangs. May be
    /// dropped and called again.
    pub(crate) async fn next_line(&mut self, stop_by: Option<Instant>) -> Option<String> {
        let line = self.events.next_line();
        let line = match stop_by {
            Some(stop_by) => timeout_at(stop_by, line).await.ok()?,
            None => line.await,
        };
        line.ok().flatten()
    }

    pub(crate) async fn end_session(&mut self, how: Ending) {
        let line = format!("{}\n", how.line());
        // Should it have gone already, its events end as well.
        let _ = self.stdin.write_all(line.as_bytes()).await;
    }

    /// Makes sure that the process has gone.
    pub(crate) async fn end(self) {
        drop(self.stdin);
        let Some(mut child) = self.child else {
            return gone(self.process).await;
        };
        if timeout(EXIT_LIMIT, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
        Supervisors::lock().remove(self.process.pid);
    }
}

fn lines<Stream: AsyncRead + Send + Unpin + 'static>(
    stream: Stream,
) -> Lines<BufReader<Box<dyn AsyncRead + Send + Unpin>>> {
    let stream: Box<dyn AsyncRead + Send + Unpin> = Box::new(stream);
    BufReader::new(stream).lines()
}

/// Waits for the end of a process that is nobody's child here, and kills it if it takes too long.
async fn gone(process: Process) {
    let is_there = || {
        Process::read(process.pid).is_some_and(|now| now.started == process.started && !now.zombie)
    };
    let deadline = Instant::now() + EXIT_LIMIT;
    while is_there() {
        if Instant::now() >= deadline {
            let only_it = |table: &ProcessTable| {
                let there = table.has(&process).then_some(process.pid);
                there.into_iter().collect()
            };
            // What cannot be killed now is swept with the rest of the session.
            let _ = signal_until_gone(Signal::KILL, EXIT_LIMIT, only_it).await;
            return;
        }
        sleep(POLL).await;
    }
}

fn spawn_registered(command: &mut Command) -> io::Result<(Child, Process)> {
    let mut supervisors = Supervisors::lock();
    let child = command.spawn()?;
    // It is there at least as a zombie until it is waited for.
    let process = child
        .id()
        .and_then(Process::read)
        .ok_or(io::ErrorKind::NotFound)?;
    supervisors.add(process.pid);
    Ok((child, process))
}
