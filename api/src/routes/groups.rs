//! Groups and quotas, for admins; what they have and use, for everybody.

use axum::{
    Extension, Json as Answer,
    extract::{Path, State},
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_resources::Quota;

use crate::{Api, ApiError, Group, User, json::Json, quotas::Held};

/// Answer of `GET groups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupList {
    pub items: Vec<Group>,
}

/// Body of `POST groups`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9._-]{0,63}$"))]
    pub name: String,
    #[serde(default)]
    pub quota: Quota,
}

/// Body of `PATCH groups/{name}`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupChange {
    pub quota: Quota,
}

/// Answer of `GET users/{name}/quota`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserQuota {
    /// The user's own.
    pub own: Quota,
    /// What holds: each bound is their own, or the most generous of their groups, or the one for everybody.
    pub effective: Quota,
}

/// What somebody has and uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Also those that hibernate.
    pub sessions: u32,
    pub running: u32,
    /// In this calendar month (UTC), of all sessions together; up to half a minute behind.
    pub running_seconds_this_month: u64,
    pub quota: Quota,
}

pub(crate) async fn list(State(api): State<Api>) -> Result<Answer<GroupList>, ApiError> {
    let items = api.accounts().groups().await?;
    Ok(Answer(GroupList { items }))
}

pub(crate) async fn show(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<Answer<Group>, ApiError> {
    Ok(Answer(api.accounts().group(&name).await?))
}

pub(crate) async fn create(
    State(api): State<Api>,
    Json(NewGroup { name, quota }): Json<NewGroup>,
) -> Result<impl IntoResponse, ApiError> {
    let group = api.accounts().add_group(&name, quota).await?;
    let location = format!("/api/v1/groups/{}", group.name);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Answer(group)))
}

pub(crate) async fn change(
    State(api): State<Api>,
    Path(name): Path<String>,
    Json(GroupChange { quota }): Json<GroupChange>,
) -> Result<Answer<Group>, ApiError> {
    Ok(Answer(api.accounts().set_group_quota(&name, quota).await?))
}

pub(crate) async fn remove(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    api.accounts().remove_group(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn add_member(
    State(api): State<Api>,
    Path((group, user)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    api.accounts().add_member(&group, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn remove_member(
    State(api): State<Api>,
    Path((group, user)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    api.accounts().remove_member(&group, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn quota(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<Answer<UserQuota>, ApiError> {
    Ok(Answer(UserQuota {
        own: api.accounts().own_quota(&name).await?,
        effective: api.accounts().quota(&name).await?,
    }))
}

pub(crate) async fn set_quota(
    State(api): State<Api>,
    Path(name): Path<String>,
    Json(quota): Json<Quota>,
) -> Result<Answer<UserQuota>, ApiError> {
    api.accounts().set_own_quota(&name, quota).await?;
    self::quota(State(api), Path(name)).await
}

pub(crate) async fn usage(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<Answer<Usage>, ApiError> {
    usage_of(&api, &name).await
}

pub(crate) async fn own_usage(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<Answer<Usage>, ApiError> {
    usage_of(&api, &user.name).await
}

async fn usage_of(api: &Api, user: &str) -> Result<Answer<Usage>, ApiError> {
    let quota = api.accounts().quota(user).await?;
    let held = Held::of(user, &api.backend().sessions().await?);
    let time = api.accounts().run_time(user, Timestamp::now()).await?;
    Ok(Answer(Usage {
        sessions: held.sessions,
        running: held.running,
        running_seconds_this_month: time.as_secs(),
        quota,
    }))
}
