use axum::{
    Extension, Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::IntoResponse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use crate::{
    AccountRole, Api, ApiError, User,
    identity::{self, Credential},
    json::Json,
};

/// Body of `POST auth/login`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// A one-time sign-in token.
    pub token: Secret,
}

/// Answer of `GET auth/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    pub user: String,
    pub role: AccountRole,
}

/// Answer of `POST auth/link`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SignInLink {
    /// Good once, for ten minutes.
    pub token: Secret,
    /// Path of a page that signs in with the token. It is in the fragment, which browsers keep to
    /// themselves: no server, proxy or log sees it.
    pub path: Secret,
}

impl SignInLink {
    /// The link that `token` makes.
    pub fn new(token: Secret) -> Self {
        let path = Secret::new(format!("/#signin={}", token.expose()));
        Self { token, path }
    }
}

pub(crate) async fn login(
    State(api): State<Api>,
    Json(SignIn { token }): Json<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let cookie = api.accounts().sign_in(&token, Timestamp::now()).await?;
    let set_cookie = identity::set_cookie(api.config(), &cookie);
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, set_cookie)]))
}

pub(crate) async fn logout(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    match Credential::of(&headers, api.config().listen) {
        Some(Credential::Cookie(cookie)) => {
            api.accounts().sign_out(&cookie, Timestamp::now()).await?
        }
        Some(Credential::ApiKey(_)) | None => (),
    }
    let set_cookie = identity::clear_cookie(api.config());
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, set_cookie)]))
}

pub(crate) async fn me(Extension(user): Extension<User>) -> Answer<Me> {
    Answer(Me {
        user: user.name,
        role: user.role,
    })
}

pub(crate) async fn link(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<Answer<SignInLink>, ApiError> {
    let accounts = api.accounts();
    let token = accounts
        .create_sign_in_token(&user.name, Timestamp::now())
        .await?;
    Ok(Answer(SignInLink::new(token)))
}
