//! `streamspace run`: one program as a session, for as long as it runs.

use std::{
    fs::OpenOptions,
    net::TcpListener,
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use serde::Serialize;
use streamspace_protocol::Code;
use streamspace_resources::{Display, NewSession, Phase, Processes, Session, SessionStatus};
use streamspace_runtime::EXIT_STATUS_LABEL;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    task::spawn_blocking,
    time::sleep,
};

use crate::{
    args::Run,
    browser,
    client::Client,
    failure::Failure,
    output::{print_json, print_line},
    paths,
};

/// How often a session is looked at that starts or ends.
const POLL: Duration = Duration::from_millis(200);
const SERVER_START: Duration = Duration::from_secs(15);
/// How long after our server has ended another one may take to answer.
const OTHER_SERVER_START: Duration = Duration::from_secs(3);
const PREFERRED_PORT: u16 = 8080;
/// What a shell shows for a program that Ctrl+C ended.
const INTERRUPTED: u8 = 130;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Started<'a> {
    address: &'a str,
    session: &'a str,
    processes: Processes,
}

pub(crate) async fn run(args: Run) -> Result<ExitCode, Failure> {
    let mut interrupted = Interruption::watch()?;
    let data = paths::data_folder(&args.data)?;
    let client = match Client::find(&data) {
        Ok(client) => client,
        Err(failure) if failure.code == Code::NotFound => start_server(&args, &data).await?,
        Err(failure) => return Err(failure),
    };
    let request = request(&args)?;
    let session = call(&client, move |client| client.create(&request)).await?;
    let name = session.metadata.name;

    let outcome = tokio::select! {
        outcome = follow(&client, &name, &args) => outcome,
        () = interrupted.wait() => Ok(ExitCode::from(INTERRUPTED)),
    };
    // Ended already, or to be ended because of us: either way it is not to stay.
    let ended = call(&client, move |client| client.end(&name)).await;
    match ended {
        Err(failure) if failure.code != Code::SessionNotFound => outcome.and(Err(failure)),
        _ => outcome,
    }
}

fn request(args: &Run) -> Result<NewSession, Failure> {
    let folder =
        std::env::current_dir().map_err(|error| Failure::storage("the current folder", &error))?;
    let folder = folder.into_os_string().into_string().map_err(|_| {
        Failure::new(
            Code::RequestInvalid,
            "the current folder's name is not valid UTF-8",
        )
    })?;
    Ok(NewSession {
        command: Some(args.program.clone()),
        working_directory: Some(folder),
        display: Some(Display {
            width: args.size.width,
            height: args.size.height,
            fps: args.fps,
            encoder: args.encoder.to_string(),
        }),
        ..NewSession::default()
    })
}

/// Waits until the session runs, says where, and waits until it ends.
async fn follow(client: &Client, name: &str, args: &Run) -> Result<ExitCode, Failure> {
    let running = until(client, name, |phase| phase != Phase::Pending).await?;
    let processes = status(&running).processes.unwrap_or_default();
    if status(&running).phase == Phase::Running {
        let path = format!("/session/{name}");
        let address = call(client, move |client| client.link(&path)).await?;
        if args.json {
            print_json(&Started {
                address: address.expose(),
                session: name,
                processes: processes.clone(),
            });
        } else {
            print_line(address.expose());
        }
        if args.open {
            browser::open(&paths::data_folder(&args.data)?, &address)?;
        }
    }
    end_of(processes.supervisor).await;
    let ended = until(client, name, |phase| {
        !matches!(phase, Phase::Pending | Phase::Running)
    })
    .await;
    match ended {
        Ok(session) => outcome(&session),
        // Ended and forgotten between two looks.
        Err(failure) if failure.code == Code::SessionNotFound => Ok(ExitCode::SUCCESS),
        Err(failure) => Err(failure),
    }
}

/// Waits for the end of a process, if it is there: sessions that run ask nothing of anybody.
///
/// On a thread of its own, which cannot be cancelled and ends with this program.
async fn end_of(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let Some(process) = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else {
        return;
    };
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        // It becomes readable when the process has ended; an error leaves the question to polling.
        let polled = poll(&mut [PollFd::new(&process, PollFlags::IN)], None);
        let _ = ended.send(polled);
    });
    drop(end.await);
}

