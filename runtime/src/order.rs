//! What a server and the supervisor of one of its sessions say to each other.
//!
//! ```text
//! server --stdin-->  one line of Order, later perhaps "stop" or "hibernate"; end of file also ends the session
//! server <--stdout-- one Event a line; the last one is Failed or Ended, when nothing is left
//! ```
//!
//! Where the order says to `keep` the session, the end of the server is not the session's: for that long the
//! supervisor listens on a socket in the session's folder. The next server gets the order, what has happened,
//! and then the same lines by that.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use streamspace_protocol::{
    Code, IceSettings, Latency, Policy, Secret, SessionId, TraceContext, TraceReport, ViewerId,
    VncLimits,
};
use streamspace_resources::{Display, Processes};

use crate::{config::Environment, process::Mark};

/// How a supervisor is asked to end its session's processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing is left.
    End,
    /// The home is kept.
    Hibernate,
}

impl Ending {
    /// The line that asks for it.
    pub(crate) fn line(self) -> &'static str {
        match self {
            Self::End => "stop",
            Self::Hibernate => "hibernate",
        }
    }

    pub(crate) fn of(line: &str) -> Option<Self> {
        [Self::End, Self::Hibernate]
            .into_iter()
            .find(|ending| ending.line() == line)
    }

    pub(crate) fn cause(self) -> EndCause {
        match self {
            Self::End => EndCause::Asked,
            Self::Hibernate => EndCause::Hibernated,
        }
    }
}

/// Everything a supervisor needs to know. Holds secrets, so it goes through a pipe and never
/// through arguments or the environment, which other processes can read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) session: SessionId,
    /// When the session was asked for.
    pub(crate) since: Timestamp,
    /// Sockets and keys go here; created by the supervisor and gone at the end.
    pub(crate) folder: PathBuf,
    /// The server's data folder, which marks the session's processes.
    pub(crate) data: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) display: Display,
    /// What may be carried into the session and out of it.
    pub(crate) policy: Policy,
    pub(crate) streamer: PathBuf,
    pub(crate) streamer_key: Secret,
    pub(crate) vnc_password: Secret,
    /// With this one the X server lets a VNC client look but not touch.
    pub(crate) vnc_view_password: Secret,
    /// For the gateway; the display knows nothing of it.
    pub(crate) vnc_limits: VncLimits,
    pub(crate) ice: IceSettings,
    /// Environment of display, sound and streamer.
    pub(crate) environment: Environment,
    pub(crate) home: Home,
    /// Nothing where it runs elsewhere, as in a Pod, in a container of its own.
    pub(crate) program: Option<Program>,
    /// Where a program that runs elsewhere finds the display's cookie and the sound server, as
    /// [`SHARED_DISPLAY`].
    #[serde(default)]
    pub(crate) share: Option<PathBuf>,
    /// Started beside the program, where the program is no desktop with one of its own.
    pub(crate) window_manager: Option<PathBuf>,
    /// For how many seconds the session waits for another server when its own has gone.
    #[serde(default)]
    pub(crate) keep_s: u32,
    /// The span of the request that asked for the session, where that is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace: Option<TraceContext>,
}

/// The desktop or application.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    pub(crate) argv: Vec<String>,
    pub(crate) environment: Environment,
    pub(crate) working_directory: PathBuf,
}

/// The display that programs of other containers are told of. The display's own container has no other, so
/// its number can be known before it is started.
pub(crate) const SHARED_DISPLAY: u32 = 0;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Home {
    /// Removed with the session.
    Scratch(PathBuf),
    /// Created if it is missing, and kept.
    Kept(PathBuf),
    /// A volume that is there; neither created nor removed.
    Mounted(PathBuf),
    /// The person's own; neither created nor removed.
    Own,
}

/// A line of a supervisor's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Told {
    Event(Event),
    Viewing(Viewing),
}

/// What viewers tell of their pictures. Changes nothing about the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "viewing", rename_all = "kebab-case")]
pub(crate) enum Viewing {
    Latency {
        viewer: ViewerId,
        latency: Latency,
    },
    Left {
        viewer: ViewerId,
    },
    /// A process of the session has done what a trace tells of.
    Steps {
        report: TraceReport,
    },
}

/// What became of a session, as its supervisor tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Event {
    /// The parts run; comes again when one has another process id.
    Started { processes: Processes },
    /// The streamer takes links.
    Ready { encoder: String, reason: String },
    /// The streamer takes long to start; the display can be seen over VNC.
    StreamerLate { message: String },
    /// The streamer went down and is started again.
    StreamerRestarted { reason: String },
    /// The session goes on without sound.
    SoundFailed { message: String },
    /// The session could not go on; nothing of it is left.
    Failed { code: Code, message: String },
    /// The session ended as it should; nothing of it is left.
    Ended { cause: EndCause },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum EndCause {
    /// Someone ended the session, or its server went away.
    Asked,
    /// Someone wants its home kept, and to start it again later.
    Hibernated,
    /// The program ended with this status; 128 and the signal's number if a signal ended it.
    Program { status: i32 },
}

impl Order {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder that the session's person knows as home; none where the system knows none.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        match &self.home {
            Home::Scratch(folder) | Home::Kept(folder) | Home::Mounted(folder) => {
                Some(folder.clone())
            }
            Home::Own => {
                let environment = &self.program.as_ref()?.environment;
                environment.get("HOME").map(PathBuf::from)
            }
        }
    }

    /// The sound server's socket.
    pub(crate) fn pulse_socket(&self) -> PathBuf {
        let folder = self.share.as_ref().unwrap_or(&self.folder);
        folder.join(file::PULSE_SOCKET)
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark::new(Mark::SESSION, self.session.as_str())
    }
}

/// Names of the files in a session's folder.
pub(crate) mod file {
    /// Of all parts, in a Pod.
    pub(crate) const LOG: &str = "session.log";
    pub(crate) const VNC_SOCKET: &str = "vnc.sock";
    pub(crate) const VNC_PASSWORD: &str = "vnc.password";
    /// Where a supervisor waits for the next server.
    pub(crate) const SERVER_SOCKET: &str = "server.sock";
    pub(crate) const STREAMER_SOCKET: &str = "streamer.sock";
    pub(crate) const STREAMER_KEY: &str = "streamer.key";
    /// Holds the credentials of TURN servers.
    pub(crate) const ICE: &str = "ice.json";
    /// What people have decided, and the chat, for the next streamer.
    pub(crate) const PEOPLE: &str = "people.json";
    pub(crate) const PULSE_SOCKET: &str = "pulse.sock";
    pub(crate) const X_AUTHORITY: &str = "xauthority";
    /// Display number and process id of the lock's owner, for whoever has to clean up.
    pub(crate) const DISPLAY: &str = "display";
    pub(crate) const WINDOW_MANAGER: &str = "openbox.xml";
    /// Is there once the window manager works.
    pub(crate) const WINDOW_MANAGER_READY: &str = "openbox.ready";
    /// The program's `XDG_RUNTIME_DIR`.
    pub(crate) const RUNTIME_DIR: &str = "xdg";
    /// `HOME` of the parts that write into one without being asked.
    pub(crate) const PARTS_HOME: &str = "home";
}
