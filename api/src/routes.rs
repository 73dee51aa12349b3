//! What each route does.

pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod batch;
mod credentials;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod keys;
pub(crate) mod oidc;
pub(crate) mod passkeys;
pub(crate) mod password;
mod person;
pub(crate) mod second_factor;
pub(crate) mod server;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod shares;
pub(crate) mod sign_ins;
pub(crate) mod system;
pub(crate) mod templates;
pub(crate) mod users;
pub(crate) mod whep;

pub use audit::AuditList;
pub use auth::{Me, PasskeySignIn, PasswordAndPasskey, SignIn, SignInLink, SignedOut, TokenSignIn};
pub use groups::{GroupChange, GroupList, NewGroup, Usage, UserQuota};
pub use keys::{ApiKeyList, ApiKeyMade};
pub use oidc::{ProviderMethod, SignInMethods};
pub use passkeys::{
    Assertion, NewPasskey, OwnerProof, PasskeyChallenge, PasskeyList, PasskeyStarted, PasskeyUser,
};
pub use password::PasswordChange;
pub use second_factor::{CodeGiven, PasswordGiven, RecoveryCodes, SecondFactorStarted};
pub use server::Version;
pub use sessions::SessionFilter;
pub use sign_ins::SignInList;
pub use system::LogDirectives;
pub use templates::{NewTemplate, TemplateFilter, TemplateHistory};
pub use users::{NewUser, UserChange, UserList};
