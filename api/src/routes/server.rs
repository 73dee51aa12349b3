use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use streamspace_protocol::PROTOCOL_VERSION;

use crate::{Api, ApiError};

/// Answer of `GET version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Of the program.
    pub version: String,
    /// Of the messages between browser, gateway and streamer.
    pub protocol: u32,
}

/// 204 while the server can do its work.
pub(crate) async fn health(State(api): State<Api>) -> Result<StatusCode, ApiError> {
    api.accounts().check().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn version() -> Answer<Version> {
    Answer(Version {
        version: env!("CARGO_PKG_VERSION").into(),
        protocol: PROTOCOL_VERSION,
    })
}
