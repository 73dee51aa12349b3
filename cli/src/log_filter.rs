//! `streamspace log-filter`.

use streamspace_api::LogDirectives;

use crate::{args::LogFilter, client::Client, failure::Failure, output::print_line};

/// Prints what the server logs now.
pub(crate) fn log_filter(args: LogFilter) -> Result<(), Failure> {
    let client = Client::of(&args.data)?;
    let now = match args.filter {
        Some(filter) => client.set_log_filter(&LogDirectives { filter })?,
        None => client.log_filter()?,
    };
    print_line(&now.filter);
    Ok(())
}
