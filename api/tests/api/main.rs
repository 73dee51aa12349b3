//! The API as its callers see it.

mod accounts;
mod backend;
mod client;
mod files;
mod hosts;
mod live;
mod policy;
mod requests;
mod sessions;
mod shares;
mod users;
mod web;
