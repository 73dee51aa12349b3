//! The X server.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use streamspace_protocol::{ClipboardKind, ClipboardPolicy};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::ChildStdout,
    time::timeout,
};

use super::{
    child::{Launcher, Output, Part},
    cookie,
    failure::Failure,
    vnc_password,
};
use crate::{
    folder::write_private,
    order::{Order, file},
    program::find_program,
    secrets,
};

/// An idle machine takes 0.3 s; a loaded one should not fail its users.
const START_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Display {
    number: u32,
    part: Part,
    /// Kept open: the server must not get a broken pipe.
    _stdout: BufReader<ChildStdout>,
}

impl Display {
    /// Starts Xvnc as display `number`, and returns when it takes clients.
    pub(super) async fn start(
        order: &Order,
        launcher: &Launcher,
        number: u32,
    ) -> Result<Self, Failure> {
        write_secrets(order).map_err(Failure::Folder)?;
        let mut environment = order.environment.clone();
        let path = environment.get("PATH").map_or("/usr/bin", String::as_str);
        let program = find_program("Xvnc", path, Path::new("/")).ok_or(Failure::NoDisplayServer)?;
        environment.insert(
            "HOME".into(),
            order.file(file::PARTS_HOME).display().to_string(),
        );
        let not_started = |reason: String, output| Failure::DisplayNotStarted { reason, output };
        let mut part = launcher
            .start(
                &program,
                &arguments(order, number),
                &environment,
                &order.folder,
                Output::Read,
            )
            .map_err(|error| not_started(error.to_string(), String::new()))?;
        let Some(stdout) = part.child.stdout.take() else {
            unreachable!("it is a pipe");
        };
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        let read = timeout(START_LIMIT, stdout.read_line(&mut line)).await;
        if line.trim() != number.to_string() {
            let reason = match read {
                Err(_) => format!("no display within {} s", START_LIMIT.as_secs()),
                Ok(_) => part.ended().await.to_string(),
            };
            return Err(not_started(reason, part.tail.last_words().await));
        }
        Ok(Self {
            number,
            part,
            _stdout: stdout,
        })
    }

    /// As in `DISPLAY`.
    pub(super) fn name(&self) -> String {
        format!(":{}", self.number)
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.part.pid()
    }

    /// Returns when the server has gone.
    pub(super) async fn failed(&mut self) -> Failure {
        Failure::DisplayEnded {
            reason: self.part.ended().await.to_string(),
            output: self.part.tail.last_words().await,
        }
    }
}

fn write_secrets(order: &Order) -> io::Result<()> {
    let cookie = cookie::entry(&secrets::random_bytes());
    write_private(&order.file(file::X_AUTHORITY), &cookie)?;
    if let Some(share) = &order.share {
        write_for_others(&share.join(file::X_AUTHORITY), &cookie)?;
    }
    let passwords = vnc_password::file(
        order.vnc_password.expose(),
        order.vnc_view_password.expose(),
    );
    write_private(&order.file(file::VNC_PASSWORD), &passwords)
}

/// For users of other containers. One that is there is replaced.
fn write_for_others(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    fs::write(&draft, content)?;
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o644))?;
    fs::rename(draft, path)
}

/// No TCP port and no abstract socket, either of which other users could reach: X clients come in
/// by the file socket and the cookie, VNC by a socket in the session's own folder.
fn arguments(order: &Order, number: u32) -> Vec<String> {
    let path = |name| order.file(name).display().to_string();
    let display = &order.display;
    let mut arguments: Vec<String> = [
        &format!(":{number}"),
        "-displayfd",
        "1",
        "-geometry",
        &format!("{}x{}", display.width, display.height),
        "-depth",
        "24",
        "-auth",
        &path(file::X_AUTHORITY),
        "-SecurityTypes",
        "VncAuth",
        "-PasswordFile",
        &path(file::VNC_PASSWORD),
        "-rfbport",
        "-1",
        "-rfbunixpath",
        &path(file::VNC_SOCKET),
        "-rfbunixmode",
        "0600",
        "-nolisten",
        "tcp",
        "-nolisten",
        "local",
        "-AlwaysShared",
        "-AcceptSetDesktopSize=1",
        "-FrameRate",
        &display.fps.to_string(),
        "-desktop",
        order.session.as_str(),
    ]
    .map(str::to_owned)
    .into();
    arguments.extend(clipboard(&order.policy.clipboard));
    arguments
}

/// What VNC clients may do with the clipboard. They give text, and Xvnc bounds its size. What they get
/// it could not bound, so that comes by the streamer.
fn clipboard(policy: &ClipboardPolicy) -> [String; 4] {
    let text = policy.allows(ClipboardKind::Text);
    let flag = |allowed| u8::from(text && allowed);
    [
        format!("-AcceptCutText={}", flag(policy.to_session)),
        "-SendCutText=0".to_owned(),
        // What is merely selected in the session is not copied.
        "-SendPrimary=0".to_owned(),
        format!("-MaxCutText={}", policy.max_bytes),
    ]
}
