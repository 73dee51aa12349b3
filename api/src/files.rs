//! Files of a session over HTTP: what headers mean, and bodies that come from or go to a link.

mod body;
mod headers;

pub(crate) use body::{archive_body, content_body, send_body};
pub(crate) use headers::{attachment, encoded, part_of, range_of, tag_of};
