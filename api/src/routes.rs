//! What each route does.

pub(crate) mod auth;
pub(crate) mod files;
pub(crate) mod server;
pub(crate) mod sessions;

pub use auth::{Me, SignIn, SignInLink};
pub use server::Version;
