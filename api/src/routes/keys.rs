//! The caller's API keys.

use axum::{
    Extension, Json as Answer,
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use crate::{Api, ApiError, ApiKey, NewApiKey, User, json::Json};

/// Answer of `GET auth/keys`, by label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKeyList {
    pub items: Vec<ApiKey>,
}

/// Answer of `POST auth/keys`, the only one that holds the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKeyMade {
    #[serde(flatten)]
    pub about: ApiKey,
    /// For the header `Authorization: Bearer KEY`.
    pub key: Secret,
}

pub(crate) async fn list(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<Answer<ApiKeyList>, ApiError> {
    let items = api.accounts().api_keys(&user.name).await?;
    Ok(Answer(ApiKeyList { items }))
}

pub(crate) async fn create(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Json(new): Json<NewApiKey>,
) -> Result<impl IntoResponse, ApiError> {
    let accounts = api.accounts();
    let (about, key) = accounts
        .add_api_key(&user.name, &new, Timestamp::now())
        .await?;
    tracing::info!(user = %user.name, key = %about.id, scope = ?about.scope, "a user has a new key");
    let location = format!("/api/v1/auth/keys/{}", about.id);
    let made = ApiKeyMade { about, key };
    Ok((StatusCode::CREATED, [(LOCATION, location)], Answer(made)))
}

pub(crate) async fn remove(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    key: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(key) = key.map_err(|_| ApiError::NoSuchKey)?;
    if !api.accounts().remove_api_key(&user.name, &key).await? {
        return Err(ApiError::NoSuchKey);
    }
    tracing::info!(user = %user.name, %key, "a user's key is withdrawn");
    Ok(StatusCode::NO_CONTENT)
}
