//! The browsers in which the caller is signed in.

use axum::{
    Extension, Json as Answer,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Api, ApiError, SignedIn, User, identity::Credential};

/// Answer of `GET auth/sign-ins`, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignInList {
    pub items: Vec<SignedIn>,
}

pub(crate) async fn list(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    headers: HeaderMap,
) -> Result<Answer<SignInList>, ApiError> {
    let this = Credential::cookie_of(&headers, api.config().listen);
    let accounts = api.accounts();
    let items = accounts
        .signed_in_browsers(&user.name, this.as_ref(), Timestamp::now())
        .await?;
    Ok(Answer(SignInList { items }))
}

/// Ends all but that of the browser that asks, and the links that wait to be used.
pub(crate) async fn end_others(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let this = Credential::cookie_of(&headers, api.config().listen);
    let accounts = api.accounts();
    accounts
        .end_sign_ins_of(&user.name, this.as_ref(), Timestamp::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn end(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    sign_in: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(sign_in) = sign_in.map_err(|_| ApiError::NoSuchSignIn)?;
    let accounts = api.accounts();
    match accounts
        .end_sign_in(&user.name, &sign_in, Timestamp::now())
        .await?
    {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::NoSuchSignIn),
    }
}