fn outcome(session: &Session) -> Result<ExitCode, Failure> {
    let status = status(session);
    if status.phase == Phase::Failed {
        let reason = status
            .conditions
            .iter()
            .find(|condition| condition.code.is_some());
        return Err(match reason {
            Some(condition) => Failure::new(
                condition.code.unwrap_or(Code::Internal),
                condition.message.clone(),
            ),
            None => Failure::internal("the session failed; the server's log says why"),
        });
    }
    let exit_status = session.metadata.labels.get(EXIT_STATUS_LABEL);
    let code = exit_status
        .and_then(|text| text.parse().ok())
        .unwrap_or(0u8);
    Ok(ExitCode::from(code))
}

fn status(session: &Session) -> SessionStatus {
    session.status.clone().unwrap_or_default()
}

async fn until(
    client: &Client,
    name: &str,
    wanted: impl Fn(Phase) -> bool,
) -> Result<Session, Failure> {
    loop {
        let name = name.to_owned();
        let session = call(client, move |client| client.session(&name)).await?;
        if wanted(status(&session).phase) {
            return Ok(session);
        }
        sleep(POLL).await;
    }
}

/// The client's calls block, so they go to a thread of their own.
async fn call<T: Send + 'static>(
    client: &Client,
    ask: impl FnOnce(&Client) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let client = client.clone();
    let answer = spawn_blocking(move || ask(&client)).await;
    answer.unwrap_or_else(|error| Err(Failure::internal(format!("a call failed: {error}"))))
}

/// Starts a server that ends with its last session.
///
/// Another `run` may start one at the same moment: the folder's lock lets one of them live, and
/// whichever it is serves both.
async fn start_server(args: &Run, data: &Path) -> Result<Client, Failure> {
    let mut server = spawn_server(args, data)?;
    let deadline = Instant::now() + SERVER_START;
    let mut ended_at = None;
    loop {
        let folder = data.to_owned();
        let found = spawn_blocking(move || Client::find(&folder)).await;
        if let Ok(Ok(client)) = found {
            return Ok(client);
        }
        if ended_at.is_none() && server.try_wait().ok().flatten().is_some() {
            ended_at = Some(Instant::now());
        }
        let given_up = ended_at.is_some_and(|ended| ended.elapsed() > OTHER_SERVER_START);
        if given_up || Instant::now() > deadline {
            return Err(not_started(data));
        }
        sleep(POLL / 4).await;
    }
}

fn spawn_server(args: &Run, data: &Path) -> Result<Child, Failure> {
    std::fs::create_dir_all(data).map_err(|error| Failure::storage("the data folder", &error))?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(data.join("server.log"))
        .map_err(|error| Failure::storage("the server's log", &error))?;
    let free = TcpListener::bind(("127.0.0.1", PREFERRED_PORT)).is_ok();
    let port = if free { PREFERRED_PORT } else { 0 };
    Command::new(paths::this_program()?)
        .args(["up", "--exit-when-empty", "--listen"])
        .arg(format!("127.0.0.1:{port}"))
        .arg("--data")
        .arg(data)
        .arg("--templates")
        .arg(paths::templates(&args.assets.templates)?)
        .arg("--web-dir")
        .arg(paths::web_client(&args.assets.web)?)
        // Ctrl+C in this terminal is for this command, not for a server that others may use.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|error| Failure::internal(format!("the server does not start: {error}")))
}

fn not_started(data: &Path) -> Failure {
    let log = data.join("server.log");
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    let last = text.lines().last().unwrap_or("it said nothing");
    Failure::internal(format!(
        "the server does not start: {last} (see {})",
        log.display()
    ))
}

/// Ctrl+C, or a polite request to end.
struct Interruption {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Interruption {
    fn watch() -> Result<Self, Failure> {
        let watch = |kind| {
            signal(kind)
                .map_err(|error| Failure::internal(format!("signals cannot be watched: {error}")))
        };
        Ok(Self {
            interrupt: watch(SignalKind::interrupt())?,
            terminate: watch(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
