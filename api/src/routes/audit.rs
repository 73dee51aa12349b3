//! What has happened; for admins.

use axum::{
    Json as Answer,
    extract::{Query, State, rejection::QueryRejection},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Api, ApiError,
    audit::{AuditEvent, AuditFilter},
};

/// Answer of `GET audit`, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditList {
    pub items: Vec<AuditEvent>,
}

const MOST: u16 = 1000;

pub(crate) async fn list(
    State(api): State<Api>,
    filter: Result<Query<AuditFilter>, QueryRejection>,
) -> Result<Answer<AuditList>, ApiError> {
    let Query(filter) = filter.map_err(|error| ApiError::Query(error.body_text()))?;
    if filter
        .limit
        .is_some_and(|limit| !(1..=MOST).contains(&limit))
    {
        return Err(ApiError::Query(format!("limit is 1 to {MOST}")));
    }
    let items = api.audit().events(&filter).await?;
    Ok(Answer(AuditList { items }))
}
