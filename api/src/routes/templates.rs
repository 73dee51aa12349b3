//! What can be started: for all to see, for admins to change.

use axum::{
    Extension, Json as Answer,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{
        HeaderMap, StatusCode,
        header::{ETAG, LOCATION},
    },
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::SessionId;
use streamspace_resources::{Catalog, Template, TemplateSpec, TemplateVersion};

use super::sessions::Named;
use crate::{
    Api, ApiError, BackendError, Expected, TemplateEdit, TemplateEditKind, User,
    conditional::{etag, is_known},
    json::Json,
};

/// Which templates are listed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateFilter {
    /// Words that all stand in its names, its description or its tags, in any case of letters.
    search: Option<String>,
    category: Option<String>,
    /// That have this one among their tags.
    tag: Option<String>,
}

/// Body of `POST templates`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    #[schemars(
        with = "String",
        regex(pattern = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    )]
    pub name: SessionId,
    pub spec: TemplateSpec,
}

/// Answer of `GET templates/{id}/versions`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TemplateHistory {
    pub items: Vec<TemplateVersion>,
}

impl TemplateFilter {
    fn fits(&self, template: &Template) -> bool {
        let spec = &template.spec;
        self.category
            .as_ref()
            .is_none_or(|category| *category == spec.category)
            && self.tag.as_ref().is_none_or(|tag| spec.tags.contains(tag))
            && self
                .search
                .as_ref()
                .is_none_or(|words| is_about(template, words))
    }
}

fn is_about(template: &Template, words: &str) -> bool {
    let spec = &template.spec;
    let texts = [
        &template.metadata.name,
        &spec.display_name,
        &spec.description,
    ];
    let texts: Vec<String> = texts
        .into_iter()
        .chain(&spec.tags)
        .map(|text| text.to_lowercase())
        .collect();
    let words = words.to_lowercase();
    words
        .split_whitespace()
        .all(|word| texts.iter().any(|text| text.contains(word)))
}

pub(crate) async fn list(
    State(api): State<Api>,
    filter: Result<Query<TemplateFilter>, QueryRejection>,
) -> Result<Answer<Catalog>, ApiError> {
    let Query(filter) = filter.map_err(|error| ApiError::Query(error.body_text()))?;
    let mut catalog = api.backend().catalog().await?;
    catalog.items.retain(|template| filter.fits(template));
    Ok(Answer(catalog))
}

pub(crate) async fn show(
    State(api): State<Api>,
    Named(name): Named,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let catalog = api.backend().catalog().await?;
    let mut items = catalog.items.into_iter();
    let found = items.find(|template| template.metadata.name == name.as_str());
    let found = found.ok_or_else(|| BackendError::TemplateNotFound(name.to_string()))?;
    let etag = etag(&found.metadata);
    if is_known(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    Ok(as_it_is(found).into_response())
}

/// A template with its version.
fn as_it_is(template: Template) -> impl IntoResponse {
    ([(ETAG, etag(&template.metadata))], Answer(template))
}

pub(crate) async fn create(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Json(NewTemplate { name, spec }): Json<NewTemplate>,
) -> Result<impl IntoResponse, ApiError> {
    let edit = TemplateEdit {
        spec: Some(spec),
        by: user.name,
        kind: TemplateEditKind::Create,
    };
    let made = api
        .backend()
        .save_template(&name, edit, Expected::Any)
        .await?;
    let location = format!("/api/v1/templates/{name}");
    Ok((StatusCode::CREATED, [(LOCATION, location)], as_it_is(made)))
}

pub(crate) async fn change(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Named(name): Named,
    expected: Expected,
    Json(spec): Json<TemplateSpec>,
) -> Result<impl IntoResponse, ApiError> {
    let edit = TemplateEdit {
        spec: Some(spec),
        by: user.name,
        kind: TemplateEditKind::Change,
    };
    Ok(as_it_is(
        api.backend().save_template(&name, edit, expected).await?,
    ))
}

pub(crate) async fn remove(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    Named(name): Named,
    expected: Expected,
) -> Result<StatusCode, ApiError> {
    let edit = TemplateEdit {
        spec: None,
        by: user.name,
        kind: TemplateEditKind::Change,
    };
    api.backend().save_template(&name, edit, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn history(
    State(api): State<Api>,
    Named(name): Named,
) -> Result<Answer<TemplateHistory>, ApiError> {
    let history = api.backend().template_history(&name).await?;
    let items = history.into_iter().map(|(version, _)| version).collect();
    Ok(Answer(TemplateHistory { items }))
}

pub(crate) async fn version(
    State(api): State<Api>,
    path: Result<Path<(SessionId, u32)>, PathRejection>,
) -> Result<Answer<Template>, ApiError> {
    let Path((name, number)) = path.map_err(|_| ApiError::NoSuchVersion)?;
    let history = api.backend().template_history(&name).await?;
    let mut versions = history
        .into_iter()
        .filter(|(version, _)| version.version == number);
    let found = versions.next().and_then(|(_, template)| template);
    found.map(Answer).ok_or(ApiError::NoSuchVersion)
}
