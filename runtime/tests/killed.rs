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

#[tokio::test]
async fn a_killed_supervisor_takes_its_session_with_it() {
    let machine = Machine::new();
    let runtime = machine.runtime().await;
    let session = started(&runtime, command(&["sh", "-c", STRAYING])).await;
    let stray = stray(&session).await;
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
    let traces = Traces::of(&session);
    let supervisor = processes(&session).supervisor;
    // Stopped first, so that it cannot clean up when its server goes.
    kill(supervisor, "STOP");
    server.kill();
    kill(supervisor, "KILL");
    assert_ne!(traces.left(), [""; 0]);
    let _runtime = machine.runtime().await;
    traces.until_gone().await;
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
async fn a_data_folder_that_cannot_be_written_is_refused_with_advice() {
    let mut machine = Machine::new();
    machine.config.data = "/proc/streamspace".into();
    let error = LocalRuntime::open(machine.config.clone())
        .await
        .expect_err("refused");
    assert_eq!(error.code(), Code::StorageFailed);
    assert!(error.to_string().contains("--data"), "{error}");
}
