//! The session as its driver sees it: inputs in, outputs out, time as an argument.

mod activity;
mod displays;
mod keys;
mod pointer;
#[path = "../room/mod.rs"]
mod room;
mod viewers;
