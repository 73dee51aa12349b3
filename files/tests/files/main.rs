//! A session's files by way of their link, with programs of the session that mean harm.

mod gateway;
mod hostile;
mod reading;
mod uploading;
