use axum::{Json as Answer, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Api, ApiError, json::Json};

/// What is logged, as directives of `tracing`: `info,streamspace_api=debug`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogDirectives {
    #[schemars(length(max = 1000))]
    pub filter: String,
}

pub(crate) async fn log_filter(State(api): State<Api>) -> Result<Answer<LogDirectives>, ApiError> {
    let log = api.config().log.as_ref().ok_or(ApiError::NotFound)?;
    Ok(Answer(LogDirectives { filter: log.get() }))
}

pub(crate) async fn set_log_filter(
    State(api): State<Api>,
    Json(directives): Json<LogDirectives>,
) -> Result<Answer<LogDirectives>, ApiError> {
    let log = api.config().log.as_ref().ok_or(ApiError::NotFound)?;
    log.set(&directives.filter)?;
    Ok(Answer(directives))
}
