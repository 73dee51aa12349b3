//! The caller's second factor: an authenticator app, with recovery codes.

use axum::{Extension, Json as Answer, extract::State, http::StatusCode};
use jiff::Timestamp;
use qrcode::{QrCode, render::svg};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::credentials::judged;
use crate::{Api, ApiError, Enrolment, RemovalProof, User, guesses::Attempt, json::Json};

/// Body of `POST auth/second-factor`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordGiven {
    pub password: Secret,
}

/// Answer of `POST auth/second-factor`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorStarted {
    /// In base 32, for who types it into the app.
    pub secret: Secret,
    /// The same as an `otpauth:` address.
    pub uri: Secret,
    /// The address as a QR code: an SVG picture.
    pub picture: Secret,
}

/// Body of `POST auth/second-factor/confirm`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeGiven {
    /// What the app shows.
    pub code: Secret,
}

/// Answer of `POST auth/second-factor/confirm`, the only one that holds them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// Each is good once, in place of the app's code.
    pub recovery_codes: Vec<Secret>,
}

/// Makes a secret, which counts from `confirm` on.
pub(crate) async fn start(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Json(PasswordGiven { password }): Json<PasswordGiven>,
) -> Result<Answer<SecondFactorStarted>, ApiError> {
    let name = &user.name;
    let starting = api.accounts().start_second_factor(name, &password);
    let Enrolment { secret, uri } = judged(&api, Attempt::Owner { name }, starting).await?;
    let picture = picture(&uri);
    Ok(Answer(SecondFactorStarted {
        secret,
        uri,
        picture,
    }))
}

fn picture(uri: &Secret) -> Secret {
    let code = QrCode::new(uri.expose()).expect("the address is shorter than a QR code's limit");
    Secret::new(code.render::<svg::Color<'_>>().build())
}

pub(crate) async fn confirm(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Json(CodeGiven { code }): Json<CodeGiven>,
) -> Result<Answer<RecoveryCodes>, ApiError> {
    let (accounts, now) = (api.accounts(), Timestamp::now());
    let recovery_codes = accounts
        .confirm_second_factor(&user.name, &code, now)
        .await?;
    tracing::info!(user = %user.name, "a user has a second factor");
    Ok(Answer(RecoveryCodes { recovery_codes }))
}

pub(crate) async fn remove(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Json(proof): Json<RemovalProof>,
) -> Result<StatusCode, ApiError> {
    let name = &user.name;
    let removing = api.accounts().remove_second_factor(name, &proof);
    judged(&api, Attempt::Owner { name }, removing).await?;
    tracing::info!(user = %name, "a user's second factor is removed");
    Ok(StatusCode::NO_CONTENT)
}
