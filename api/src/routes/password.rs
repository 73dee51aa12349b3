//! Passwords: users set their own, and admins take them away.

use axum::{
    Extension,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::credentials::judged;
use crate::{
    AccountsError, Api, ApiError, NewPassword, User, UserError, guesses::Attempt,
    identity::Credential, json::Json,
};

/// Body of `PUT auth/password`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The one that the user has, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Secret>,
    /// At least 12 characters, at most 1024 bytes.
    pub new: Secret,
}

/// Sets the caller's password and signs their other browsers out.
pub(crate) async fn change(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    headers: HeaderMap,
    Json(PasswordChange { old, new }): Json<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    let (name, new) = (&user.name, NewPassword::new(new)?);
    let this = Credential::cookie_of(&headers, api.config().listen);
    let (old, this) = (old.as_ref(), this.as_ref());
    let setting = api
        .accounts()
        .set_password(name, old, new, this, Timestamp::now());
    judged(&api, Attempt::Owner { name }, setting).await?;
    tracing::info!(user = %name, "a user has a new password");
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a user's password and second factor away, and signs them out.
pub(crate) async fn remove(
    State(api): State<Api>,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(name) = name.map_err(|_| UserError::Unknown)?;
    let removed = api
        .accounts()
        .remove_password(&name, Timestamp::now())
        .await;
    removed.map_err(|error| match error {
        AccountsError::UnknownUser(_) => UserError::Unknown,
        error => error.into(),
    })?;
    tracing::info!(user = %name, "a user's password is removed");
    Ok(StatusCode::NO_CONTENT)
}
