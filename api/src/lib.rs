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

mod accounts;
mod api;
mod audit;
mod backend;
mod conditional;
mod config;
mod cross_site;
mod error;
mod files;
mod guesses;
mod hosts;
mod identity;
mod json;
mod listeners;
mod metrics;
mod openapi;
mod peers;
mod policy;
mod rate_limit;
mod routes;
mod security_headers;
mod serve;
mod web;

pub use accounts::{
    ADMIN, Accounts, AccountsError, ApiKey, ApiKeyError, CredentialError, Enrolment, NewApiKey,
    NewPassword, PasswordSignIn, RemovalProof, Role as AccountRole, Scope, ShareError, SignInError,
    SignedIn, User, UserError,
};
pub use api::Api;
pub use audit::{AuditError, AuditEvent, AuditFault, AuditLog, Head};
pub use backend::{Backend, BackendError, Expected};
pub use config::ApiConfig;
pub use error::ApiError;
pub use peers::PeerRules;
pub use rate_limit::RequestRate;
pub use routes::{
    ApiKeyList, ApiKeyMade, AuditList, CodeGiven, Me, NewUser, PasswordChange, PasswordGiven,
    RecoveryCodes, SecondFactorStarted, SessionFilter, SignIn, SignInLink, SignInList, TokenSignIn,
    UserChange, UserList, Version,
};
pub use serve::serve;
pub use streamspace_signaling::Scheme;
