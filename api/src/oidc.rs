//! Signing in by an identity provider (OpenID Connect): authorization code flow with PKCE.
//!
//! ```text
//!  browser ── /auth/oidc/start ──▶ Flow::new ── 303, sealed cookie ──▶ provider
//!     ◀───────────────────────────── 303 with a code ──────────────────────────┘
//!     └────── /auth/oidc/callback ▶ IdentityProvider::finish ── code ─▶ tokens ─▶ who it is, and their groups
//! ```
//!
//! What came of `start` lies in a sealed cookie of that browser, so that any replica finishes it and
//! strangers fill no memory. Every answer of the provider is checked as if an enemy had sent it: tokens by
//! [`crate::jose`] and [`claims`], addresses by [`crate::Outbound`].

mod claims;
mod config;
mod discovery;
mod error;
mod flow;
mod provider;
mod tokens;

pub(crate) use claims::LoggedOut;
pub use config::{GroupRole, NewUsers, OidcConfig};
pub use error::{OidcError, Refusal};
pub(crate) use flow::{Flow, LIFETIME as FLOW_LIFETIME};
pub use provider::IdentityProvider;
pub(crate) use provider::{Proven, Renewed};
