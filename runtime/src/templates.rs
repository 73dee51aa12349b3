//! Templates that admins have saved, in the store; they come before the files'.
//!
//! Each save is a row of its own, so that what a template was can be looked at and saved again. A row without
//! an object takes the template out of the catalog, also one that a file holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::SqlitePool;
use streamspace_api::{BackendError, Expected, TemplateEdit, TemplateEditKind};
use streamspace_protocol::SessionId;
use streamspace_resources::{Catalog, Template, TemplateSpec, TemplateVersion, check_template};

use crate::error::StoreError;

pub(crate) const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS templates (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    saved_ms INTEGER NOT NULL,
    saved_by TEXT NOT NULL,
    spec TEXT,
    PRIMARY KEY (name, version)
)";

/// Versions of one template that are kept.
const VERSIONS_KEPT: i64 = 50;
/// More than a catalog can be looked through.
const MOST_TEMPLATES: usize = 1000;

#[derive(Debug, Clone)]
pub(crate) struct SavedTemplates {
    pool: SqlitePool,
}

type Columns = (String, u32, i64, String, Option<String>);

struct Row {
    name: String,
    version: u32,
    saved_ms: i64,
    saved_by: String,
    spec: Option<String>,
}

impl From<Columns> for Row {
    fn from((name, version, saved_ms, saved_by, spec): Columns) -> Self {
        Self {
            name,
            version,
            saved_ms,
            saved_by,
            spec,
        }
    }
}

impl Row {
    fn template(&self) -> Option<Template> {
        let spec: TemplateSpec = serde_json::from_str(self.spec.as_deref()?)
            .inspect_err(|error| tracing::error!(template = self.name, %error, "a saved template cannot be read"))
            .ok()?;
        Some(Template::new(self.name.clone(), self.version, spec))
    }

    fn version(&self) -> TemplateVersion {
        TemplateVersion {
            version: self.version,
            saved_by: Some(self.saved_by.clone()),
            saved_unix_ms: Some(self.saved_ms),
            is_removal: self.spec.is_none(),
        }
    }
}

impl SavedTemplates {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// The catalog of the files with what was saved in their places.
    pub(crate) async fn over(&self, files: Catalog) -> Result<Catalog, StoreError> {
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT name, max(version) AS version, saved_ms, saved_by, spec FROM templates GROUP BY name",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut items: BTreeMap<String, Template> = files
            .items
            .into_iter()
            .map(|template| (template.metadata.name.clone(), as_version_0(template)))
            .collect();
        for row in rows.into_iter().map(Row::from) {
            match row.template() {
                Some(template) => items.insert(row.name, template),
                None => items.remove(&row.name),
            };
        }
        Ok(Catalog {
            items: items.into_values().collect(),
            problems: files.problems,
        })
    }

    /// Saves over what is in the catalog `now`, and gives what is saved. A template that goes is given as it
    /// was.
    pub(crate) async fn save(
        &self,
        now: &Catalog,
        name: &SessionId,
        edit: TemplateEdit,
        expected: &Expected,
    ) -> Result<Template, BackendError> {
        let current = now
            .items
            .iter()
            .find(|template| template.metadata.name == name.as_str());
        match (current, edit.kind) {
            (Some(_), TemplateEditKind::Create) => {
                return Err(BackendError::TemplateExists(name.to_string()));
            }
            (None, TemplateEditKind::Change) => {
                return Err(BackendError::TemplateNotFound(name.to_string()));
            }
            (None, TemplateEditKind::Create) if now.items.len() >= MOST_TEMPLATES => {
                let message = format!("there are {MOST_TEMPLATES} templates, which is the limit");
                return Err(BackendError::Invalid(message));
            }
            (None, TemplateEditKind::Create) | (Some(_), TemplateEditKind::Change) => {}
        }
        let version = current.and_then(|template| template.metadata.resource_version.as_deref());
        if current.is_some() && !expected.holds(version) {
            return Err(BackendError::Changed);
        }
        let version = self.newest(name).await? + 1;
        let saved = match (&edit.spec, current) {
            (Some(spec), _) => Template::new(name.to_string(), version, spec.clone()),
            (None, Some(current)) => current.clone(),
            (None, None) => return Err(BackendError::TemplateNotFound(name.to_string())),
        };
        if edit.spec.is_some() {
            check_template(&saved)?;
        }
        self.insert(name, version, &edit).await?;
        Ok(saved)
    }

