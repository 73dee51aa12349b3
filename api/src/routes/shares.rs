//! Share links, and the way in for who has one.

use std::time::{Duration, Instant};

use axum::{
    Extension, Json as Answer,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, header::LOCATION, request::Parts},
    response::IntoResponse,
};
use jiff::Timestamp;
use streamspace_protocol::{
    Code, JoinRequest, NewShare, PersonName, Role, Secret, SessionId, Share, ShareId, ShareList,
    ShareMade,
};

use super::{
    person::guest,
    sessions::{Named, Reached, join_answer},
};
use crate::{
    Api, ApiError, BackendError, ShareError, User, accounts::ShareOrder, audit::Actor,
    guesses::PeerAddress, json::Json,
};

const MIN_LIFETIME_S: u32 = 1;
const MAX_LIFETIME_S: u32 = 366 * 24 * 3600;
const LABEL_CHARS: usize = 80;

pub(crate) async fn create(
    State(api): State<Api>,
    reached: Reached,
    Json(new): Json<NewShare>,
) -> Result<impl IntoResponse, ApiError> {
    let (session, since) = owned(reached)?;
    let order = checked(new)?;
    let now = Timestamp::now();
    let accounts = api.accounts();
    let (share, secret) = accounts.create_share(&session, since, order, now).await?;
    tracing::info!(%session, share = %share.id, role = ?share.role, "a session is shared");
    let location = format!("/api/v1/sessions/{session}/shares/{}", share.id);
    let path = Secret::new(format!("/session/{session}#share={}", secret.expose()));
    let made = ShareMade {
        share,
        secret,
        path,
    };
    Ok((StatusCode::CREATED, [(LOCATION, location)], Answer(made)))
}

pub(crate) async fn list(
    State(api): State<Api>,
    reached: Reached,
) -> Result<Answer<ShareList>, ApiError> {
    let (session, since) = owned(reached)?;
    let items = api.accounts().shares(&session, since).await?;
    Ok(Answer(ShareList { items }))
}

/// Withdraws a link, and ends its guests.
pub(crate) async fn revoke(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    NamedShare(session, share): NamedShare,
) -> Result<StatusCode, ApiError> {
    owned(Reached::by(&api, &user, session.clone()).await?)?;
    let existed = api.accounts().delete_share(&session, &share).await?;
    // Also where there is none any more: the last try may have found the streamer deaf.
    match api.gateway().revoke(&session, share).await {
        Err(refusal) if refusal.code() == Code::StreamerUnreachable => {
            return Err(ApiError::GuestsRemain);
        }
        // What does not run has no guests.
        Ok(()) | Err(_) => {}
    }
    if existed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NoSuchShare)
    }
}

/// A join token for a guest, who has a link and no account.
pub(crate) async fn join(
    State(api): State<Api>,
    from: Option<Extension<PeerAddress>>,
    Named(session): Named,
    Json(request): Json<JoinRequest>,
) -> Result<impl IntoResponse, ApiError> {
    let from = from.map_or(PeerAddress::NONE, |Extension(from)| from);
    if let Some(wait) = api.guesses().wait(from, Instant::now()) {
        return Err(ApiError::TooManyGuesses { wait });
    }
    let found = share_with(&api, &session, &request.secret).await;
    if matches!(found, Err(ShareError::Invalid)) {
        api.guesses().was_wrong(from, Instant::now());
    }
    let share = found?;
    let name = PersonName::cleaned(&request.name).ok_or(ApiError::NoName)?;
    let seat = checked_seat(&request.seat)?;
    let person = guest(&share, name, seat);
    let role = request
        .role
        .map_or(share.role, |asked| asked.min(share.role));
    let actor = Extension(Actor(format!("share {}", share.id)));
    let join = join_answer(&api, session, role, person).await?;
    Ok((actor, join))
}

/// A session that is not there is not told from a wrong secret: guests learn of no other sessions.
async fn share_with(api: &Api, session: &SessionId, secret: &Secret) -> Result<Share, ShareError> {
    let since = match api.backend().session(session).await {
        Ok(found) => since(found.metadata.creation_timestamp),
        Err(error) => {
            tracing::debug!(%session, %error, "a guest names no session that could be shared");
            return Err(ShareError::Invalid);
        }
    };
    api.accounts()
        .share_with(session, since, secret, Timestamp::now())
        .await
}

fn since(created: Option<Timestamp>) -> Timestamp {
    created.unwrap_or(Timestamp::MIN)
}

/// A session that the user may share, and when it began.
fn owned(reached: Reached) -> Result<(SessionId, Timestamp), ApiError> {
    match reached.most {
        Role::Own => Ok((
            reached.id,
            since(reached.session.metadata.creation_timestamp),
        )),
        Role::Control | Role::View => Err(ApiError::NotYours),
    }
}

fn checked(new: NewShare) -> Result<ShareOrder, ApiError> {
    let fits = |seconds: &u32| (MIN_LIFETIME_S..=MAX_LIFETIME_S).contains(seconds);
    if !new.expires_in_s.iter().all(fits) {
        return Err(invalid("expiresInS is a time from a second to a year"));
    }
    let words: Vec<&str> = new.label.split_whitespace().collect();
    let label = words.join(" ");
    if label.chars().count() > LABEL_CHARS || label.chars().any(char::is_control) {
        return Err(invalid("label is a line of at most 80 characters"));
    }
    Ok(ShareOrder {
        role: new.role,
        label,
        lifetime: new.expires_in_s.map(|s| Duration::from_secs(s.into())),
    })
}

fn invalid(what: &str) -> ApiError {
    BackendError::Invalid(what.to_owned()).into()
}

fn checked_seat(seat: &Secret) -> Result<&str, ApiError> {
    let text = seat.expose();
    let letters = text
        .bytes()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    if letters && (16..=64).contains(&text.len()) {
        Ok(text)
    } else {
        Err(invalid("seat is 16 to 64 letters, digits, - and _"))
    }
}

/// The share link that a path names.
pub(crate) struct NamedShare(SessionId, ShareId);

impl<S: Send + Sync> FromRequestParts<S> for NamedShare {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((session, share)) = path.map_err(|_| ApiError::NoSuchSession)?;
        let session = session.parse().map_err(|_| ApiError::NoSuchSession)?;
        let share = ShareId::try_from(share).map_err(|_| ApiError::NoSuchShare)?;
        Ok(Self(session, share))
    }
}
