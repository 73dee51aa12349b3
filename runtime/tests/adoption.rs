//! Sessions that are kept go on under the next server.

mod support;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use streamspace_api::Backend;
use streamspace_resources::{Phase, Session};
use streamspace_runtime::LocalRuntime;
use streamspace_signaling::Directory;

use support::{
    Machine, Traces, command, id, kill, phase, processes, started, until, until_session,
};

/// Set for [`a_server_of_its_own`], to the folder that it uses and for how many seconds sessions are kept.
const SERVER_FOLDER: &str = "STREAMSPACE_TEST_SERVER_FOLDER";
const KEPT_S: &str = "STREAMSPACE_TEST_KEPT_S";

/// Not a test but a server for the tests below, which end it.
#[tokio::test]
#[ignore = "started by other tests in a process of its own"]
async fn a_server_of_its_own() {
    let Some(folder) = std::env::var_os(SERVER_FOLDER) else {
        return;
    };
    let kept_s = std::env::var(KEPT_S).expect("a number").parse();
    let mut config = support::config(Path::new(&folder));
    config.keep = Duration::from_secs(kept_s.expect("a number"));
    let runtime = LocalRuntime::open(config).await.expect("a runtime");
    let session = started(&runtime, command(&["sleep", "1000"])).await;
    eprintln!("session {}", serde_json::to_string(&session).expect("JSON"));
    std::future::pending::<()>().await;
}

/// Ended also with a test that fails.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server with one session in a process of its own.
fn server(machine: &Machine, kept_s: u32) -> (Server, Session) {
    let mut server = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_server_of_its_own", "--ignored", "--nocapture"])
        .env(SERVER_FOLDER, machine.path())
        .env(KEPT_S, kept_s.to_string())
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

/// With all that it was before, and its end leaves nothing.
async fn goes_on(runtime: &LocalRuntime, session: &Session) {
    let now = runtime.session(&id(session)).await.expect("it is there");
    assert_eq!(phase(&now), Phase::Running);
    assert_eq!(processes(&now).program, processes(session).program);
    let traces = Traces::of(&now);
    let endpoint = runtime.endpoint(&id(session)).await.expect("an endpoint");
    assert!(
        support::vnc::socket(&endpoint)
            .parent()
            .expect("a folder")
            .is_dir()
    );
    runtime.end(&id(session)).await.expect("ended");
    traces.until_gone().await;
}

#[tokio::test]
async fn a_kept_session_goes_on_under_the_next_server_and_the_one_after_that() {
    let machine = Machine::new();
    let (server, session) = server(&machine, 600);
    drop(server);
    let runtime = machine.runtime().await;
    let now = runtime.session(&id(&session)).await.expect("it is there");
    assert_eq!(processes(&now), processes(&session));
    runtime.leave().await;
    drop(runtime);
    let runtime = machine.runtime().await;
    goes_on(&runtime, &session).await;
    runtime.shutdown().await;
}

#[tokio::test]
async fn the_next_server_learns_what_happened_without_one() {
    let machine = Machine::new();
    let (server, session) = server(&machine, 600);
    drop(server);
    let before = processes(&session).streamer.expect("a streamer");
    kill(before, "KILL");
    let runtime = machine.runtime().await;
    until_session(&runtime, &id(&session), |session| {
        processes(session)
            .streamer
            .is_some_and(|streamer| streamer != before)
    })
    .await;
    goes_on(&runtime, &session).await;
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_session_that_no_server_comes_for_ends_by_itself() {
    let machine = Machine::new();
    let (server, session) = server(&machine, 1);
    let traces = Traces::of(&session);
    drop(server);
    traces.until_gone().await;
    let runtime = machine.runtime().await;
    let ended = runtime.session(&id(&session)).await.expect("remembered");
    assert_eq!(phase(&ended), Phase::Terminated);
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_supervisor_that_is_killed_without_a_server_leaves_nothing_to_the_next() {
    let machine = Machine::new();
    let (server, session) = server(&machine, 600);
    let traces = Traces::of(&session);
    drop(server);
    let supervisor = processes(&session).supervisor;
    kill(supervisor, "KILL");
    until("the supervisor is gone", || {
        let stat = std::fs::read_to_string(format!("/proc/{supervisor}/stat"));
        stat.map_or(true, |stat| stat.contains(") Z "))
    })
    .await;
    let runtime = machine.runtime().await;
    traces.until_gone().await;
    let ended = runtime.session(&id(&session)).await.expect("remembered");
    assert_eq!(phase(&ended), Phase::Terminated);
    runtime.shutdown().await;
}
