//! What each route does.

pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod batch;
pub(crate) mod events;
pub(crate) mod files;
mod person;
pub(crate) mod server;
pub(crate) mod sessions;
pub(crate) mod shares;
pub(crate) mod users;

pub use audit::AuditList;
pub use auth::{Me, SignIn, SignInLink};
pub use server::Version;
pub use sessions::SessionFilter;
pub use users::{NewUser, UserChange, UserList};
