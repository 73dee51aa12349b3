use axum::{
    Extension, Json as Answer,
    extract::{Path, State},
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
};
use jiff::Timestamp;
use streamspace_protocol::{Join, Role, SessionId};
use streamspace_resources::{Catalog, ConnectRequest, NewSession, Session, SessionList};
use streamspace_signaling::ticket::LIFETIME_S;

use crate::{
    AccountRole, Api, ApiError, User,
    json::{Json, OptionalJson},
};

pub(crate) async fn templates(State(api): State<Api>) -> Result<Answer<Catalog>, ApiError> {
    Ok(Answer(api.backend().catalog().await?))
}

pub(crate) async fn list(State(api): State<Api>) -> Result<Answer<SessionList>, ApiError> {
    let items = api.backend().sessions().await?;
    Ok(Answer(SessionList { items }))
}

pub(crate) async fn create(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Json(request): Json<NewSession>,
) -> Result<impl IntoResponse, ApiError> {
    let session = api.backend().create(&user.name, request).await?;
    let location = format!("/api/v1/sessions/{}", session.metadata.name);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Answer(session)))
}

pub(crate) async fn show(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Answer<Session>, ApiError> {
    Ok(Answer(api.backend().session(&session_id(&id)?).await?))
}

pub(crate) async fn end(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    api.backend().end(&session_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A token for one WebSocket, once it is sure that there is something to connect to.
pub(crate) async fn connect(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Path(id): Path<String>,
    OptionalJson(request): OptionalJson<ConnectRequest>,
) -> Result<Answer<Join>, ApiError> {
    let session = session_id(&id)?;
    api.backend().endpoint(&session).await?;
    let role = granted(user.role, request.role.unwrap_or(Role::Control));
    Ok(Answer(Join {
        role,
        token: api.issuer().issue(&session, role, Timestamp::now()),
        expires_in_s: LIFETIME_S,
        signal_path: format!("/api/v1/sessions/{session}/signal"),
        vnc_path: format!("/api/v1/sessions/{session}/vnc"),
        session,
    }))
}

/// The role a user gets in a session when asking for `asked`.
fn granted(user: AccountRole, asked: Role) -> Role {
    match user {
        AccountRole::Admin => asked,
    }
}

/// A name that no session can have is one that no session has.
fn session_id(id: &str) -> Result<SessionId, ApiError> {
    id.parse().map_err(|_invalid| ApiError::NoSuchSession)
}
