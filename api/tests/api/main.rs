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
mod quotas;
mod renewal;
mod requests;
mod scopes;
mod second_factor;
mod sessions;
mod settings;
mod shares;
mod sign_ins;
mod system;
mod templates;
mod test_database;
mod tls;
mod users;
mod web;

use streamspace_api::Database;
