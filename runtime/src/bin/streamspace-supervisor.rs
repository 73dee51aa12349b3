//! The supervisor alone, for programs that embed the runtime; `streamspace` has the same subcommands.

use std::{env, process::ExitCode};

const USAGE: &str = "usage: streamspace-supervisor supervise | exec-child --parent PID -- PROGRAM ...\n\
                     A StreamSpace server starts this; to run a session, use `streamspace run`.";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["supervise"] => streamspace_runtime::supervise(),
        ["exec-child", "--parent", parent, "--", program @ ..]
            if let Ok(parent) = parent.parse() =>
        {
            streamspace_runtime::exec_child(parent, program)
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
