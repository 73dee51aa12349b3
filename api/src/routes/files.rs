//! Files of a session's home. What may be done with them is for the session's own side to say; here it
//! is made sure that the caller controls the session.

use axum::{
    Extension, Json,
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;
use streamspace_protocol::{
    Code, FilePath, FileReply, FileRequest, Role, SessionId, UploadId, UploadState,
};
use streamspace_signaling::{SessionStream, files::ask};

use super::sessions::Reached;
use crate::{
    Api, ApiError, User,
    files::{
        archive_body, attachment, content_body, encoded, part_of, range_of, send_body, tag_of,
    },
};

const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const ZIP: HeaderValue = HeaderValue::from_static("application/zip");
/// Pages of other ports of this host are of the same site, and could read what they embed.
const OWN_PAGES: (HeaderName, HeaderValue) = (
    HeaderName::from_static("cross-origin-resource-policy"),
    HeaderValue::from_static("same-origin"),
);

/// A file or folder, by the address.
pub(crate) struct Place {
    session: SessionId,
    path: FilePath,
    about: About,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// Is about an upload to this path, not about the file that is there.
    #[schemars(with = "Option<String>", extend("pattern" = "^[0-9a-f]{32}$"))]
    upload: Option<UploadId>,
    /// In which form a folder is wanted.
    r#as: Option<Form>,
}

/// What has to be said of an upload that is given up.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "says what the address holds")]
pub(crate) struct Upload {
    #[schemars(extend("pattern" = "^[0-9a-f]{32}$"))]
    upload: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Form {
    Zip,
}

/// A file, what is in a folder, a folder's archive, or how much of an upload is there.
pub(crate) async fn read(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Place {
        session,
        path,
        about,
    }: Place,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let name = path.split().map(|(_, name)| name.as_str().to_owned());
    let name = name.unwrap_or_else(|| session.to_string());
    let request = match about {
        About {
            upload: Some(upload),
            ..
        } => FileRequest::Offset { path, upload },
        About {
            r#as: Some(Form::Zip),
            ..
        } => FileRequest::Archive { path },
        About { .. } => FileRequest::Read {
            path,
            range: range_of(&headers),
            if_tag: tag_of(&headers),
        },
    };
    let (reply, link) = call(&api, &user, &session, request).await?;
    answer(reply, link, &name)
}

/// Takes in a file, or the next part of one.
pub(crate) async fn write(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Place {
        session,
        path,
        about,
    }: Place,
    request: Request,
) -> Result<Response, ApiError> {
    let part = part_of(request.headers())?;
    let upload = FileRequest::Upload {
        path,
        upload: about.upload,
        part,
    };
    let (reply, link) = call(&api, &user, &session, upload).await?;
    let reply = match reply {
        FileReply::Ready => send_body(link, request.into_body()).await?,
        other => other,
    };
    stored(reply, &session, part.total)
}

/// Gives an upload up.
pub(crate) async fn discard(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Place {
        session,
        path,
        about,
    }: Place,
) -> Result<StatusCode, ApiError> {
    let upload = about.upload.ok_or(ApiError::FileRequest(
        "`?upload=` names the upload to give up; files that are there are not deleted",
    ))?;
    let request = FileRequest::Discard { path, upload };
    match call(&api, &user, &session, request).await? {
        (FileReply::Kept { .. }, _) => Ok(StatusCode::NO_CONTENT),
        (other, _) => Err(refused(other)),
    }
}

async fn call(
    api: &Api,
    user: &User,
    session: &SessionId,
    request: FileRequest,
) -> Result<(FileReply, SessionStream), ApiError> {
    let Reached { most, .. } = Reached::by(api, user, session.clone()).await?;
    if most < Role::Control {
        return Err(ApiError::OnlyWatching);
    }
    let endpoint = api.backend().endpoint(session).await?;
    Ok(ask(&endpoint, request).await?)
}

fn answer(reply: FileReply, link: SessionStream, name: &str) -> Result<Response, ApiError> {
    match reply {
        FileReply::Content {
            first,
            length,
            total,
            tag,
            partial,
        } => {
            let mut response = content_body(link, length).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, OCTETS);
            headers.insert(header::CONTENT_LENGTH, length.into());
            headers.insert(header::CONTENT_DISPOSITION, attachment(name));
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            headers.insert(header::ETAG, text(&format!("\"{tag}\""))?);
            headers.extend([OWN_PAGES]);
            if partial {
                let last = first.saturating_add(length).saturating_sub(1);
                let range = text(&format!("bytes {first}-{last}/{total}"))?;
                headers.insert(header::CONTENT_RANGE, range);
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            }
            Ok(response)
        }
        FileReply::Folder { length } => {
            let mut response = content_body(link, length).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, JSON);
            headers.insert(header::CONTENT_LENGTH, length.into());
            headers.extend([OWN_PAGES]);
            Ok(response)
        }
        FileReply::Archive => {
            let mut response = archive_body(link).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, ZIP);
            let name = format!("{name}.zip");
            headers.insert(header::CONTENT_DISPOSITION, attachment(&name));
            headers.extend([OWN_PAGES]);
            Ok(response)
        }
        FileReply::Kept { offset } => Ok(Json(UploadState { offset, path: None }).into_response()),
        other => Err(refused(other)),
    }
}

fn stored(reply: FileReply, session: &SessionId, total: u64) -> Result<Response, ApiError> {
    match reply {
        FileReply::Kept { offset } => Ok(Json(UploadState { offset, path: None }).into_response()),
        FileReply::Stored { path } => {
            let location = format!("/api/v1/sessions/{session}/files/{}", encoded(&path));
            let state = UploadState {
                offset: total,
                path: Some(path.to_string()),
            };
            let location = [(header::LOCATION, location)];
            Ok((StatusCode::CREATED, location, Json(state)).into_response())
        }
        other => Err(refused(other)),
    }
}

fn refused(reply: FileReply) -> ApiError {
    match reply {
        FileReply::Refused { code, message } => ApiError::Files { code, message },
        FileReply::OutOfRange { total } => ApiError::OutOfRange { total },
        FileReply::Content { .. }
        | FileReply::Folder { .. }
        | FileReply::Archive
        | FileReply::Kept { .. }
        | FileReply::Ready
        | FileReply::Stored { .. } => ApiError::Files {
            code: Code::Internal,
            message: "the session's streamer gave an answer to another question".into(),
        },
    }
}

fn text(value: &str) -> Result<HeaderValue, ApiError> {
    HeaderValue::from_str(value).map_err(|_| ApiError::Files {
        code: Code::Internal,
        message: "the session's streamer told a tag that is none".into(),
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let names = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Path(names) = names.map_err(|_| ApiError::FileRequest("its path is no UTF-8"))?;
        let named = |wanted| {
            let found = names.iter().find(|(name, _)| name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        let about = Query::<About>::from_request_parts(parts, state).await;
        let Query(about) = about.map_err(|_| {
            ApiError::FileRequest("after the question mark comes `upload=ID` or `as=zip`")
        })?;
        Ok(Self {
            session: named("id").parse().map_err(|_| ApiError::NoSuchSession)?,
            path: named("path").parse()?,
            about,
        })
    }
}
