//! The people who have an account; for admins.

use axum::{
    Json as Answer,
    extract::{Path, State},
    http::{
        StatusCode,
        header::{ETAG, LOCATION},
    },
    response::IntoResponse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::auth::SignInLink;
use crate::{AccountRole, AccountsError, Api, ApiError, Expected, User, UserError, json::Json};

/// Answer of `GET users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserList {
    pub items: Vec<User>,
}

/// Body of `POST users`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9._-]{0,63}$"))]
    pub name: String,
    pub role: AccountRole,
}

/// Body of `PATCH users/{name}`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    pub role: AccountRole,
}

pub(crate) async fn list(State(api): State<Api>) -> Result<Answer<UserList>, ApiError> {
    let items = api.accounts().users().await?;
    Ok(Answer(UserList { items }))
}

pub(crate) async fn create(
    State(api): State<Api>,
    Json(NewUser { name, role }): Json<NewUser>,
) -> Result<impl IntoResponse, ApiError> {
    let user = api.accounts().add_user(&name, role).await?;
    tracing::info!(user = %user.name, role = ?user.role, "a user is added");
    let location = format!("/api/v1/users/{}", user.name);
    let headers = [(LOCATION, location)];
    Ok((StatusCode::CREATED, headers, as_they_are(user)))
}

pub(crate) async fn show(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let user = api.accounts().user(&name).await?;
    Ok(as_they_are(user.ok_or(UserError::Unknown)?))
}

/// A user with their version: nothing of them changes but the role.
fn as_they_are(user: User) -> impl IntoResponse {
    ([(ETAG, format!("\"{}\"", user.role.name()))], Answer(user))
}

pub(crate) async fn change(
    State(api): State<Api>,
    Path(name): Path<String>,
    expected: Expected,
    Json(UserChange { role }): Json<UserChange>,
) -> Result<impl IntoResponse, ApiError> {
    let user = api
        .accounts()
        .change_role(&name, role, &expected, Timestamp::now())
        .await?;
    tracing::info!(user = %user.name, role = ?user.role, "a user has another role");
    Ok(as_they_are(user))
}

/// Who has sessions cannot go before them: nobody could end these but an operator who looks for them.
pub(crate) async fn remove(
    State(api): State<Api>,
    Path(name): Path<String>,
    expected: Expected,
) -> Result<StatusCode, ApiError> {
    let sessions = api.backend().sessions().await?;
    if sessions.iter().any(|session| session.spec.user == name) {
        return Err(ApiError::HasSessions);
    }
    api.accounts()
        .remove_expected(&name, &expected, Timestamp::now())
        .await?;
    tracing::info!(user = %name, "a user is removed");
    Ok(StatusCode::NO_CONTENT)
}

/// A one-time address that signs this user in.
pub(crate) async fn link(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<Answer<SignInLink>, ApiError> {
    let made = api
        .accounts()
        .create_sign_in_token(&name, Timestamp::now())
        .await;
    let token = made.map_err(|error| match error {
        AccountsError::UnknownUser(_) => UserError::Unknown,
        error => error.into(),
    })?;
    Ok(Answer(SignInLink::new(token)))
}
