//! Share links: a session for people without an account.

use serde::{Deserialize, Serialize};

use crate::{Role, Secret, ShareId};

/// Body of `POST /api/v1/sessions/{id}/shares`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewShare {
    pub role: Role,
    /// What its maker calls it, in a few words.
    #[serde(default)]
    pub label: String,
    /// After how many seconds it ends; with the session if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub expires_in_s: Option<u32>,
}

/// A share link, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Share {
    pub id: ShareId,
    pub role: Role,
    pub label: String,
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub created_unix_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
    pub expires_unix_ms: Option<i64>,
}

/// Answer of `POST /api/v1/sessions/{id}/shares`, the only one that holds the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShareMade {
    pub share: Share,
    pub secret: Secret,
    /// Path of the page that opens the session with it. The secret is in the fragment, which browsers
    /// keep to themselves: no server, proxy or log sees it.
    pub path: Secret,
}

/// Answer of `GET /api/v1/sessions/{id}/shares`, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShareList {
    pub items: Vec<Share>,
}

/// Body of `POST /api/v1/sessions/{id}/join`, which a guest sends in place of `connect`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinRequest {
    /// Of the share link.
    pub secret: Secret,
    /// What the guest is called: 1 to 40 characters, some of which can be seen.
    pub name: String,
    /// 16 to 64 letters, digits, `-` and `_`, made up by the browser and kept: by it a guest who
    /// comes again is the same one.
    pub seat: Secret,
    /// Less than the link grants, for who only wants to watch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub role: Option<Role>,
}
