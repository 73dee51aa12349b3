//! A machine of its own for each test: data folder, templates, and a stand-in for the streamer.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod vnc;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use streamspace_api::Backend;
use streamspace_protocol::SessionId;
use streamspace_resources::{NewSession, Phase, Processes, Session, ViewerStats};
use streamspace_runtime::{LocalRuntime, RuntimeConfig};
use tempfile::TempDir;

/// Far more than anything here takes on a loaded machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

const POLL: Duration = Duration::from_millis(20);

/// Set it to the path of the real streamer to run these tests with that.
const STREAMER: &str = "STREAMSPACE_TEST_STREAMER";

const STAND_IN: &str = r#"#!/bin/sh
echo '{"event":"ready","encoder":"stand-in","reason":"a test needs no pictures"}'
exec cat > /dev/null
"#;

pub(crate) struct Machine {
    folder: TempDir,
    pub(crate) config: RuntimeConfig,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = config(folder.path());
        Self { folder, config }
    }

    /// Puts a program in front of all others of its name.
    pub(crate) fn replace_program(&mut self, name: &str, script: &str) {
        let bin = self.folder.path().join("bin");
        fs::create_dir_all(&bin).expect("a folder");
        write_script(&bin.join(name), script);
        let path = &self.config.environment["PATH"];
        let path = format!("{}:{path}", bin.display());
        self.config.environment.insert("PATH".into(), path);
    }

    pub(crate) async fn runtime(&self) -> LocalRuntime {
        LocalRuntime::open(self.config.clone())
            .await
            .expect("a runtime")
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// The same for every process that is given this folder.
pub(crate) fn config(folder: &Path) -> RuntimeConfig {
    let streamer = match std::env::var_os(STREAMER) {
        Some(streamer) => PathBuf::from(streamer),
        None => folder.join("streamer"),
    };
    if !streamer.exists() {
        write_script(&streamer, STAND_IN);
    }
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates");
    let supervisor = env!("CARGO_BIN_EXE_streamspace-supervisor");
    let mut config =
        RuntimeConfig::new(folder.join("data"), templates, streamer, supervisor.into());
    config
        .environment
        .insert("XDG_RUNTIME_DIR".into(), folder.display().to_string());
    config
}

pub(crate) fn write_script(file: &Path, script: &str) {
    // Under another name first, because a file that is open for writing cannot be executed.
    let new = file.with_extension("new");
    fs::write(&new, script).expect("written");
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).expect("made executable");
    fs::rename(&new, file).expect("renamed");
}

pub(crate) fn command(words: &[&str]) -> NewSession {
    NewSession {
        command: Some(words.iter().map(|&word| word.to_owned()).collect()),
        ..NewSession::default()
    }
}

pub(crate) fn id(session: &Session) -> SessionId {
    session.metadata.name.parse().expect("a session's name")
}

pub(crate) fn phase(session: &Session) -> Phase {
    session.status.as_ref().expect("a status").phase
}

pub(crate) fn processes(session: &Session) -> Processes {
    let status = session.status.clone().expect("a status");
    status.processes.expect("processes")
}

/// Status and reason of a condition.
pub(crate) fn condition(session: &Session, r#type: &str) -> Option<(String, String)> {
    let conditions = &session.status.as_ref()?.conditions;
    let condition = conditions
        .iter()
        .find(|condition| condition.r#type == r#type)?;
    Some((condition.status.clone(), condition.reason.clone()))
}

pub(crate) async fn started(runtime: &LocalRuntime, request: NewSession) -> Session {
    let session = runtime.create("ann", request).await.expect("accepted");
    assert_eq!(phase(&session), Phase::Pending);
    until_session(runtime, &id(&session), |session| {
        phase(session) == Phase::Running
    })
    .await
}

/// Waits until a session is as wanted.
pub(crate) async fn until_session(
    runtime: &LocalRuntime,
    id: &SessionId,
    wanted: impl Fn(&Session) -> bool,
) -> Session {
    let deadline = Instant::now() + LIMIT;
    loop {
        let session = runtime.session(id).await.expect("it is there");
        if wanted(&session) {
            return session;
        }
        assert!(
            Instant::now() < deadline,
            "not as wanted within {LIMIT:?}: {session:#?}"
        );
        tokio::time::sleep(POLL).await;
    }
}

/// Waits until exactly these viewers have told of their frames.
pub(crate) async fn until_viewers(
    runtime: &LocalRuntime,
    id: &SessionId,
    wanted: &[u32],
) -> Vec<ViewerStats> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let viewers = runtime.stats(id).await.expect("stats").viewers;
        let numbers: Vec<u32> = viewers.iter().map(|viewer| viewer.viewer.0).collect();
        if numbers == wanted {
            return viewers;
        }
        assert!(
            Instant::now() < deadline,
            "told within {LIMIT:?}: {numbers:?}"
        );
        tokio::time::sleep(POLL).await;
    }
}

pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !so() {
        assert!(Instant::now() < deadline, "not so within {LIMIT:?}: {what}");
        tokio::time::sleep(POLL).await;
    }
}

/// The living processes that carry a session's mark.
pub(crate) fn marked(id: &SessionId) -> BTreeSet<u32> {
    let entries = fs::read_dir("/proc").expect("/proc");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let wanted = id.to_string();
    pids.filter(|&pid| environment(pid).get("STREAMSPACE_SESSION") == Some(&wanted))
        .collect()
}

pub(crate) fn environment(pid: u32) -> BTreeMap<String, String> {
    let bytes = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    String::from_utf8_lossy(&bytes)
        .split('\0')
        .filter_map(|entry| entry.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The environment of a session's program; of a process that is being replaced by another program
/// there is none for a moment.
pub(crate) fn program_environment(session: &Session) -> BTreeMap<String, String> {
    let program = processes(session).program.expect("a program");
    let deadline = Instant::now() + LIMIT;
    loop {
        let variables = environment(program);
        if variables.contains_key("XAUTHORITY") {
            return variables;
        }
        assert!(
            Instant::now() < deadline,
            "process {program} has no environment"
        );
        std::thread::sleep(POLL);
    }
}

pub(crate) fn exists(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

pub(crate) fn kill(pid: u32, signal: &str) {
    let done = std::process::Command::new("kill")
        .args([format!("-{signal}"), pid.to_string()])
        .status();
    assert!(
        done.is_ok_and(|status| status.success()),
        "kill -{signal} {pid}"
    );
}

/// Everything on this machine that belongs to one session.
#[derive(Debug)]
pub(crate) struct Traces {
    id: SessionId,
    pids: BTreeSet<u32>,
    files: Vec<PathBuf>,
    display: String,
    /// What the display's lock file holds.
    lock: String,
}

impl Traces {
    pub(crate) fn of(session: &Session) -> Self {
        let id = id(session);
        let processes = processes(session);
        let program = program_environment(session);
        let number = program["DISPLAY"].trim_start_matches(':').to_owned();
        let folder = Path::new(&program["XAUTHORITY"])
            .parent()
            .expect("a folder")
            .to_owned();
        let pids: BTreeSet<u32> = marked(&id)
            .into_iter()
            .chain([processes.supervisor])
            .collect();
        let files = [folder.join("vnc.sock"), folder.join("pulse.sock"), folder];
        let lock = fs::read_to_string(lock_file(&number)).expect("a lock");
        assert!(
            pids.len() >= 5,
            "display, sound, streamer, program, supervisor: {pids:?}"
        );
        for file in &files {
            assert!(file.exists(), "{}", file.display());
        }
        Self {
            id,
            pids,
            files: files.into(),
            display: number,
            lock,
        }
    }

    /// What of it is still there.
    pub(crate) fn left(&self) -> Vec<String> {
        let pids: BTreeSet<u32> = self
            .pids
            .iter()
            .copied()
            .filter(|&pid| exists(pid))
            .collect();
        let files = self.files.iter().filter(|file| file.exists());
        (&pids | &marked(&self.id))
            .into_iter()
            .map(|pid| format!("process {pid}"))
            .chain(files.map(|file| file.display().to_string()))
            .chain(self.display_left())
            .collect()
    }

    /// Another session may have the number by now, and its lock says so.
    fn display_left(&self) -> Option<String> {
        let socket = format!("/tmp/.X11-unix/X{}", self.display);
        match fs::read_to_string(lock_file(&self.display)) {
            Ok(lock) => {
                (lock == self.lock).then(|| format!("the lock of display {}", self.display))
            }
            Err(_) => Path::new(&socket).exists().then_some(socket),
        }
    }

    /// For sessions whose server is gone. What was theirs is handed to whichever process is next in
    /// line; whether that collects exit statuses says nothing about the session.
    pub(crate) async fn until_gone(&self) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left: Vec<String> = self
                .left()
                .into_iter()
                .filter(|left| !is_zombie(left))
                .collect();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left after {LIMIT:?}: {left:?}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Also looks for a process that the session's mark does not tell of.
    pub(crate) fn with(mut self, pid: u32) -> Self {
        self.pids.insert(pid);
        self
    }
}

fn lock_file(display: &str) -> String {
    format!("/tmp/.X{display}-lock")
}

fn is_zombie(trace: &str) -> bool {
    trace.strip_prefix("process ").is_some_and(|pid| {
        // A process that ends between the two looks is as good as a zombie.
        fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
    })
}
