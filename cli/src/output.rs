//! What goes to a person's or a script's terminal.
//!
//! A reader that has gone away (`streamspace session list | head -1`) is no reason to stop: a command
//! may still have a session to end.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

pub(crate) fn print_line(line: &str) {
    let mut out = io::stdout().lock();
    if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
        tracing::debug!(%error, "nobody reads the output");
    }
}

/// One value as one line of JSON.
pub(crate) fn print_json(value: &impl Serialize) {
    let text = serde_json::to_string(value).expect("what is printed holds no map with odd keys");
    print_line(&text);
}

pub(crate) fn print_error(failure: &Failure) {
    let _ = writeln!(io::stderr(), "streamspace: {failure}");
}

pub(crate) fn print_warning(warning: &str) {
    let _ = writeln!(io::stderr(), "streamspace: {warning}");
}
