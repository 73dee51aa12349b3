//! What admins settle for the whole server while it runs, and what users settle for themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use streamspace_resources::Quota;

use super::{Accounts, AccountsError};
use crate::Expected;

/// What holds for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// A line that everybody sees above the page; nothing is shown if it is empty.
    #[schemars(length(max = 500))]
    pub announcement: String,
    /// For who has no quota of their own and of no group.
    pub default_quota: Quota,
    /// Whether people may sign in by name and password. Links and API keys work in any case.
    pub password_sign_in: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            announcement: String::new(),
            default_quota: Quota::default(),
            password_sign_in: true,
        }
    }
}

/// With the version that they have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeptSettings {
    pub(crate) settings: Settings,
    pub(crate) version: i64,
}

/// What somebody's pages keep for them; the server does not look into it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Preferences {
    pub(crate) values: Map<String, Value>,
    pub(crate) version: i64,
}

impl Accounts {
    /// # Errors
    /// A broken disk.
    pub(crate) async fn settings(&self) -> Result<KeptSettings, AccountsError> {
        let row: Option<(String, i64)> = sqlx::query_as("SELECT body, version FROM settings")
            .fetch_optional(&self.pool)
            .await?;
        let Some((body, version)) = row else {
            return Ok(KeptSettings::default());
        };
        let settings = serde_json::from_str(&body);
        let settings = settings.map_err(|_| AccountsError::Unreadable("the settings"))?;
        Ok(KeptSettings { settings, version })
    }

    /// Saves them, unless they are no longer what was expected: then nothing.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn save_settings(
        &self,
        settings: &Settings,
        expected: &Expected,
    ) -> Result<Option<i64>, AccountsError> {
        let document = Document {
            version: self.settings().await?.version,
            statement: "INSERT INTO settings (one, body, version) VALUES (1, $1, $2)
                 ON CONFLICT (one) DO UPDATE SET body = excluded.body, version = excluded.version
                 WHERE settings.version = $3",
            owner: None,
        };
        self.save(document, settings, expected).await
    }

    /// # Errors
    /// A broken disk.
    pub(crate) async fn preferences(&self, user: &str) -> Result<Preferences, AccountsError> {
        let row: Option<(String, i64)> =
            sqlx::query_as("SELECT body, version FROM preferences WHERE user_name = $1")
                .bind(user)
                .fetch_optional(&self.pool)
                .await?;
        let Some((body, version)) = row else {
            return Ok(Preferences::default());
        };
        let values = serde_json::from_str(&body);
        let values = values.map_err(|_| AccountsError::Unreadable("somebody's preferences"))?;
        Ok(Preferences { values, version })
    }

    /// Saves them, unless they are no longer what was expected: then nothing.
    ///
    /// # Errors
    /// A full or broken disk.
    pub(crate) async fn save_preferences(
        &self,
        user: &str,
        values: &Map<String, Value>,
        expected: &Expected,
    ) -> Result<Option<i64>, AccountsError> {
        let document = Document {
            version: self.preferences(user).await?.version,
            statement: "INSERT INTO preferences (user_name, body, version) VALUES ($4, $1, $2)
                 ON CONFLICT (user_name) DO UPDATE SET body = excluded.body, version = excluded.version
                 WHERE preferences.version = $3",
            owner: Some(user),
        };
        self.save(document, values, expected).await
    }

    /// The version that it has then; nothing where it is no longer what was expected.
    async fn save(
        &self,
        document: Document<'_>,
        body: &impl Serialize,
        expected: &Expected,
    ) -> Result<Option<i64>, AccountsError> {
        let Document {
            version,
            statement,
            owner,
        } = document;
        if !expected.holds(Some(&version.to_string())) {
            return Ok(None);
        }
        let body = serde_json::to_string(body).expect("plain values can be written");
        let saving = sqlx::query(statement)
            .bind(body)
            .bind(version + 1)
            .bind(version);
        let saving = match owner {
            Some(owner) => saving.bind(owner),
            None => saving,
        };
        let saved = saving.execute(&self.pool).await?;
        Ok((saved.rows_affected() > 0).then_some(version + 1))
    }
}

/// Something kept as one body with a version.
struct Document<'a> {
    /// That was seen.
    version: i64,
    /// Saves `$1` as version `$2` where version `$3` is, for the owner `$4` if there is one.
    statement: &'static str,
    owner: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use crate::accounts::{ADMIN, tests::accounts};

    use super::*;

    #[tokio::test]
    async fn settings_are_saved_over_the_version_that_was_seen() {
        let accounts = accounts().await;
        let first = Settings {
            announcement: "Maintenance at noon".into(),
            ..Settings::default()
        };
        let seen = Expected::Versions(vec!["0".into()]);
        let saved = accounts.save_settings(&first, &seen).await.expect("a disk");
        assert_eq!(saved, Some(1));
        let stale = accounts
            .save_settings(&Settings::default(), &seen)
            .await
            .expect("a disk");
        assert_eq!(stale, None);
        assert_eq!(accounts.settings().await.expect("a disk").settings, first);
    }

    #[tokio::test]
    async fn preferences_are_each_users_own() {
        let accounts = accounts().await;
        let values: Map<String, Value> = serde_json::from_str(r#"{"theme":"dark"}"#).expect("JSON");
        let saved = accounts
            .save_preferences(ADMIN, &values, &Expected::Any)
            .await;
        assert_eq!(saved.expect("a disk"), Some(1));
        let kept = accounts.preferences(ADMIN).await.expect("a disk");
        assert_eq!(kept.values, values);
        let other = accounts.preferences("nobody").await.expect("a disk");
        assert_eq!(other, Preferences::default());
    }
}
