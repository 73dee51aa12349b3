use std::sync::LazyLock;

use axum::{
    Json as Answer,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use streamspace_protocol::PROTOCOL_VERSION;

use crate::{Api, ApiError, openapi};

/// What a server of this version can be asked; made once.
static DESCRIPTION: LazyLock<Value> = LazyLock::new(openapi::document);
static DOCUMENTATION: LazyLock<String> = LazyLock::new(|| openapi::page(&DESCRIPTION));

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answer of `GET version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// Of the program.
    pub version: String,
    /// Of the messages between browser, gateway and streamer.
    pub protocol: u32,
}

/// 204 as long as there is somebody to answer: started again, a server would do no better.
pub(crate) async fn alive() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// 204 while new work is welcome: the server can do it, and is not about to end.
pub(crate) async fn ready(State(api): State<Api>) -> Result<StatusCode, ApiError> {
    match api.is_stopping() {
        true => Err(ApiError::Stopping),
        false => health(State(api)).await,
    }
}

/// 204 while the server can do its work.
pub(crate) async fn health(State(api): State<Api>) -> Result<StatusCode, ApiError> {
    api.accounts().check().await?;
    api.backend().sessions().await?;
    match api.is_audited() {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::NotAudited),
    }
}

pub(crate) async fn version() -> Answer<Version> {
    Answer(Version {
        version: env!("CARGO_PKG_VERSION").into(),
        protocol: PROTOCOL_VERSION,
    })
}

/// Numbers for Prometheus.
pub(crate) async fn metrics(State(api): State<Api>) -> Result<impl IntoResponse, ApiError> {
    let sessions = api.backend().sessions().await?;
    let connections = api.gateway().connections();
    let text = api.metrics().write(&sessions, connections);
    let text = text.map_err(|_| ApiError::MetricsFailed)?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text))
}

pub(crate) async fn description() -> Answer<&'static Value> {
    Answer(&DESCRIPTION)
}

pub(crate) async fn documentation() -> Html<&'static str> {
    Html(&DOCUMENTATION)
}
