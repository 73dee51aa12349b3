//! Files of a session's home, in and out, and never anything outside it.
//!
//! ```text
//!   link (FilesHello) ─▶ Files::serve ─▶ a thread of low priority
//!                                          ├─ read     a file's bytes, or what is in a folder
//!                                          ├─ archive  a folder as a ZIP, while it is read
//!                                          └─ upload   into a part beside its target, then renamed
//!                                                │
//!                                               Home: openat2, beneath one folder, through no link
//! ```
//!
//! Programs of the session change the same files at the same time, and may mean harm. So nothing is
//! looked at by its path twice: what has been opened is what is checked, read, written and renamed.
//! The policy is kept to here, whatever a page shows.

mod archive;
mod error;
mod folder;
mod home;
mod pace;
mod peer;
mod read;
mod serve;
mod upload;

pub use error::FilesError;
pub use home::Home;
pub use serve::Files;
