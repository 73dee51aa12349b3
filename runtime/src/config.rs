//! What a runtime is told at start.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::geteuid;
use streamspace_protocol::IceSettings;
use streamspace_resources::TimeSpan;
use streamspace_traces::Tracer;

/// The server's environment; sessions get a selection of it.
pub type Environment = BTreeMap<String, String>;

/// Where a runtime keeps things and what it starts.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// Holds the session store, homes and logs. One runtime at a time uses it.
    pub data: PathBuf,
    /// Folder of `*.yaml` templates; read anew at each use.
    pub templates: PathBuf,
    /// The `streamspace-streamer` program.
    pub streamer: PathBuf,
    /// A program with the subcommands `supervise` and `exec-child`: `streamspace` itself.
    pub supervisor: PathBuf,
    /// How browsers may reach the streamers.
    pub ice: IceSettings,
    pub max_sessions: usize,
    /// How long sessions wait for the next runtime when this one has gone; with zero they end with it.
    pub keep: Duration,
    /// After so long without input sessions hibernate, where neither they nor their templates say.
    pub idle_timeout: Option<TimeSpan>,
    /// So long after their start sessions end, where neither they nor their templates say.
    pub max_session_duration: Option<TimeSpan>,
    /// Programs are looked up in its `PATH`; sockets go below its `XDG_RUNTIME_DIR`.
    pub environment: Environment,
    /// Takes the spans of sessions' processes.
    pub tracer: Tracer,
}

impl RuntimeConfig {
    /// A configuration for one person on one machine: loopback only, 32 sessions, the environment of
    /// this process.
    pub fn new(data: PathBuf, templates: PathBuf, streamer: PathBuf, supervisor: PathBuf) -> Self {
        Self {
            data,
            templates,
            streamer,
            supervisor,
            ice: IceSettings::new(vec![Ipv4Addr::LOCALHOST.into()]),
            max_sessions: 32,
            keep: Duration::ZERO,
            idle_timeout: None,
            max_session_duration: None,
            environment: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            tracer: Tracer::default(),
        }
    }

    pub(crate) fn store_file(&self) -> PathBuf {
        self.data.join("sessions.db")
    }

    pub(crate) fn log_file(&self, session: &str) -> PathBuf {
        self.data.join("logs").join(format!("{session}.log"))
    }

    /// The home of a session that keeps nothing.
    pub(crate) fn scratch_home(&self, session: &str) -> PathBuf {
        self.data.join("session-homes").join(session)
    }

    /// The home that all of a user's persistent sessions share.
    pub(crate) fn user_home(&self, user: &str) -> PathBuf {
        self.data.join("homes").join(file_name_of(user))
    }

    /// Folder of a session's sockets and keys.
    ///
    /// A Unix socket's path has at most 107 bytes, so a long `XDG_RUNTIME_DIR` is passed over.
    pub(crate) fn run_folder(&self, session: &str) -> PathBuf {
        const LONGEST: usize = 107 - "/streamer.sock".len();
        let own = self
            .environment
            .get("XDG_RUNTIME_DIR")
            .filter(|folder| Path::new(folder).is_absolute())
            .map(|folder| Path::new(folder).join("streamspace"));
        let shared = PathBuf::from(format!("/tmp/streamspace-{}", geteuid().as_raw()));
        own.map(|base| base.join(session))
            .filter(|folder| folder.as_os_str().len() <= LONGEST)
            .unwrap_or_else(|| shared.join(session))
    }
}

/// A user's name as one component of a path: other bytes than letters, digits and `-` are written
/// as `_` and two hexadecimal digits, so different users never share a folder.
fn file_name_of(user: &str) -> String {
    user.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            _ => format!("_{byte:02x}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(runtime_dir: Option<&str>) -> RuntimeConfig {
        let mut config = RuntimeConfig::new(
            "/data".into(),
            "/templates".into(),
            "/streamer".into(),
            "/supervisor".into(),
        );
        config.environment = runtime_dir
            .map(|dir| ("XDG_RUNTIME_DIR".into(), dir.into()))
            .into_iter()
            .collect();
        config
    }

    #[test]
    fn sockets_go_to_the_users_runtime_folder_unless_their_paths_got_too_long() {
        let short = config(Some("/run/user/1000")).run_folder("xterm-abc");
        assert_eq!(short, Path::new("/run/user/1000/streamspace/xterm-abc"));
        let long = format!("/{}", "a".repeat(90));
        for unusable in [None, Some("relative"), Some(long.as_str())] {
            assert!(
                config(unusable).run_folder("xterm-abc").starts_with("/tmp"),
                "{unusable:?}"
            );
        }
    }

    #[test]
    fn a_users_name_never_leaves_the_folder_of_homes() {
        assert_eq!(file_name_of("ann-1"), "ann-1");
        assert_eq!(file_name_of("../root"), "_2e_2e_2froot");
        assert_ne!(file_name_of("a.b"), file_name_of("a_2eb"));
    }
}
