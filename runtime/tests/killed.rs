//! Nothing of a session outlives it, whatever is killed.

mod support;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use streamspace_api::Backend;
use streamspace_protocol::Code;
use streamspace_resources::{Phase, Session};
use streamspace_runtime::{LocalRuntime, OpenError};

use support::{
    Machine, Traces, command, id, kill, phase, processes, started, until, until_session,
};

/// Set for [`a_server_of_its_own`], to the folder that it uses.
const SERVER_FOLDER: &str = "STREAMSPACE_TEST_SERVER_FOLDER";

/// Programs that lose sight of the session in every way but ancestry.
const STRAYING: &str = "env -i setsid sleep 1000 & exec sleep 1000";

/// Not a test but a server for the tests below, which kill it.
#[tokio::test]
#[ignore = "started by other tests in a process of its own"]
async fn a_server_of_its_own() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return;
    };
    let config = support::config(Path::new(&folder));
    let runtime = LocalRuntime::open(config).await.expect("a runtime");
    let session = started(&runtime, command(&["sh", "-c", STRAYING])).await;
    eprintln!("session {}", serde_json::to_string(&session).expect("JSON"));
    std::future::pending::<()>().await;
}

/// Starts a server with one session in a process of its own.
fn server(machine: &Machine) -> (Server, Session) {
    let mut server = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_server_of_its_own", "--ignored", "--nocapture"])
        .env(SERVER_FOLDER, machine.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a server");
    let stderr = BufReader::new(server.stderr.take().expect("a pipe"));
    let session = stderr
        .lines()
        .map_while(Result::ok)
        .find_map(|line| serde_json::from_str(line.strip_prefix("session ")?).ok())
        .expect("a session");
    (Server(server), session)
}

/// Killed at the end also of a test that fails.
struct Server(Child);

impl Server {
    fn kill(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("collected");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// The process that carries no mark and has a POSIX session of its own.
async fn stray(session: &Session) -> u32 {
    let program = processes(session).program.expect("a program");
    let children = format!("/proc/{program}/task/{program}/children");
    let mut stray = None;
    until("the program has a child that has shed its mark", || {
        let children = std::fs::read_to_string(&children).unwrap_or_default();
        stray = children.split_whitespace().find_map(|pid| pid.parse().ok());
        stray.is_some_and(|pid| support::environment(pid).is_empty())
    })
    .await;
    stray.expect("found")
}

/// Makes the server look at the session's processes, which it does whenever it is told something.
async fn noted(runtime: &LocalRuntime, session: &Session) {
    let before = processes(session).streamer.expect("a streamer");
    kill(before, "KILL");
    until_session(runtime, &id(session), |session| {
        processes(session)
            .streamer
            .is_some_and(|streamer| streamer != before)
    })
    .await;
}

/// A child of this process in a POSIX session of its own, as a browser that was opened for the
/// server's user.
fn orphan() -> u32 {
    let started = Command::new("sh")
        .args(["-c", "setsid sleep 1000 > /dev/null 2>&1 & echo $!"])
        .output()
        .expect("sh runs");
    let pid = String::from_utf8_lossy(&started.stdout).trim().parse();
    pid.expect("a process id")
}

#[tokio::test]
async fn a_killed_supervisor_takes_nothing_with_it_that_is_not_its_sessions() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    let orphan = orphan();
    let stat = format!("/proc/{orphan}/stat");
    let me = format!(" {} ", std::process::id());
    until("the process is ours, and sleeps", || {
        let stat = std::fs::read_to_string(&stat).unwrap_or_default();
        stat.contains("(sleep)") && stat.contains(&me)
    })
    .await;
    kill(processes(&session).supervisor, "KILL");
    until_session(&runtime, &id(&session), |session| {
        phase(session) == Phase::Failed
    })
    .await;
    let stat = std::fs::read_to_string(&stat).expect("it is there");
    kill(orphan, "KILL");
    assert!(stat.contains(") S "), "{stat}");
    runtime.shutdown().await;
}

#[tokio::test]
async fn what_a_supervisor_gave_up_on_is_ended_by_the_server() {
    let mut machine = Machine::new();
    let supervisor = machine.path().join("supervisor");
    let script = r#"#!/bin/sh
read -r order
session=$(echo "$order" | sed 's/.*"session":"\([^"]*\)".*/\1/')
STREAMSPACE_SESSION=$session setsid sleep 1000 < /dev/null > /dev/null 2>&1 &
echo "{\"event\":\"started\",\"processes\":{\"supervisor\":$$,\"program\":$!}}"
read -r stop
echo '{"event":"ended","cause":"asked"}'
"#;
    support::write_script(&supervisor, script);
    machine.config.supervisor = supervisor;
    let runtime = machine.runtime().await;
    let session = runtime.create("ann", command(&["sleep", "1"])).await;
    let session = id(&session.expect("accepted"));
    until("the process runs", || support::marked(&session).len() == 1).await;
    runtime.end(&session).await.expect("ended");
    assert!(support::marked(&session).is_empty());
}

#[tokio::test]
async fn a_killed_supervisor_takes_its_session_with_it() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sh", "-c", STRAYING])).await;
    let stray = stray(&session).await;
    noted(&runtime, &session).await;
    let bystander = started(&runtime, command(&["sleep", "1000"])).await;
    let traces = Traces::of(&session).with(stray);
    kill(processes(&session).supervisor, "KILL");
    let session = until_session(&runtime, &id(&session), |session| {
        phase(session) == Phase::Failed
    })
    .await;
    assert_eq!(traces.left(), [""; 0]);
    assert_eq!(
        session.status.expect("a status").conditions[0].code,
        Some(Code::Internal)
    );
    let bystander = runtime.session(&id(&bystander)).await.expect("it is there");
    assert_eq!(phase(&bystander), Phase::Running);
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_killed_server_takes_its_sessions_with_it() {
    let machine = Machine::new();
    let (mut server, session) = server(&machine);
    let traces = Traces::of(&session).with(stray(&session).await);
    server.kill();
    traces.until_gone().await;
    let runtime = machine.runtime().await;
    let session = runtime
        .session(&id(&session))
        .await
        .expect("it is remembered");
    assert_eq!(phase(&session), Phase::Terminated);
    assert!(runtime.sessions().await.expect("a list").is_empty());
}

#[tokio::test]
async fn what_a_killed_server_and_supervisor_left_is_swept_by_the_next_server() {
    let machine = Machine::new();
    let (mut server, session) = server(&machine);
    // Carries no mark. Once its parents have gone too, nobody can tell whose it is: it may be left.
    let stray = stray(&session).await;
    let traces = Traces::of(&session);
    let supervisor = processes(&session).supervisor;
    // Stopped first, so that it cannot clean up when its server goes.
    kill(supervisor, "STOP");
    server.kill();
    kill(supervisor, "KILL");
    assert_ne!(traces.left(), [""; 0]);
    let _runtime = machine.runtime().await;
    traces.until_gone().await;
    if support::exists(stray) {
        kill(stray, "KILL");
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused_and_disturbs_nothing() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    let error = LocalRuntime::open(machine.config.clone())
        .await
        .expect_err("refused");
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
    assert_eq!(error.code(), Code::AddressInUse);
    let session = runtime.session(&id(&session)).await.expect("it is there");
    assert_eq!(phase(&session), Phase::Running);
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_new_server_removes_what_no_session_has_any_more() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = runtime.create("ann", command(&["true"])).await;
    let session = id(&session.expect("accepted"));
    until_session(&runtime, &session, |session| {
        phase(session) == Phase::Terminated
    })
    .await;
    runtime.shutdown().await;
    drop(runtime);
    let data = &machine.config.data;
    let kept = [
        data.join(format!("logs/{session}.log")),
        data.join("logs/notes.txt"),
        data.join("homes/ann"),
    ];
    let removed = [
        data.join("logs/gone-abc234.log"),
        data.join("logs/gone-abc234.log.1"),
        data.join("session-homes/gone-abc234"),
    ];
    std::fs::create_dir_all(removed[2].join("folder")).expect("made");
    std::fs::create_dir_all(&kept[2]).expect("made");
    for file in [&kept[1], &removed[0], &removed[1]] {
        std::fs::write(file, "text").expect("written");
    }
    let runtime = machine.runtime().await;
    for (files, there) in [(&kept, true), (&removed, false)] {
        for file in files {
            assert_eq!(file.exists(), there, "{}", file.display());
        }
    }
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_data_folder_behind_a_link_is_used() {
    let mut machine = Machine::new();
    let disk = machine.path().join("disk");
    let link = machine.path().join("link");
    std::fs::create_dir(&disk).expect("made");
    std::os::unix::fs::symlink(&disk, &link).expect("linked");
    machine.config.data = link;
    machine.runtime().await.shutdown().await;
    assert!(disk.join("sessions.db").exists());
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_refused_with_advice() {
    let mut machine = Machine::new();
    machine.config.data = "/proc/streamspace".into();
    let error = LocalRuntime::open(machine.config.clone())
        .await
        .expect_err("refused");
    assert_eq!(error.code(), Code::StorageFailed);
    assert!(error.to_string().contains("--data"), "{error}");
}
