//! The HTTP API of StreamSpace, and the one front door to everything behind it.
//!
//! ```text
//!   request ─▶ security headers ─▶ hosts ─┬─▶ /api/v1 ─▶ cross-site ─▶ who may (policy) ─▶ routes ─▶ Backend
//!                                         ├─▶ /api/v1/sessions/{id}/signal, vnc ─▶ the gateway (join token)
//!                                         └─▶ everything else ─▶ the web client's files
//! ```
//!
//! [`Backend`] runs the sessions, [`Accounts`] knows the people. Every refusal is a
//! [`Problem`](streamspace_protocol::Problem) with a stable code.

mod access;
mod accounts;
mod api;
mod audit;
mod backend;
mod collector;
mod conditional;
mod config;
mod cross_site;
mod database;
mod error;
mod files;
mod guesses;
mod hosts;
mod identity;
mod jose;
mod json;
mod listeners;
mod log_filter;
mod metrics;
mod oidc;
mod openapi;
mod outbound;
mod passkey;
mod peers;
mod policy;
mod quotas;
mod rate_limit;
mod roots;
mod routes;
mod security_headers;
mod serve;
#[cfg(test)]
#[path = "../tests/api/test_database.rs"]
mod test_database;
mod web;

pub use accounts::{
    ADMIN, Accounts, AccountsError, ApiKey, ApiKeyError, CredentialError, Enrolment, Group,
    GroupError, NewApiKey, NewPassword, Passkey, PasswordSignIn, RemovalProof, Role as AccountRole,
    Scope, Settings, ShareError, SignInError, SignedIn, User, UserError,
};
pub use api::Api;
pub use audit::{
    AuditError, AuditEvent, AuditFault, AuditLog, AuditTarget, AuditTargetError, Head,
    SyslogAddress, WebhookTarget, forward_audit,
};
pub use backend::{Backend, BackendError, Expected, TemplateEdit, TemplateEditKind};
pub use collector::{CollectorAddress, CollectorError, send_spans};
pub use config::ApiConfig;
pub use database::{Database, DatabaseError};
pub use error::ApiError;
pub use log_filter::{LogFilter, LogFilterError};
pub use oidc::{GroupRole, IdentityProvider, NewUsers, OidcConfig, OidcError, Refusal};
pub use outbound::{Outbound, OutboundError};
pub use passkey::PasskeyFault;
pub use peers::PeerRules;
pub use rate_limit::RequestRate;
pub use roots::RootsError;
pub use routes::{
    ApiKeyList, ApiKeyMade, Assertion, AuditList, CodeGiven, GroupChange, GroupList, LogDirectives,
    Me, NewGroup, NewPasskey, NewTemplate, NewUser, OwnerProof, PasskeyChallenge, PasskeyList,
    PasskeySignIn, PasskeyStarted, PasskeyUser, PasswordAndPasskey, PasswordChange, PasswordGiven,
    ProviderMethod, RecoveryCodes, SecondFactorStarted, SessionFilter, SignIn, SignInLink,
    SignInList, SignInMethods, SignedOut, TemplateFilter, TemplateHistory, TokenSignIn, Usage,
    UserChange, UserList, UserQuota, Version,
};
pub use serve::serve;
pub use streamspace_signaling::{Scheme, TlsError, TlsFiles, TlsIdentity};
