//! The API as its callers see it.

mod accounts;
mod backend;
mod client;
mod files;
mod hosts;
mod keys;
mod live;
mod passwords;
mod policy;
mod requests;
mod scopes;
mod second_factor;
mod sessions;
mod shares;
mod sign_ins;
mod users;
mod web;
