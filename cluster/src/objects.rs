//! Objects as the cluster has them, and as the API shows them.

use kube::{ResourceExt, api::ObjectMeta};
use streamspace_api::BackendError;
use streamspace_resources::{
    InvalidTemplate, Metadata, Object, Phase, Session, SessionResource, Template, TemplateResource,
    check_template,
};

/// A session as the API shows it. Where its Pod listens is the gateways' business alone.
pub(crate) fn session(object: &SessionResource) -> Session {
    let mut status = object.status.clone().unwrap_or_default();
    status.address = None;
    status.url = Some(format!("/session/{}", object.name_any()));
    Object {
        api_version: streamspace_resources::API_VERSION.into(),
        kind: "Session".into(),
        metadata: metadata(&object.metadata),
        spec: object.spec.clone(),
        status: Some(status),
    }
}

pub(crate) fn phase(object: &SessionResource) -> Phase {
    object
        .status
        .as_ref()
        .map_or(Phase::Pending, |status| status.phase)
}

pub(crate) fn template(object: &TemplateResource) -> Template {
    Object {
        api_version: streamspace_resources::API_VERSION.into(),
        kind: "Template".into(),
        metadata: metadata(&object.metadata),
        spec: object.spec.clone(),
        status: None,
    }
}

/// Whether a session can start from it in a cluster: where there is an image, it says what runs.
pub(crate) fn check(template: &Template) -> Result<(), BackendError> {
    match check_template(template) {
        Err(InvalidTemplate::NoCommand) if !template.spec.base_image.is_empty() => Ok(()),
        checked => Ok(checked?),
    }
}

fn metadata(metadata: &ObjectMeta) -> Metadata {
    Metadata {
        name: metadata.name.clone().unwrap_or_default(),
        creation_timestamp: metadata.creation_timestamp.as_ref().map(|time| time.0),
        resource_version: metadata.resource_version.clone(),
        labels: metadata.labels.clone().unwrap_or_default(),
    }
}
