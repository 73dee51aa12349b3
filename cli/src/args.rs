//! The command line.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Args as ClapArgs, Parser, Subcommand};
use serde::de::DeserializeOwned;
use streamspace_api::{AccountRole, Scope};
use streamspace_protocol::{DecodeError, Policy, PortRange, Role, SessionId, Wire};
use streamspace_resources::{Display, TimeSpan};

use crate::{front::FrontArgs, storage::StorageArgs};

/// Linux desktops and applications in a browser tab.
#[derive(Debug, Parser)]
#[command(name = "streamspace", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything on this machine and print the address to open.
    Up(Box<Up>),
    /// Serve the sessions of a Kubernetes cluster.
    Gateway(Box<Gateway>),
    /// Run a program as a session and print the address that shows it.
    Run(Run),
    /// List, create and stop sessions.
    Session {
        #[command(subcommand)]
        command: Session,
    },
    /// List, add and remove the people who have an account.
    User {
        #[command(subcommand)]
        command: User,
    },
    /// See what has happened, and make sure that nobody has changed the record of it.
    Audit {
        #[command(subcommand)]
        command: Audit,
    },
    /// List, add and remove the API keys of the user `admin`.
    Key {
        #[command(subcommand)]
        command: Key,
    },
    /// Print what the server logs, or make it log something else.
    LogFilter(LogFilter),
    /// Print a new address that signs in, once.
    Link(DataArgs),
    /// Try what this machine has and say what it misses.
    Doctor(Doctor),
    /// Supervise one session (the server starts this).
    #[command(hide = true)]
    Supervise,
    /// Run the display of one session in a Pod (the controller starts this).
    #[command(hide = true)]
    PodSession(Box<PodSession>),
    /// Become a part of a session (a supervisor starts this).
    #[command(hide = true)]
    ExecChild {
        #[arg(long)]
        parent: u32,
        #[arg(last = true, required = true)]
        program: Vec<std::ffi::OsString>,
    },
}

/// The server's folder, by which its clients find it.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct DataArgs {
    /// Data folder; by default `streamspace` in $XDG_DATA_HOME or ~/.local/share.
    #[arg(long, env = "STREAMSPACE_DATA_DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// Where the files that come with StreamSpace are.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct AssetArgs {
    #[command(flatten)]
    pub(crate) templates: TemplateArgs,
    #[command(flatten)]
    pub(crate) web: WebArgs,
}

#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct TemplateArgs {
    /// Folder of template files; by default ../share/streamspace/templates beside the program.
    #[arg(long = "templates", env = "STREAMSPACE_TEMPLATES")]
    pub(crate) template_folder: Option<PathBuf>,
}

