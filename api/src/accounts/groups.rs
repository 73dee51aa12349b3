//! Groups of users, by which they are given quotas.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Code;
use streamspace_resources::Quota;

use super::{Accounts, AccountsError, UserError, users::is_name};

const MOST_GROUPS: i64 = 1_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    pub name: String,
    /// Of each of its members.
    pub quota: Quota,
    /// By name.
    pub members: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    #[error("a group's name is made as a user's: 1 to 64 of a-z, 0-9, `.`, `_` and `-`")]
    Name,
    #[error("there is a group of this name already")]
    Taken,
    #[error("there is no group of this name")]
    Unknown,
    #[error("there are {MOST_GROUPS} groups, which is the limit")]
    TooMany,
    #[error(transparent)]
    User(#[from] UserError),
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}

impl GroupError {
    pub fn code(&self) -> Code {
        match self {
            Self::Name => Code::RequestInvalid,
            Self::Taken => Code::GroupExists,
            Self::Unknown => Code::GroupNotFound,
            Self::TooMany => Code::LimitReached,
            Self::User(error) => error.code(),
            Self::Accounts(error) => error.code(),
        }
    }
}

/// So that `?` takes it all the way.
impl From<sqlx::Error> for GroupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Accounts(error.into())
    }
}

impl Accounts {
    /// All of them, by name.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn groups(&self) -> Result<Vec<Group>, AccountsError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT name, quota FROM user_groups ORDER BY name")
                .fetch_all(&self.pool)
                .await?;
        let mut groups = Vec::with_capacity(rows.len());
        for (name, quota) in rows {
            let members = self.members(&name).await?;
            groups.push(Group {
                name,
                quota: read_quota(&quota)?,
                members,
            });
        }
        Ok(groups)
    }

    /// # Errors
    /// No such group; a broken disk.
    pub async fn group(&self, name: &str) -> Result<Group, GroupError> {
        let quota: Option<String> =
            sqlx::query_scalar("SELECT quota FROM user_groups WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.pool)
                .await?;
        let quota = read_quota(&quota.ok_or(GroupError::Unknown)?)?;
        Ok(Group {
            name: name.to_owned(),
            quota,
            members: self.members(name).await?,
        })
    }

    async fn members(&self, group: &str) -> Result<Vec<String>, AccountsError> {
        let members = sqlx::query_scalar(
            "SELECT user_name FROM group_members WHERE group_name = $1 ORDER BY user_name",
        );
        Ok(members.bind(group).fetch_all(&self.pool).await?)
    }

    /// # Errors
    /// A name that cannot be one or is taken; too many groups; a full or broken disk.
    pub async fn add_group(&self, name: &str, quota: Quota) -> Result<Group, GroupError> {
        if !is_name(name) {
            return Err(GroupError::Name);
        }
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM user_groups")
            .fetch_one(&self.pool)
            .await?;
        if count >= MOST_GROUPS {
            return Err(GroupError::TooMany);
        }
        let added = sqlx::query(
            "INSERT INTO user_groups (name, quota) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(write_quota(&quota))
        .execute(&self.pool)
        .await?;
        match added.rows_affected() {
            0 => Err(GroupError::Taken),
            _ => Ok(Group {
                name: name.to_owned(),
                quota,
                members: vec![],
            }),
        }
    }

    /// # Errors
    /// No such group; a full or broken disk.
    pub async fn set_group_quota(&self, name: &str, quota: Quota) -> Result<Group, GroupError> {
        sqlx::query("UPDATE user_groups SET quota = $1 WHERE name = $2")
            .bind(write_quota(&quota))
            .bind(name)
            .execute(&self.pool)
            .await?;
        self.group(name).await
    }

    /// Its members stay users.
    ///
    /// # Errors
    /// No such group; a full or broken disk.
    pub async fn remove_group(&self, name: &str) -> Result<(), GroupError> {
        let removed = sqlx::query("DELETE FROM user_groups WHERE name = $1")
            .bind(name)
            .execute(&self.pool)
            .await?;
        match removed.rows_affected() {
            0 => Err(GroupError::Unknown),
            _ => Ok(()),
        }
    }

    /// Who is in it already stays in it.
    ///
    /// # Errors
    /// No such group or user; a full or broken disk.
    pub async fn add_member(&self, group: &str, user: &str) -> Result<(), GroupError> {
        self.group(group).await?;
        self.user(user).await?.ok_or(UserError::Unknown)?;
        sqlx::query(
            "INSERT INTO group_members (group_name, user_name) VALUES ($1, $2)
             ON CONFLICT (group_name, user_name) DO NOTHING",
        )
        .bind(group)
        .bind(user)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// # Errors
    /// Nobody of this name is in it; a full or broken disk.
    pub async fn remove_member(&self, group: &str, user: &str) -> Result<(), GroupError> {
        let removed =
            sqlx::query("DELETE FROM group_members WHERE group_name = $1 AND user_name = $2")
                .bind(group)
                .bind(user)
                .execute(&self.pool)
                .await?;
        match removed.rows_affected() {
            0 => Err(GroupError::User(UserError::Unknown)),
            _ => Ok(()),
        }
    }

    /// What the user's own quota is, without those of groups.
    ///
    /// # Errors
    /// No such user; a broken disk.
    pub async fn own_quota(&self, user: &str) -> Result<Quota, UserError> {
        let quota: Option<String> = sqlx::query_scalar("SELECT quota FROM users WHERE name = $1")
            .bind(user)
            .fetch_optional(&self.pool)
            .await?;
        Ok(read_quota(&quota.ok_or(UserError::Unknown)?)?)
    }

    /// # Errors
    /// No such user; a full or broken disk.
    pub async fn set_own_quota(&self, user: &str, quota: Quota) -> Result<(), UserError> {
        let changed = sqlx::query("UPDATE users SET quota = $1 WHERE name = $2")
            .bind(write_quota(&quota))
            .bind(user)
            .execute(&self.pool)
            .await?;
        match changed.rows_affected() {
            0 => Err(UserError::Unknown),
            _ => Ok(()),
        }
    }

    /// What holds for the user: each bound is their own, or the most generous of their groups, or the
    /// one for everybody.
    ///
    /// # Errors
    /// No such user; a broken disk.
    pub async fn quota(&self, user: &str) -> Result<Quota, UserError> {
        let own = self.own_quota(user).await?;
        let groups: Vec<String> = sqlx::query_scalar(
            "SELECT quota FROM user_groups JOIN group_members ON name = group_name WHERE user_name = $1",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?;
        let mut of_groups = Quota::default();
        for quota in groups {
            of_groups = of_groups.most(read_quota(&quota)?);
        }
        let for_all = self.settings().await?.settings.default_quota;
        Ok(own.or(of_groups).or(for_all))
    }
}

fn write_quota(quota: &Quota) -> String {
    serde_json::to_string(quota).expect("numbers can be written")
}

fn read_quota(text: &str) -> Result<Quota, AccountsError> {
    serde_json::from_str(text).map_err(|_| AccountsError::Unreadable("a quota"))
}

#[cfg(test)]
mod tests {
    use crate::accounts::{Role, tests::accounts};

    use super::*;

    fn sessions(most: u32) -> Quota {
        Quota {
            sessions: Some(most),
            ..Quota::default()
        }
    }

    #[tokio::test]
    async fn groups_come_change_and_go() {
        let accounts = accounts().await;
        accounts.add_user("ada", Role::User).await.expect("a user");
        accounts
            .add_group("artists", sessions(2))
            .await
            .expect("a group");
        let again = accounts.add_group("artists", sessions(3)).await;
        assert!(matches!(again, Err(GroupError::Taken)), "{again:?}");
        accounts
            .add_member("artists", "ada")
            .await
            .expect("a member");
        accounts
            .add_member("artists", "ada")
            .await
            .expect("still a member");
        let nobody = accounts.add_member("artists", "eve").await;
        assert!(
            matches!(nobody, Err(GroupError::User(UserError::Unknown))),
            "{nobody:?}"
        );
        let group = accounts
            .set_group_quota("artists", sessions(4))
            .await
            .expect("changed");
        assert_eq!(
            (group.members, group.quota),
            (vec!["ada".to_owned()], sessions(4))
        );
        accounts
            .remove_user("ada", jiff::Timestamp::UNIX_EPOCH)
            .await
            .expect("removed");
        assert_eq!(accounts.groups().await.expect("groups")[0].members, [""; 0]);
        accounts.remove_group("artists").await.expect("removed");
        let gone = accounts.group("artists").await;
        assert!(matches!(gone, Err(GroupError::Unknown)), "{gone:?}");
    }

    #[tokio::test]
    async fn a_quota_is_the_users_own_or_the_groups_or_that_of_all() {
        let accounts = accounts().await;
        accounts.add_user("ada", Role::User).await.expect("a user");
        let quota = async || accounts.quota("ada").await.expect("a quota").sessions;
        assert_eq!(quota().await, None);
        let mut settings = accounts.settings().await.expect("settings");
        settings.settings.default_quota = sessions(9);
        let saved = accounts
            .save_settings(&settings.settings, &crate::Expected::Any)
            .await;
        saved.expect("saved");
        assert_eq!(quota().await, Some(9));
        for (group, most) in [("one", 2), ("two", 5)] {
            accounts
                .add_group(group, sessions(most))
                .await
                .expect("a group");
            accounts.add_member(group, "ada").await.expect("a member");
        }
        assert_eq!(quota().await, Some(5));
        accounts
            .set_own_quota("ada", sessions(1))
            .await
            .expect("set");
        assert_eq!(quota().await, Some(1));
    }
}
