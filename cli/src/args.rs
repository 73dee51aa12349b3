//! The command line.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Args as ClapArgs, Parser, Subcommand};
use ipnet::IpNet;
use streamspace_api::{AccountRole, Scope};
use streamspace_protocol::{PortRange, Role};

use crate::turn::TurnArgs;

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
    /// Print a new address that signs in, once.
    Link(DataArgs),
    /// Try what this machine has and say what it misses.
    Doctor(Doctor),
    /// Supervise one session (the server starts this).
    #[command(hide = true)]
    Supervise,
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
    /// Folder of template files; by default ../share/streamspace/templates beside the program.
    #[arg(long, env = "STREAMSPACE_TEMPLATES")]
    pub(crate) templates: Option<PathBuf>,
    /// Folder of the built web client; by default ../share/streamspace/web beside the program.
    #[arg(long, env = "STREAMSPACE_WEB_DIR")]
    pub(crate) web_dir: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Up {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, env = "STREAMSPACE_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Address of this machine that browsers reach for WebRTC; by default that of --listen.
    #[arg(long, env = "STREAMSPACE_ICE_ADDRESS", value_delimiter = ',')]
    pub(crate) ice_address: Vec<IpAddr>,
    /// Ports that browsers reach for WebRTC, such as 50000-50100, UDP and TCP; by default any.
    #[arg(long, env = "STREAMSPACE_ICE_PORTS")]
    pub(crate) ice_ports: Option<PortRange>,
    /// Address by which browsers reach a machine behind a 1:1 NAT.
    #[arg(long, env = "STREAMSPACE_PUBLIC_ADDRESS", value_delimiter = ',')]
    pub(crate) public_address: Vec<IpAddr>,
    /// File with STUN and TURN servers: a JSON array of {urls, username, credential}.
    #[arg(long, env = "STREAMSPACE_ICE_SERVERS")]
    pub(crate) ice_servers: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) turn: TurnArgs,
    /// Further host name by which browsers call this server.
    #[arg(long, env = "STREAMSPACE_NAME", value_delimiter = ',')]
    pub(crate) name: Vec<String>,
    /// Browsers come through a proxy that speaks TLS: addresses begin with https.
    #[arg(long, env = "STREAMSPACE_BEHIND_TLS")]
    pub(crate) behind_tls: bool,
    /// Network of proxies in front of this server, whose X-Forwarded-For is believed: 10.0.0.0/8.
    #[arg(long, env = "STREAMSPACE_TRUSTED_PROXY", value_delimiter = ',')]
    pub(crate) trusted_proxy: Vec<IpNet>,
    /// Network from which people may come; by default any.
    #[arg(long, env = "STREAMSPACE_ALLOW_FROM", value_delimiter = ',')]
    pub(crate) allow_from: Vec<IpNet>,
    /// Network from which nobody may come.
    #[arg(long, env = "STREAMSPACE_BLOCK_FROM", value_delimiter = ',')]
    pub(crate) block_from: Vec<IpNet>,
    /// The most requests a second that one user may send, on and on; ten times as many at once.
    #[arg(long, env = "STREAMSPACE_REQUESTS_PER_SECOND", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) requests_per_second: u32,
    /// For how many days the audit log is kept.
    #[arg(long, env = "STREAMSPACE_AUDIT_DAYS", default_value_t = 365)]
    pub(crate) audit_days: u16,
    /// Open the address in the browser.
    #[arg(long)]
    pub(crate) open: bool,
    /// End when the last session has ended.
    #[arg(long)]
    pub(crate) exit_when_empty: bool,
    /// What to log, as tracing directives.
    #[arg(long, env = "STREAMSPACE_LOG", default_value = "info")]
    pub(crate) log: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) assets: AssetArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Go through all events and say where they end, or which one was changed or is missing.
    Verify {
        /// Where they ended before, as this command has printed it.
        #[arg(long)]
        head: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Print all events, one JSON object a line, oldest first.
    Export(DataArgs),
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

fn role(text: &str) -> Result<Role, &'static str> {
    match text {
        "view" => Ok(Role::View),
        "control" => Ok(Role::Control),
        "own" => Ok(Role::Own),
        _ => Err("a role is view, control or own"),
    }
}

/// A time like `90m`, in seconds.
fn seconds(text: &str) -> Result<u32, &'static str> {
    let units = [("m", 60), ("h", 3600), ("d", 24 * 3600)];
    let read = units.into_iter().find_map(|(unit, seconds)| {
        let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(seconds)
    });
    read.ok_or("a time is written like 90m, 8h or 2d")
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
