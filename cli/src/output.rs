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

/// Rows in columns that are as wide as they have to be.
pub(crate) fn print_table<const N: usize>(
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) {
    let rows: Vec<[String; N]> = std::iter::once(head.map(str::to_owned))
        .chain(rows)
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        print_line(line.join("  ").trim_end());
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
