//! Settings of the server, for admins, and everybody's preferences.

use axum::{
    Extension, Json as Answer,
    extract::State,
    http::{HeaderValue, header::ETAG},
    response::IntoResponse,
};
use serde_json::{Map, Value};

use crate::{Api, ApiError, BackendError, Expected, Settings, User, json::Json};

/// The largest announcement, in characters: a line.
const ANNOUNCEMENT_CHARS: usize = 500;
/// The largest preferences of a user, in bytes.
const PREFERENCES_BYTES: usize = 16 * 1024;

pub(crate) async fn show(State(api): State<Api>) -> Result<impl IntoResponse, ApiError> {
    let kept = api.accounts().settings().await?;
    Ok(versioned(kept.version, kept.settings))
}

pub(crate) async fn change(
    State(api): State<Api>,
    expected: Expected,
    Json(settings): Json<Settings>,
) -> Result<impl IntoResponse, ApiError> {
    let announcement = &settings.announcement;
    if announcement.chars().count() > ANNOUNCEMENT_CHARS
        || announcement.chars().any(char::is_control)
    {
        let message = format!("an announcement is a line of up to {ANNOUNCEMENT_CHARS} characters");
        return Err(BackendError::Invalid(message).into());
    }
    let saved = api.accounts().save_settings(&settings, &expected).await?;
    let version = saved.ok_or(BackendError::Changed)?;
    Ok(versioned(version, settings))
}

/// Refuses passwords where an admin wants none.
pub(super) async fn let_passwords(api: &Api) -> Result<(), ApiError> {
    match api.accounts().settings().await?.settings.password_sign_in {
        true => Ok(()),
        false => Err(ApiError::NoPasswords),
    }
}

pub(crate) async fn preferences(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<impl IntoResponse, ApiError> {
    let kept = api.accounts().preferences(&user.name).await?;
    Ok(versioned(kept.version, kept.values))
}

pub(crate) async fn set_preferences(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    expected: Expected,
    Json(values): Json<Map<String, Value>>,
) -> Result<impl IntoResponse, ApiError> {
    let size = serde_json::to_vec(&values).map_or(usize::MAX, |bytes| bytes.len());
    if size > PREFERENCES_BYTES {
        let message = format!("preferences take {PREFERENCES_BYTES} bytes at most");
        return Err(BackendError::Invalid(message).into());
    }
    let saved = api
        .accounts()
        .save_preferences(&user.name, &values, &expected)
        .await?;
    let version = saved.ok_or(BackendError::Changed)?;
    Ok(versioned(version, values))
}

fn versioned<T>(version: i64, body: T) -> ([(axum::http::HeaderName, HeaderValue); 1], Answer<T>) {
    let etag = HeaderValue::from_str(&format!("\"{version}\"")).expect("digits are a header");
    ([(ETAG, etag)], Answer(body))
}
