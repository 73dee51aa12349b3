//! What a template was, in `ControllerRevision`s.

use std::collections::BTreeMap;

use k8s_openapi::{api::apps::v1::ControllerRevision, apimachinery::pkg::runtime::RawExtension};
use kube::{
    ResourceExt,
    api::{DeleteParams, ListParams, ObjectMeta, PostParams},
};
use streamspace_api::BackendError;
use streamspace_protocol::SessionId;
use streamspace_resources::{Template, TemplateSpec, TemplateVersion};

use crate::{cluster::Inner, error::failed};

/// Which template a revision is of.
const TEMPLATE_LABEL: &str = "stream.space/template";
const SAVED_BY: &str = "stream.space/saved-by";
/// On a revision that took the template out of the catalog.
const REMOVAL: &str = "stream.space/removal";

/// Versions of one template that are kept.
const KEPT: usize = 50;

impl Inner {
    /// The newest first.
    pub(crate) async fn revisions(
        &self,
        template: &SessionId,
    ) -> Result<Vec<ControllerRevision>, BackendError> {
        let selector = format!("{TEMPLATE_LABEL}={template}");
        let list = self
            .revision_api
            .list(&ListParams::default().labels(&selector))
            .await;
        let mut revisions = list.map_err(failed)?.items;
        revisions.sort_by_key(|revision| std::cmp::Reverse(revision.revision));
        Ok(revisions)
    }

    /// Notes what a template is from now on (nothing takes it out of the catalog), before it is: its number can be taken once, so two who save at
    /// the same moment cannot both have it.
    pub(crate) async fn note_revision(
        &self,
        template: &SessionId,
        spec: Option<&TemplateSpec>,
        by: &str,
    ) -> Result<ControllerRevision, BackendError> {
        let earlier = self.revisions(template).await?;
        let number = earlier
            .first()
            .and_then(|newest| newest.revision)
            .unwrap_or(0)
            + 1;
        let mut annotations = BTreeMap::from([(SAVED_BY.to_owned(), by.to_owned())]);
        if spec.is_none() {
            annotations.insert(REMOVAL.to_owned(), "true".to_owned());
        }
        // Of a removal nobody reads it, but there must be some.
        let data = serde_json::to_value(spec.cloned().unwrap_or_default());
        let data = data.map_err(|error| BackendError::Storage(Box::new(error)))?;
        let revision = ControllerRevision {
            metadata: ObjectMeta {
                name: Some(format!("template-{template}-{number}")),
                labels: Some([(TEMPLATE_LABEL.to_owned(), template.to_string())].into()),
                annotations: Some(annotations),
                ..ObjectMeta::default()
            },
            data: RawExtension(data),
            revision: Some(number),
        };
        let noted = self
            .revision_api
            .create(&PostParams::default(), &revision)
            .await;
        let noted = noted.map_err(failed)?;
        for old in earlier.iter().skip(KEPT - 1) {
            self.forget_revision(old).await;
        }
        Ok(noted)
    }

    /// One that is left is one too many in a list, and nothing else.
    pub(crate) async fn forget_revision(&self, revision: &ControllerRevision) {
        let name = revision.name_any();
        let forgotten = self
            .revision_api
            .delete(&name, &DeleteParams::default())
            .await;
        if let Err(error) = forgotten {
            tracing::warn!(revision = name, %error, "a template's version could not be removed");
        }
    }
}

pub(crate) fn version(revision: &ControllerRevision) -> TemplateVersion {
    let created = revision.metadata.creation_timestamp.as_ref();
    let number = u32::try_from(revision.revision.unwrap_or_default()).ok();
    TemplateVersion {
        version: number.unwrap_or(u32::MAX),
        saved_by: revision.annotations().get(SAVED_BY).cloned(),
        saved_unix_ms: created.map(|time| time.0.as_millisecond()),
        is_removal: revision.annotations().contains_key(REMOVAL),
    }
}

/// What the template was; nothing where it was taken out, or where somebody else wrote the revision.
pub(crate) fn template(name: &SessionId, revision: &ControllerRevision) -> Option<Template> {
    let version = version(revision);
    if version.is_removal {
        return None;
    }
    let spec = serde_json::from_value(revision.data.0.clone())
        .inspect_err(|error| tracing::warn!(template = %name, %error, "a version of a template cannot be read"))
        .ok()?;
    Some(Template::new(name.to_string(), version.version, spec))
}
