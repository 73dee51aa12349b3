//! The last step before a part's own program: `exec-child`.

use std::{
    ffi::OsStr,
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

/// What a shell says where a program cannot be started.
const NOT_STARTED: u8 = 127;

/// Becomes `argv`, which the kernel kills should the process `parent` end, however that ends.
///
/// The signal has to be asked for by the child itself, between fork and exec. Should the parent have
/// ended before that, nobody would ever send it; hence the second look.
pub fn exec_child(parent: u32, argv: &[impl AsRef<OsStr>]) -> ExitCode {
    let Some((program, arguments)) = argv.split_first() else {
        return ExitCode::from(NOT_STARTED);
    };
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        eprintln!("streamspace exec-child: no parent-death signal: {error}");
        return ExitCode::from(NOT_STARTED);
    }
    if getppid().map(Pid::as_raw_pid) != i32::try_from(parent).ok() {
        return ExitCode::from(NOT_STARTED);
    }
    let error = Command::new(program).args(arguments).exec();
    eprintln!("{}: {error}", program.as_ref().display());
    ExitCode::from(NOT_STARTED)
}
