//! The program `streamspace`: everything on one machine, and its client commands.
//!
//! `up` is the server: API, gateway, web page and session runtime in one process. `run`, `session`,
//! `user`, `key` and `link` are its clients; they find it by the file that it writes into its data folder.
//! `supervise` and `exec-child` are what the server starts for each session.

mod args;
mod audit;
mod audit_targets;
mod browser;
mod client;
mod doctor;
mod ending;
mod failure;
mod front;
mod gateway;
mod key;
mod log_filter;
mod oidc;
mod outbound;
mod output;
mod paths;
mod pinned;
mod pod_session;
mod run;
mod server_file;
mod session;
mod storage;
mod tls;
mod traces;
mod turn;
mod up;
mod user;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    args::{Args, Command},
    failure::Failure,
    output::print_error,
};

fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Supervise => return streamspace_runtime::supervise(),
        Command::ExecChild { parent, program } => {
            return streamspace_runtime::exec_child(parent, &program);
        }
        Command::Up(args) => block_on(up::up(*args)).map(|()| ExitCode::SUCCESS),
        Command::Gateway(args) => block_on(gateway::gateway(*args)).map(|()| ExitCode::SUCCESS),
        Command::PodSession(args) => {
            block_on(pod_session::pod_session(*args)).map(|()| ExitCode::SUCCESS)
        }
        Command::Run(args) => block_on(run::run(args)),
        Command::Session { command } => session::session(command).map(|()| ExitCode::SUCCESS),
        Command::User { command } => user::user(command).map(|()| ExitCode::SUCCESS),
        Command::Audit { command } => block_on(audit::audit(command)).map(|()| ExitCode::SUCCESS),
        Command::Key { command } => key::key(command).map(|()| ExitCode::SUCCESS),
        Command::LogFilter(args) => log_filter::log_filter(args).map(|()| ExitCode::SUCCESS),
        Command::Link(args) => session::link(&args).map(|()| ExitCode::SUCCESS),
        Command::Doctor(args) => block_on(doctor::doctor(args)),
    };
    result.unwrap_or_else(|failure| {
        print_error(&failure);
        ExitCode::FAILURE
    })
}

fn block_on<T>(task: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Runtime::new()
        .map_err(|error| Failure::internal(format!("the runtime does not start: {error}")))?
        .block_on(task)
}
