//! What each route does.

pub(crate) mod auth;
pub(crate) mod files;
mod person;
pub(crate) mod server;
pub(crate) mod sessions;
pub(crate) mod shares;
pub(crate) mod users;

pub use auth::{Me, SignIn, SignInLink};
pub use server::Version;
pub use users::{NewUser, UserChange, UserList};
