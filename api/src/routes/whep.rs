//! Watching by standard players (draft-ietf-wish-whep). They negotiate once: there is no `PATCH`, so what they
//! offer and what they are answered holds all candidates.

use axum::{
    Extension,
    extract::{FromRequest, Path, Request, State, rejection::PathRejection},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, LINK, LOCATION},
    },
    response::{IntoResponse, Response},
};
use streamspace_protocol::{IceServer, Secret, SessionId};
use streamspace_signaling::Player;

use super::{person::account, sessions::Reached};
use crate::{Api, ApiError, User, audit::Actor, identity, json};

/// As much as the streamer takes.
const MAX_OFFER_BYTES: usize = 64 * 1024;
const SDP: &str = "application/sdp";
/// There is one version of a player's resource.
const ONLY_VERSION: &str = "\"1\"";

/// For people with an account, whose player shows an API key.
pub(crate) async fn play(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    reached: Reached,
    Offer(offer): Offer,
) -> Result<Response, ApiError> {
    let person = account(&user, None)?;
    let player = api
        .gateway()
        .play(reached.id.clone(), person, offer)
        .await?;
    Ok(created(&reached.id, &player))
}

/// For guests, and for who hands a player no key: it shows a join token.
pub(crate) async fn play_by_token(
    State(api): State<Api>,
    id: Result<Path<SessionId>, PathRejection>,
    headers: HeaderMap,
    Offer(offer): Offer,
) -> Result<impl IntoResponse, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::NoSuchSession)?;
    let token = identity::join_token(&headers).ok_or(ApiError::Unauthenticated)?;
    let played = api
        .gateway()
        .play_by_token(id.clone(), token.expose(), offer);
    let player = played.await?;
    let share = player.share.as_ref();
    let actor = share.map(|share| Extension(Actor(format!("share {share}"))));
    Ok((actor, created(&id, &player)))
}

/// The address of a player is known to nobody else.
pub(crate) async fn stop(
    State(api): State<Api>,
    path: Result<Path<(SessionId, String)>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path((session, player)) = path.map_err(|_| ApiError::NotFound)?;
    match api.gateway().stop_playing(&session, &player) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::NotFound),
    }
}

/// A body that is SDP.
pub(crate) struct Offer(Secret);

impl FromRequest<Api> for Offer {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        if !kind.eq_ignore_ascii_case(SDP) {
            return Err(ApiError::NotSdp);
        }
        let body = json::read(request, api).await?;
        let text = String::from_utf8(body.into()).map_err(|_| ApiError::NotSdp)?;
        match text.len() <= MAX_OFFER_BYTES {
            true => Ok(Self(Secret::new(text))),
            false => Err(ApiError::TooLarge),
        }
    }
}

fn created(session: &SessionId, player: &Player) -> Response {
    let place = format!("/api/v1/sessions/{session}/whep/{}", player.id);
    let head = [
        (CONTENT_TYPE, SDP.to_owned()),
        (LOCATION, place),
        (ETAG, ONLY_VERSION.to_owned()),
    ];
    let body = player.answer.expose().to_owned();
    let mut response = (StatusCode::CREATED, head, body).into_response();
    for link in player.ice_servers.iter().flat_map(links) {
        response.headers_mut().append(LINK, link);
    }
    response
}

/// Section 4.4 of RFC 9725.
fn links(server: &IceServer) -> Vec<HeaderValue> {
    let login = match (&server.username, &server.credential) {
        (Some(name), Some(credential)) => format!(
            "; username=\"{name}\"; credential=\"{}\"; credential-type=\"password\"",
            credential.expose()
        ),
        _ => String::new(),
    };
    let link = |url: &String| format!("<{url}>; rel=\"ice-server\"{login}").parse().ok();
    server.urls.iter().filter_map(link).collect()
}
