//! Prints the description of the API; `./dev generate` keeps the file.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &streamspace_api::Api::description())?;
    writeln!(out)
}
