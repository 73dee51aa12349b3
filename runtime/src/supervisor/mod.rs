//! The process that owns one session: starts its parts, watches them, and ends all of them.

mod child;
mod cookie;
mod display;
mod display_number;
mod ending;
mod exec;
mod failure;
mod history;
mod link;
mod log;
mod parts;
mod restart;
mod sound;
mod streamer;
mod vnc_password;
mod window_manager;

use std::{io, process::ExitCode};

use rustix::process::{getpid, set_child_subreaper, setsid};
use tokio::signal::unix::{Signal, SignalKind, signal};

pub(crate) use ending::LIMIT as END_LIMIT;
pub use exec::exec_child;

use self::{link::ServerLink, parts::Session};
use crate::order::{Ending, Event, Order};

/// Runs one session as the server on the other end of standard input and output says.
///
/// Returns when nothing of the session is left. The exit status is 0 even if the session failed:
/// the last event on standard output tells.
pub fn supervise() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "streamspace supervise: {error}; it is started by `streamspace up`, not by hand"
            );
            ExitCode::FAILURE
        }
    }
}

fn start() -> io::Result<()> {
    // A POSIX session of its own: a Ctrl-C meant for the server does not reach the session. It
    // fails only for a process that leads one already, which is as good.
    let _ = setsid();
    set_child_subreaper(Some(getpid()))?;
    // A single thread, because parent-death signals are sent when the *thread* ends that started
    // the child (prctl(2)), and this one ends with the process.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run())
}

async fn run() -> io::Result<()> {
    let mut server = ServerLink::from_standard_streams()?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let order = server.order().await?;
    let mut session = Session::new(order.clone(), server.events())?;
    let (last, ending) = tokio::select! {
        last = session.live() => (last, Ending::End),
        ending = asked_to_end(&mut server, &order, &mut terminated, &mut interrupted) => {
            (Event::Ended { cause: ending.cause() }, ending)
        }
    };
    session.end(ending).await;
    server.events().send(&last);
    Ok(())
}

async fn asked_to_end(
    server: &mut ServerLink,
    order: &Order,
    terminated: &mut Signal,
    interrupted: &mut Signal,
) -> Ending {
    tokio::select! {
        ending = server.ending(order) => ending,
        _ = terminated.recv() => Ending::End,
        _ = interrupted.recv() => Ending::End,
    }
}
