use axum::{
    Extension, Json as Answer,
    extract::{FromRequestParts, Path, Query, State, rejection::QueryRejection},
    http::{
        HeaderMap, StatusCode,
        header::{ETAG, LOCATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use streamspace_protocol::{Join, Person, Role, SessionId};
use streamspace_resources::{
    ConnectRequest, DesiredState, NewSession, Phase, Session, SessionChange, SessionList,
    SessionStats,
};
use streamspace_signaling::ticket::LIFETIME_S;

use super::person::{account, most};
use crate::{
    AccountRole, Api, ApiError, BackendError, Expected, User, UserError,
    accounts::idempotency::{self, Claim, Claimed, IdempotencyKey},
    conditional::{etag, is_known},
    json::{Json, OptionalJson},
    quotas::{self, More},
};

const MOST_LISTED: u16 = 1000;

/// Which sessions are listed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionFilter {
    /// Whose.
    user: Option<String>,
    template: Option<String>,
    phase: Option<Phase>,
    /// That have this one among their tags.
    tag: Option<String>,
    /// At most so many, 1 to 1000; all if absent.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u16>,
    /// Those after the list whose `next` this is.
    #[schemars(extend("pattern" = r"^-?[0-9]{1,18}\.[a-z0-9-]{1,63}$"))]
    after: Option<String>,
}

impl SessionFilter {
    fn fits(&self, session: &Session) -> bool {
        let spec = &session.spec;
        self.user.as_ref().is_none_or(|user| *user == spec.user)
            && (self.template.is_none() || self.template == spec.template)
            && self.phase.is_none_or(|wanted| wanted == phase(session))
            && self.tag.as_ref().is_none_or(|tag| spec.tags.contains(tag))
    }
}

/// Where a session stands among all: also one that has ended since has its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place(i64, String);

impl Place {
    fn of(session: &Session) -> Self {
        let created = session.metadata.creation_timestamp;
        let created = created.map_or(i64::MIN, Timestamp::as_millisecond);
        Self(created, session.metadata.name.clone())
    }

    fn read(text: &str) -> Option<Self> {
        let (created, name) = text.split_once('.')?;
        Some(Self(created.parse().ok()?, name.to_owned()))
    }

    fn write(&self) -> String {
        format!("{}.{}", self.0, self.1)
    }
}

/// Those that the user may see.
pub(crate) async fn list(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    filter: Result<Query<SessionFilter>, QueryRejection>,
) -> Result<Answer<SessionList>, ApiError> {
    let Query(filter) = filter.map_err(|error| ApiError::Query(error.body_text()))?;
    let limit = filter.limit.map_or(usize::MAX, usize::from);
    if limit == 0 || filter.limit.is_some_and(|limit| limit > MOST_LISTED) {
        return Err(ApiError::Query(format!("limit is 1 to {MOST_LISTED}")));
    }
    let after = match &filter.after {
        Some(text) => {
            Place::read(text).ok_or_else(|| ApiError::Query("after is what `next` was".into()))
        }
        None => Ok(Place(i64::MIN, String::new())),
    }?;
    let mut items = api.backend().sessions().await?;
    items.retain(|session| is_seen(session, &user) && filter.fits(session));
    if filter.after.is_some() {
        items.retain(|session| Place::of(session) > after);
    }
    items.sort_by_cached_key(Place::of);
    let has_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| has_more);
    let next = last.map(|session| Place::of(session).write());
    Ok(Answer(SessionList { items, next }))
}

pub(crate) async fn create(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    key: Option<IdempotencyKey>,
    Json(request): Json<NewSession>,
) -> Result<Response, ApiError> {
    let Some(key) = key else {
        return Ok(created(start(&api, &user, request).await?));
    };
    let claim = Claim {
        user: &user.name,
        key: &key,
        request: idempotency::fingerprint(&request),
    };
    let session = match api.accounts().claim(&claim, Timestamp::now()).await? {
        // It may be another's by now.
        Claimed::Before(session) => Reached::by(&api, &user, session).await?.session,
        Claimed::Now => {
            let outcome = start(&api, &user, request).await;
            let made = outcome
                .as_ref()
                .ok()
                .map(|session| session.metadata.name.as_str());
            api.accounts().settle(&claim, made).await?;
            outcome?
        }
    };
    Ok(created(session))
}

async fn start(api: &Api, user: &User, request: NewSession) -> Result<Session, ApiError> {
    let _admission = quotas::admit(api, &user.name, More::Session).await?;
    Ok(api.backend().create(&user.name, request).await?)
}

fn created(session: Session) -> Response {
    let location = format!("/api/v1/sessions/{}", session.metadata.name);
    (
        StatusCode::CREATED,
        [(LOCATION, location)],
        as_it_is(session),
    )
        .into_response()
}

/// A session with its version.
fn as_it_is(session: Session) -> impl IntoResponse {
    ([(ETAG, etag(&session.metadata))], Answer(session))
}

pub(crate) async fn show(Reached { session, .. }: Reached, headers: HeaderMap) -> Response {
    let etag = etag(&session.metadata);
    if is_known(&headers, &etag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response();
    }
    as_it_is(session).into_response()
}

pub(crate) async fn change(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    reached: Reached,
    expected: Expected,
    Json(change): Json<SessionChange>,
) -> Result<impl IntoResponse, ApiError> {
    owned(&reached)?;
    if let Some(next) = &change.user {
        let next = api.accounts().user(next).await?.ok_or(UserError::Unknown)?;
        if next.role < AccountRole::User {
            return Err(ApiError::CannotOwn);
        }
        tracing::info!(session = %reached.id, by = %user.name, to = %next.name, "a session is handed over");
    }
    Ok(as_it_is(carry_out(&api, &reached, change, expected).await?))
}

/// Makes a change, if the quota of whose session it is then allows it.
async fn carry_out(
    api: &Api,
    reached: &Reached,
    change: SessionChange,
    expected: Expected,
) -> Result<Session, ApiError> {
    let _admission = match more_by(reached, &change) {
        Some((user, more)) => Some(quotas::admit(api, user, more).await?),
        None => None,
    };
    Ok(api.backend().change(&reached.id, change, expected).await?)
}

/// Who has more after a change, and of what.
fn more_by<'a>(reached: &'a Reached, change: &'a SessionChange) -> Option<(&'a str, More)> {
    let before = phase(&reached.session);
    let wakes = change.state == Some(DesiredState::Running) && before == Phase::Hibernated;
    let owner = &reached.session.spec.user;
    match &change.user {
        Some(next) if next != owner => {
            let after = match change.state {
                Some(DesiredState::Running) if wakes => Phase::Running,
                Some(DesiredState::Hibernated) => Phase::Hibernated,
                _ => before,
            };
            Some((next, More::Another(after)))
        }
        Some(_) | None => wakes.then_some((owner, More::Running)),
    }
}

