//! The catalog: templates as objects.

use kube::{
    ResourceExt,
    api::{DeleteParams, ObjectMeta, PostParams, Preconditions},
};
use streamspace_api::{BackendError, Expected, TemplateEdit, TemplateEditKind};
use streamspace_protocol::SessionId;
use streamspace_resources::{
    Catalog, CatalogProblem, Template, TemplateResource, TemplateSpec, TemplateVersion,
};

use crate::{
    cluster::Inner,
    error::failed,
    objects::{check, template},
    revisions,
};

/// More than a catalog can be looked through.
const MOST_TEMPLATES: usize = 1000;

impl Inner {
    pub(crate) fn catalog(&self) -> Catalog {
        let mut catalog = Catalog::default();
        for (name, object) in self.templates.all() {
            let checked = object.and_then(|object| {
                let template = template(&object);
                check(&template).map_err(|error| error.to_string())?;
                Ok(template)
            });
            match checked {
                Ok(template) => catalog.items.push(template),
                Err(message) => catalog.problems.push(CatalogProblem {
                    file: name,
                    message,
                }),
            }
        }
        catalog
    }

    pub(crate) async fn save_template(
        &self,
        name: &SessionId,
        edit: TemplateEdit,
        expected: Expected,
    ) -> Result<Template, BackendError> {
        let current = self
            .template_api
            .get_opt(name.as_str())
            .await
            .map_err(failed)?;
        self.check_edit(name, &edit, &expected, current.as_ref())?;
        let noted = self
            .note_revision(name, edit.spec.as_ref(), &edit.by)
            .await?;
        let saved = match (edit.spec, current) {
            (Some(spec), Some(current)) => self.replace_template(name, spec, current).await,
            (Some(spec), None) => self.create_template(name, spec).await,
            (None, Some(current)) => self.remove_template(name, current).await,
            (None, None) => Err(BackendError::TemplateNotFound(name.to_string())),
        };
        if saved.is_err() {
            self.forget_revision(&noted).await;
        }
        saved
    }

    fn check_edit(
        &self,
        name: &SessionId,
        edit: &TemplateEdit,
        expected: &Expected,
        current: Option<&TemplateResource>,
    ) -> Result<(), BackendError> {
        match (current, edit.kind) {
            (Some(_), TemplateEditKind::Create) => {
                return Err(BackendError::TemplateExists(name.to_string()));
            }
            (None, TemplateEditKind::Change) => {
                return Err(BackendError::TemplateNotFound(name.to_string()));
            }
            (None, TemplateEditKind::Create) if self.templates.all().len() >= MOST_TEMPLATES => {
                let message = format!("there are {MOST_TEMPLATES} templates, which is the limit");
                return Err(BackendError::Invalid(message));
            }
            (Some(current), TemplateEditKind::Change)
                if !expected.holds(current.metadata.resource_version.as_deref()) =>
            {
                return Err(BackendError::Changed);
            }
            (None, TemplateEditKind::Create) | (Some(_), TemplateEditKind::Change) => {}
        }
        match &edit.spec {
            Some(spec) => check(&Template::new(name.to_string(), 0, spec.clone())),
            None => Ok(()),
        }
    }

    async fn create_template(
        &self,
        name: &SessionId,
        spec: TemplateSpec,
    ) -> Result<Template, BackendError> {
        let object = TemplateResource {
            metadata: ObjectMeta {
                name: Some(name.to_string()),
                ..ObjectMeta::default()
            },
            spec,
        };
        let created = self
            .template_api
            .create(&PostParams::default(), &object)
            .await;
        Ok(template(&created.map_err(failed)?))
    }

    /// Of the version that was looked at: the object carries it.
    async fn replace_template(
        &self,
        name: &SessionId,
        spec: TemplateSpec,
        mut current: TemplateResource,
    ) -> Result<Template, BackendError> {
        current.spec = spec;
        let parameters = PostParams::default();
        let replaced = self
            .template_api
            .replace(name.as_str(), &parameters, &current)
            .await;
        Ok(template(&replaced.map_err(failed)?))
    }

    async fn remove_template(
        &self,
        name: &SessionId,
        current: TemplateResource,
    ) -> Result<Template, BackendError> {
        let parameters = DeleteParams::default().preconditions(Preconditions {
            resource_version: current.resource_version(),
            uid: current.uid(),
        });
        let removed = self.template_api.delete(name.as_str(), &parameters).await;
        removed.map_err(failed)?;
        Ok(template(&current))
    }

    /// One that was only ever written past us is as it is.
    pub(crate) async fn template_history(
        &self,
        name: &SessionId,
    ) -> Result<Vec<(TemplateVersion, Option<Template>)>, BackendError> {
        let revisions = self.revisions(name).await?;
        if !revisions.is_empty() {
            let each = revisions.iter();
            return Ok(each
                .map(|revision| {
                    (
                        revisions::version(revision),
                        revisions::template(name, revision),
                    )
                })
                .collect());
        }
        let current = self
            .template_api
            .get_opt(name.as_str())
            .await
            .map_err(failed)?;
        let current = current.ok_or_else(|| BackendError::TemplateNotFound(name.to_string()))?;
        let created = current.creation_timestamp();
        let version = TemplateVersion {
            version: 0,
            saved_by: None,
            saved_unix_ms: created.map(|time| time.0.as_millisecond()),
            is_removal: false,
        };
        Ok(vec![(version, Some(template(&current)))])
    }
}
