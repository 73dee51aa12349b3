use axum::{
    Extension, Json as Answer,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, header::LOCATION, request::Parts},
    response::IntoResponse,
};
use jiff::Timestamp;
use streamspace_protocol::{Join, Person, Role, SessionId};
use streamspace_resources::{
    Catalog, ConnectRequest, NewSession, Session, SessionList, SessionStats,
};
use streamspace_signaling::ticket::LIFETIME_S;

use super::person::{account, most};
use crate::{
    AccountRole, Api, ApiError, BackendError, User,
    json::{Json, OptionalJson},
};

pub(crate) async fn templates(State(api): State<Api>) -> Result<Answer<Catalog>, ApiError> {
    Ok(Answer(api.backend().catalog().await?))
}

/// Those that the user may see.
pub(crate) async fn list(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<Answer<SessionList>, ApiError> {
    let mut items = api.backend().sessions().await?;
    items.retain(|session| is_seen(session, &user));
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

pub(crate) async fn show(Reached { session, .. }: Reached) -> Answer<Session> {
    Answer(session)
}

/// Where the time of the viewers' frames goes.
pub(crate) async fn stats(
    State(api): State<Api>,
    Reached { id, .. }: Reached,
) -> Result<Answer<SessionStats>, ApiError> {
    Ok(Answer(api.backend().stats(&id).await?))
}

pub(crate) async fn end(
    State(api): State<Api>,
    Reached { id, .. }: Reached,
) -> Result<StatusCode, ApiError> {
    api.backend().end(&id).await?;
    api.accounts().delete_shares_of(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A token for one WebSocket, once it is sure that there is something to connect to.
pub(crate) async fn connect(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Reached { id, most, .. }: Reached,
    OptionalJson(request): OptionalJson<ConnectRequest>,
) -> Result<Answer<Join>, ApiError> {
    let role = request.role.unwrap_or(most).min(most);
    let person = account(&user, request.name.as_deref())?;
    join_answer(&api, id, role, person).await
}

pub(super) async fn join_answer(
    api: &Api,
    session: SessionId,
    role: Role,
    person: Person,
) -> Result<Answer<Join>, ApiError> {
    let endpoint = api.backend().endpoint(&session).await?;
    let now = Timestamp::now();
    Ok(Answer(Join {
        role,
        token: api.issuer().issue(&session, role, person, now),
        expires_in_s: LIFETIME_S,
        signal_path: format!("/api/v1/sessions/{session}/signal"),
        vnc_path: format!("/api/v1/sessions/{session}/vnc"),
        vnc: endpoint.vnc_limits,
        files_path: format!("/api/v1/sessions/{session}/files"),
        policy: endpoint.policy,
        session,
    }))
}

/// A session that a user's request names and that the user may see.
pub(crate) struct Reached {
    pub(super) id: SessionId,
    pub(super) session: Session,
    /// The most that the user may do in it.
    pub(super) most: Role,
}

impl Reached {
    /// What the user may not see is not there: nobody learns of others' sessions.
    pub(super) async fn by(api: &Api, user: &User, id: SessionId) -> Result<Self, ApiError> {
        let session = api.backend().session(&id).await?;
        if !is_seen(&session, user) {
            return Err(BackendError::SessionNotFound(id).into());
        }
        let most = most(user, &session);
        Ok(Self { id, session, most })
    }
}

fn is_seen(session: &Session, user: &User) -> bool {
    user.role >= AccountRole::Operator || session.spec.user == user.name
}

impl FromRequestParts<Api> for Reached {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let Named(id) = Named::from_request_parts(parts, api).await?;
        let user = parts.extensions.get::<User>();
        let user = user.ok_or(ApiError::Unauthenticated)?.clone();
        Self::by(api, &user, id).await
    }
}

/// The session that a path names. A name that no session can have is one that no session has.
pub(crate) struct Named(pub(super) SessionId);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or(ApiError::NoSuchSession)
    }
}