#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct WebArgs {
    /// Folder of the built web client; by default ../share/streamspace/web beside the program.
    #[arg(long, env = "STREAMSPACE_WEB_DIR")]
    pub(crate) web_dir: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) front: FrontArgs,
    /// Ports that browsers reach for WebRTC, such as 50000-50100, UDP and TCP; by default any.
    #[arg(long, env = "STREAMSPACE_ICE_PORTS")]
    pub(crate) ice_ports: Option<PortRange>,
    /// File with STUN and TURN servers: a JSON array of {urls, username, credential}.
    #[arg(long, env = "STREAMSPACE_ICE_SERVERS")]
    pub(crate) ice_servers: Option<PathBuf>,
    /// For how long sessions go on without a server after SIGTERM, such as 5m, for the next one on the same data
    /// folder; by default they end with theirs.
    #[arg(long, env = "STREAMSPACE_KEEP_SESSIONS", value_name = "TIME", value_parser = seconds)]
    pub(crate) keep_sessions: Option<u32>,
    /// After so long without anybody's input sessions hibernate, such as 30m, unless they or their templates say
    /// otherwise; by default never.
    #[arg(long, env = "STREAMSPACE_IDLE_TIMEOUT", value_name = "TIME")]
    pub(crate) idle_timeout: Option<TimeSpan>,
    /// So long after their start sessions end, such as 8h, unless they or their templates say otherwise; by default
    /// never.
    #[arg(long, env = "STREAMSPACE_MAX_SESSION_DURATION", value_name = "TIME")]
    pub(crate) max_session_duration: Option<TimeSpan>,
    /// Open the address in the browser.
    #[arg(long)]
    pub(crate) open: bool,
    /// End when the last session has ended.
    #[arg(long)]
    pub(crate) exit_when_empty: bool,
    #[command(flatten)]
    pub(crate) templates: TemplateArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Gateway {
    #[command(flatten)]
    pub(crate) front: FrontArgs,
    /// The namespace of sessions and templates; by default that of the account.
    #[arg(long, env = "STREAMSPACE_NAMESPACE")]
    pub(crate) namespace: Option<String>,
    /// The context of the kubeconfig, outside a cluster; by default the current one.
    #[arg(long)]
    pub(crate) context: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PodSession {
    /// The session's name.
    #[arg(long, env = "STREAMSPACE_SESSION")]
    pub(crate) session: SessionId,
    /// Folder of the session's Secret.
    #[arg(long, env = "STREAMSPACE_KEYS")]
    pub(crate) keys: PathBuf,
    /// Address of the Pod's port, for gateways.
    #[arg(long, env = "STREAMSPACE_LISTEN")]
    pub(crate) listen: SocketAddr,
    /// Address of the Pod that browsers or TURN servers reach for WebRTC; by default that of --listen.
    #[arg(long, env = "STREAMSPACE_ICE_ADDRESS", value_delimiter = ',')]
    pub(crate) ice_address: Vec<IpAddr>,
    /// Ports that they reach; by default any.
    #[arg(long, env = "STREAMSPACE_ICE_PORTS")]
    pub(crate) ice_ports: Option<PortRange>,
    /// File with STUN and TURN servers: a JSON array of {urls, username, credential}.
    #[arg(long, env = "STREAMSPACE_ICE_SERVERS")]
    pub(crate) ice_servers: Option<PathBuf>,
    /// The desktop at start, as in a Session: JSON with width, height, fps and encoder.
    #[arg(long, default_value = "{}", value_parser = json::<Display>)]
    pub(crate) display: Display,
    /// What may be carried into the session and out of it, as in a Template: JSON.
    #[arg(long, default_value = "{}", value_parser = policy)]
    pub(crate) policy: Policy,
    /// The volume that programs know as their home.
    #[arg(long, env = "STREAMSPACE_HOME")]
    pub(crate) home: PathBuf,
    /// Folder for sockets and logs.
    #[arg(long, env = "STREAMSPACE_RUN", default_value = "/run/streamspace")]
    pub(crate) run: PathBuf,
    /// Folder that the program's container has too; there it finds the cookie of display :0, and the sound server.
    #[arg(long, env = "STREAMSPACE_SHARE")]
    pub(crate) share: Option<PathBuf>,
    /// Start a window manager, for a program that is no desktop.
    #[arg(long)]
    pub(crate) window_manager: bool,
    /// What to log, as tracing directives.
    #[arg(long, env = "STREAMSPACE_LOG", default_value = "info")]
    pub(crate) log: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Go through all events and say where they end, or which one was changed or is missing.
    Verify {
        /// Where they ended before, as this command has printed it.
        #[arg(long)]
        head: Option<String>,
        #[command(flatten)]
        source: AuditSource,
    },
    /// Print all events, one JSON object a line, oldest first.
    Export(AuditSource),
}

/// Where the audit log is.
#[derive(Debug, ClapArgs)]
pub(crate) struct AuditSource {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) storage: StorageArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// The desktop's size at start.
    #[arg(long, default_value = "1280x720")]
    pub(crate) size: Size,
    /// The most frames a second.
    #[arg(long, default_value_t = 60)]
    pub(crate) fps: u16,
    /// The encoder: `auto`, `hardware`, `lowest-latency`, `lowest-cost`, or a name, such as x264 or vp9.
    #[arg(long, default_value = "auto")]
    pub(crate) encoder: streamspace_gpu::Policy,
    /// Print address, session and process ids as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Open the address in the browser.
    #[arg(long, conflicts_with = "json")]
    pub(crate) open: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) assets: AssetArgs,
    /// Program and its arguments.
    #[arg(last = true, required = true)]
    pub(crate) program: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// List the sessions.
    List {
        /// Print the objects as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Start a session from a template and print the address that shows it.
    Create {
        /// The template's name.
        template: String,
        /// Print the object as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make a link by which people without an account come into a session, and print it.
    Share {
        /// The session's name.
        session: String,
        /// What they may do: view, control or own.
        #[arg(long, default_value = "view", value_parser = role)]
        role: Role,
        /// After how long the link ends, such as 90m, 8h or 2d; with the session if absent.
        #[arg(long = "for", value_parser = seconds)]
        lifetime: Option<u32>,
        /// For whom it is, in a few words.
        #[arg(long, default_value = "")]
        label: String,
        /// Print link, role and end as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// End a session's programs and keep its files, to start it again later.
    Hibernate {
        /// The session's name.
        session: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Start a hibernated session again.
    Wake {
        /// The session's name.
        session: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// End a session.
    Stop {
        /// The session's name.
        session: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// List the users.
    List {
        /// Print the objects as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Add a user, and print an address that signs in, once.
    Add {
        name: String,
        /// viewer, user, operator or admin.
        #[arg(long, default_value = "user")]
        role: AccountRole,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Give a user another role.
    Role {
        name: String,
        /// viewer, user, operator or admin.
        role: AccountRole,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Print a new address that signs a user in, once.
    Link {
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Take a user's password and second factor away, and sign them out.
    RemovePassword {
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Remove a user who has no sessions.
    Remove {
        name: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// List the keys.
    List {
        /// Print the objects as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Add a key, and print it. It is shown this once.
    Add {
        /// What to call it.
        label: String,
        /// What it is for: read, sessions or admin.
        #[arg(long, default_value = "read")]
        scope: Scope,
        /// After how long it ends, such as 8h or 90d; never if absent.
        #[arg(long = "for", value_parser = seconds)]
        lifetime: Option<u32>,
        /// Print the key and what is told of it as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Withdraw a key.
    Remove {
        /// What it is called.
        label: String,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LogFilter {
    /// Directives of tracing, such as info,streamspace_api=debug.
    pub(crate) filter: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Doctor {
    /// Also measure what each encoder carries, and keep that in the data folder; this takes half a minute.
    #[arg(long)]
    pub(crate) calibrate: bool,
    /// Print the findings as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The address that `up` would listen on.
    #[arg(long, env = "STREAMSPACE_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) assets: AssetArgs,
}

fn policy(text: &str) -> Result<Policy, DecodeError> {
    Policy::decode(text.as_bytes())
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

fn role(text: &str) -> Result<Role, &'static str> {
    match text {
        "view" => Ok(Role::View),
        "control" => Ok(Role::Control),
        "own" => Ok(Role::Own),
        _ => Err("a role is view, control or own"),
    }
}

/// A time like `90m`, in seconds.
pub(crate) fn seconds(text: &str) -> Result<u32, &'static str> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 24 * 3600)];
    let read = units.into_iter().find_map(|(unit, seconds)| {
        let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(seconds)
    });
    read.ok_or("a time is written like 90s, 90m, 8h or 2d")
}

/// Width and height in pixels, written `1280x720`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl std::str::FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text
            .split_once('x')
            .map(|(width, height)| (width.parse(), height.parse()));
        match numbers {
            Some((Ok(width), Ok(height))) => Ok(Self { width, height }),
            _ => Err("a size is written like 1280x720"),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_links_time_is_a_number_and_its_unit() {
        assert_eq!(seconds("90m"), Ok(5400));
        assert_eq!(seconds("2d"), Ok(172_800));
        for text in ["", "m", "2", "-1h", "1w", "99999999999d", "99999d\u{e9}"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_is_two_numbers() {
        assert_eq!(
            "1280x720".parse(),
            Ok(Size {
                width: 1280,
                height: 720
            })
        );
        for text in ["", "1280", "x720", "1280x", "-1x5", "99999x1", "1280×720"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
