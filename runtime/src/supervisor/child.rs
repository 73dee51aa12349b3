//! Starting the processes of a session.

use std::{io, path::Path, process::Stdio};

use tokio::process::{Child, ChildStdin, Command};

use super::log::{SessionLog, Tail};
use crate::{config::Environment, order::Order, process::Mark};

/// Starts children that end with this process and carry the session's mark.
#[derive(Debug, Clone)]
pub(super) struct Launcher {
    marks: Environment,
    log: SessionLog,
}

/// What becomes of a child's standard output.
#[derive(Debug, Clone, Copy)]
pub(super) enum Output {
    /// Goes to the log.
    Logged,
    /// Is read by us.
    Read,
}

/// A started part of the session.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) child: Child,
    /// The last of what it wrote to standard error.
    pub(super) tail: Tail,
    /// Kept open, because a streamer ends with its standard input. Not left in `child`, which
    /// closes it as soon as it is waited for.
    _stdin: Option<ChildStdin>,
}

impl Launcher {
    pub(super) fn new(order: &Order, log: SessionLog) -> Self {
        let marks = [
            (Mark::SESSION.into(), order.session.to_string()),
            (Mark::DATA.into(), order.data.display().to_string()),
        ];
        Self {
            marks: marks.into(),
            log,
        }
    }

    /// Starts a program with exactly this environment and the session's marks.
    pub(super) fn start(
        &self,
        program: &Path,
        arguments: &[String],
        environment: &Environment,
        directory: &Path,
        output: Output,
    ) -> io::Result<Part> {
        // This very program, even if its file has been replaced since.
        let mut child = Command::new("/proc/self/exe")
            .arg("exec-child")
            .args(["--parent", &std::process::id().to_string(), "--"])
            .arg(program)
            .args(arguments)
            .env_clear()
            .envs(environment)
            .envs(&self.marks)
            .current_dir(directory)
            .stdin(match output {
                Output::Logged => Stdio::null(),
                Output::Read => Stdio::piped(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let tail = self.log.follow(stderr);
        if let Output::Logged = output
            && let Some(stdout) = child.stdout.take()
        {
            self.log.follow(stdout);
        }
        let _stdin = child.stdin.take();
        Ok(Part {
            child,
            tail,
            _stdin,
        })
    }

    pub(super) fn note(&self, message: &str) {
        self.log
            .write(format!("streamspace: {message}\n").as_bytes());
    }
}

impl Part {
    /// Returns when the part has ended, and tells how.
    pub(super) async fn ended(&mut self) -> std::process::ExitStatus {
        // Nobody else collects a child whose `Child` is in use.
        self.child.wait().await.unwrap_or_default()
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }
}