pub(crate) async fn hibernate(
    State(api): State<Api>,
    reached: Reached,
    expected: Expected,
) -> Result<impl IntoResponse, ApiError> {
    Ok(as_it_is(hibernate_one(&api, &reached, expected).await?))
}

pub(crate) async fn wake(
    State(api): State<Api>,
    reached: Reached,
    expected: Expected,
) -> Result<impl IntoResponse, ApiError> {
    Ok(as_it_is(wake_one(&api, &reached, expected).await?))
}

/// Who may end a session may do less.
pub(super) async fn hibernate_one(
    api: &Api,
    reached: &Reached,
    expected: Expected,
) -> Result<Session, ApiError> {
    set_state(api, reached, DesiredState::Hibernated, expected).await
}

pub(super) async fn wake_one(
    api: &Api,
    reached: &Reached,
    expected: Expected,
) -> Result<Session, ApiError> {
    owned(reached)?;
    set_state(api, reached, DesiredState::Running, expected).await
}

async fn set_state(
    api: &Api,
    reached: &Reached,
    state: DesiredState,
    expected: Expected,
) -> Result<Session, ApiError> {
    let change = SessionChange {
        state: Some(state),
        ..SessionChange::default()
    };
    carry_out(api, reached, change, expected).await
}

fn owned(reached: &Reached) -> Result<(), ApiError> {
    match reached.most {
        Role::Own => Ok(()),
        Role::Control | Role::View => Err(ApiError::NotYours),
    }
}

/// For clients that keep a session in use without anybody's input, such as one that waits for a long job.
pub(crate) async fn heartbeat(
    State(api): State<Api>,
    Reached { id, most, .. }: Reached,
) -> Result<StatusCode, ApiError> {
    match most {
        Role::Own | Role::Control => api.backend().heartbeat(&id).await?,
        Role::View => return Err(ApiError::NotYours),
    }
    Ok(StatusCode::NO_CONTENT)
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
    end_one(&api, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn end_one(api: &Api, id: &SessionId) -> Result<(), ApiError> {
    api.backend().end(id).await?;
    api.accounts().delete_shares_of(id).await?;
    Ok(())
}

fn phase(session: &Session) -> Phase {
    session
        .status
        .as_ref()
        .map(|status| status.phase)
        .unwrap_or_default()
}

/// A token for one WebSocket, once it is sure that there is something to connect to.
pub(crate) async fn connect(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    reached: Reached,
    OptionalJson(request): OptionalJson<ConnectRequest>,
) -> Result<Answer<Join>, ApiError> {
    let most = reached.most;
    let role = request.role.unwrap_or(most).min(most);
    let person = account(&user, request.name.as_deref())?;
    join_answer(&api, reached.id, role, person).await
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

pub(super) fn is_seen(session: &Session, user: &User) -> bool {
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
