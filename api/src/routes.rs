//! What each route does.

pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod batch;
mod credentials;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod keys;
pub(crate) mod password;
mod person;
pub(crate) mod second_factor;
pub(crate) mod server;
pub(crate) mod sessions;
pub(crate) mod shares;
pub(crate) mod sign_ins;
pub(crate) mod users;

pub use audit::AuditList;
pub use auth::{Me, SignIn, SignInLink, TokenSignIn};
pub use keys::{ApiKeyList, ApiKeyMade};
pub use password::PasswordChange;
pub use second_factor::{CodeGiven, PasswordGiven, RecoveryCodes, SecondFactorStarted};
pub use server::Version;
pub use sessions::SessionFilter;
pub use sign_ins::SignInList;
pub use users::{NewUser, UserChange, UserList};
