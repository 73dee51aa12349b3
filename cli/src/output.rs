//! What goes to a person's or a script's terminal.

#![expect(clippy::print_stdout, reason = "this is the place that prints")]

use serde::Serialize;

use crate::failure::Failure;

pub(crate) fn print_line(line: &str) {
    println!("{line}");
}

/// One value as one line of JSON.
pub(crate) fn print_json(value: &impl Serialize) {
    let text = serde_json::to_string(value).expect("what is printed holds no map with odd keys");
    println!("{text}");
}

pub(crate) fn print_error(failure: &Failure) {
    eprintln!("streamspace: {failure}");
}