    async fn newest(&self, name: &SessionId) -> Result<u32, StoreError> {
        let newest =
            sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM templates WHERE name = ?");
        Ok(newest.bind(name.as_str()).fetch_one(&self.pool).await?)
    }

    async fn insert(
        &self,
        name: &SessionId,
        version: u32,
        edit: &TemplateEdit,
    ) -> Result<(), StoreError> {
        let spec = edit.spec.as_ref().map(serde_json::to_string).transpose()?;
        sqlx::query(
            "INSERT INTO templates (name, version, saved_ms, saved_by, spec) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(name.as_str())
        .bind(version)
        .bind(Timestamp::now().as_millisecond())
        .bind(&edit.by)
        .bind(spec)
        .execute(&self.pool)
        .await?;
        sqlx::query("DELETE FROM templates WHERE name = ?1 AND version <= ?2")
            .bind(name.as_str())
            .bind(i64::from(version) - VERSIONS_KEPT)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The newest first; at the end what a file holds.
    pub(crate) async fn history(
        &self,
        files: Catalog,
        name: &SessionId,
    ) -> Result<Vec<(TemplateVersion, Option<Template>)>, BackendError> {
        let rows: Result<Vec<Columns>, _> = sqlx::query_as(
            "SELECT name, version, saved_ms, saved_by, spec FROM templates WHERE name = ?
             ORDER BY version DESC",
        )
        .bind(name.as_str())
        .fetch_all(&self.pool)
        .await;
        let rows: Vec<Row> = rows
            .map_err(StoreError::from)?
            .into_iter()
            .map(Row::from)
            .collect();
        let saved = rows.iter().map(|row| (row.version(), row.template()));
        let in_file = files
            .items
            .into_iter()
            .find(|template| template.metadata.name == name.as_str());
        let original = TemplateVersion {
            version: 0,
            saved_by: None,
            saved_unix_ms: None,
            is_removal: false,
        };
        let in_file = in_file.map(|template| (original, Some(as_version_0(template))));
        let history: Vec<_> = saved.chain(in_file).collect();
        match history.is_empty() {
            true => Err(BackendError::TemplateNotFound(name.to_string())),
            false => Ok(history),
        }
    }
}

fn as_version_0(mut template: Template) -> Template {
    template.metadata.resource_version = Some("0".into());
    template
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn saved() -> SavedTemplates {
        let pool = sqlx::sqlite::SqlitePoolOptions::new()
            .max_connections(1)
            .connect("sqlite::memory:")
            .await
            .expect("memory");
        sqlx::query(SCHEMA).execute(&pool).await.expect("a table");
        SavedTemplates::new(pool)
    }

    fn spec(program: &str) -> TemplateSpec {
        TemplateSpec {
            display_name: program.into(),
            command: vec![program.into()],
            ..TemplateSpec::default()
        }
    }

    fn files() -> Catalog {
        Catalog {
            items: vec![Template::new("xterm".into(), 0, spec("xterm"))],
            problems: vec![],
        }
    }

    fn edit(kind: TemplateEditKind, spec: Option<TemplateSpec>) -> TemplateEdit {
        TemplateEdit {
            spec,
            by: "ann".into(),
            kind,
        }
    }

    fn name(text: &str) -> SessionId {
        text.parse().expect("a name")
    }

    async fn save(
        saved: &SavedTemplates,
        of: &str,
        kind: TemplateEditKind,
        spec: Option<TemplateSpec>,
        expected: Expected,
    ) -> Result<Template, BackendError> {
        let now = saved.over(files()).await.expect("a catalog");
        saved
            .save(&now, &name(of), edit(kind, spec), &expected)
            .await
    }

    #[tokio::test]
    async fn a_template_is_made_changed_removed_and_made_again() {
        use TemplateEditKind::{Change, Create};
        let saved = saved().await;
        let any = || Expected::Any;
        let made = save(&saved, "calc", Create, Some(spec("calc")), any())
            .await
            .expect("made");
        assert_eq!(made.metadata.resource_version.as_deref(), Some("1"));
        let again = save(&saved, "calc", Create, Some(spec("calc")), any()).await;
        assert!(
            matches!(again, Err(BackendError::TemplateExists(_))),
            "{again:?}"
        );
        let stale = Expected::Versions(vec!["0".into()]);
        let changed = save(&saved, "calc", Change, Some(spec("bc")), stale).await;
        assert!(matches!(changed, Err(BackendError::Changed)), "{changed:?}");
        let known = Expected::Versions(vec!["1".into()]);
        save(&saved, "calc", Change, Some(spec("bc")), known)
            .await
            .expect("changed");
        save(&saved, "calc", Change, None, any())
            .await
            .expect("removed");
        let gone = save(&saved, "calc", Change, Some(spec("bc")), any()).await;
        assert!(
            matches!(gone, Err(BackendError::TemplateNotFound(_))),
            "{gone:?}"
        );
        save(&saved, "calc", Create, Some(spec("dc")), any())
            .await
            .expect("made");
        let history = saved.history(files(), &name("calc")).await.expect("known");
        let versions: Vec<_> = history
            .iter()
            .map(|(version, template)| {
                (
                    version.version,
                    template
                        .as_ref()
                        .map(|template| template.spec.command[0].as_str()),
                )
            })
            .collect();
        assert_eq!(
            versions,
            [
                (4, Some("dc")),
                (3, None),
                (2, Some("bc")),
                (1, Some("calc"))
            ]
        );
    }

    #[tokio::test]
    async fn a_file_s_template_can_be_hidden_and_brought_back() {
        let saved = saved().await;
        let change = TemplateEditKind::Change;
        save(&saved, "xterm", change, None, Expected::Any)
            .await
            .expect("hidden");
        let catalog = saved.over(files()).await.expect("a catalog");
        assert_eq!(catalog.items, []);
        let history = saved.history(files(), &name("xterm")).await.expect("known");
        let (_, original) = history.last().expect("the file's");
        let original = original.as_ref().map(|template| template.spec.clone());
        let create = TemplateEditKind::Create;
        save(&saved, "xterm", create, original, Expected::Any)
            .await
            .expect("back");
        assert_eq!(saved.over(files()).await.expect("a catalog").items.len(), 1);
    }

    #[tokio::test]
    async fn what_no_session_could_start_from_is_not_saved() {
        let saved = saved().await;
        let empty = TemplateSpec::default();
        let outcome = save(
            &saved,
            "calc",
            TemplateEditKind::Create,
            Some(empty),
            Expected::Any,
        )
        .await;
        assert!(
            matches!(outcome, Err(BackendError::TemplateInvalid(_))),
            "{outcome:?}"
        );
    }

    #[tokio::test]
    async fn the_versions_kept_are_bounded() {
        let saved = saved().await;
        for round in 0..60 {
            let kind = if round == 0 {
                TemplateEditKind::Create
            } else {
                TemplateEditKind::Change
            };
            save(&saved, "calc", kind, Some(spec("calc")), Expected::Any)
                .await
                .expect("saved");
        }
        let history = saved.history(files(), &name("calc")).await.expect("known");
        assert_eq!(history.len(), 50);
        assert_eq!(history[0].0.version, 60);
    }
}
