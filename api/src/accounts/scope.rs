//! What API keys are for.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a key is for; each may all that those before may, and none more than its user's role.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// See the catalog and what runs.
    #[default]
    Read,
    /// Start sessions, come into them with their files, share and end them.
    Sessions,
    /// Everything, also what concerns accounts: users, passwords, keys.
    Admin,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Sessions, Self::Admin];

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Sessions => "sessions",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Scope {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or("a scope is read, sessions or admin")
    }
}
