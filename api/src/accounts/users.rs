//! The people who have an account.

use jiff::Timestamp;
use streamspace_protocol::Code;

use super::{ADMIN, Accounts, AccountsError, Role, User, revocations::Ended, user};
use crate::Expected;

/// It is a part of paths and of addresses.
const MAX_NAME_BYTES: usize = 64;
/// More than one machine serves, and a bound on what a list holds.
const MOST_USERS: i64 = 10_000;

/// What was asked for cannot be done with this user.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error(
        "a user's name is 1 to {MAX_NAME_BYTES} of a-z, 0-9, `.`, `_` and `-`, and begins with a letter or digit"
    )]
    Name,
    #[error("there is a user of this name already")]
    Taken,
    #[error("there is no user of this name")]
    Unknown,
    #[error("`{ADMIN}` stays, and stays an admin: it is who `streamspace link` signs in")]
    FirstAdmin,
    #[error("the user has changed meanwhile; get them again, and change what they are now")]
    Changed,
    #[error("there are {MOST_USERS} users, which is the limit")]
    TooMany,
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}

impl UserError {
    pub fn code(&self) -> Code {
        match self {
            Self::Name => Code::RequestInvalid,
            Self::FirstAdmin => Code::Forbidden,
            Self::Taken => Code::UserExists,
            Self::Unknown => Code::UserNotFound,
            Self::Changed => Code::PreconditionFailed,
            Self::TooMany => Code::LimitReached,
            Self::Accounts(error) => error.code(),
        }
    }
}

/// So that `?` takes it all the way.
impl From<sqlx::Error> for UserError {
    fn from(error: sqlx::Error) -> Self {
        Self::Accounts(error.into())
    }
}

impl Accounts {
    /// Everyone, by name.
    ///
    /// # Errors
    /// A broken disk.
    pub async fn users(&self) -> Result<Vec<User>, AccountsError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT name, role FROM users ORDER BY name")
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(user).collect()
    }

    /// # Errors
    /// A broken disk.
    pub async fn user(&self, name: &str) -> Result<Option<User>, AccountsError> {
        let row: Option<(String, String)> =
            sqlx::query_as("SELECT name, role FROM users WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.pool)
                .await?;
        row.map(user).transpose()
    }

    /// # Errors
    /// A name that cannot be one or is taken; too many users; a full or broken disk.
    pub async fn add_user(&self, name: &str, role: Role) -> Result<User, UserError> {
        if !is_name(name) {
            return Err(UserError::Name);
        }
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
            .fetch_one(&self.pool)
            .await?;
        if count >= MOST_USERS {
            return Err(UserError::TooMany);
        }
        let added = sqlx::query(
            "INSERT INTO users (name, role) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(role.name())
        .execute(&self.pool)
        .await?;
        match added.rows_affected() {
            0 => Err(UserError::Taken),
            _ => Ok(User {
                name: name.to_owned(),
                role,
            }),
        }
    }

    /// Gives a user another role, which holds from the next request on.
    ///
    /// # Errors
    /// No such user, or the first admin; a full or broken disk.
    pub async fn set_role(
        &self,
        name: &str,
        role: Role,
        now: Timestamp,
    ) -> Result<User, UserError> {
        self.change_role(name, role, &Expected::Any, now).await
    }

    /// The same of a user who is as expected. Their role is the version: nothing else of them changes.
    ///
    /// # Errors
    /// No such user, another version, or the first admin; a full or broken disk.
    pub(crate) async fn change_role(
        &self,
        name: &str,
        role: Role,
        expected: &Expected,
        now: Timestamp,
    ) -> Result<User, UserError> {
        if name == ADMIN && role != Role::Admin {
            return Err(UserError::FirstAdmin);
        }
        let seen = self.expect_user(name, expected).await?;
        let changed = sqlx::query("UPDATE users SET role = $1 WHERE name = $2 AND role = $3")
            .bind(role.name())
            .bind(name)
            .bind(seen.name())
            .execute(&self.pool)
            .await?;
        self.revoke(Ended::User(name), now).await?;
        match changed.rows_affected() {
            0 => Err(UserError::Changed),
            _ => Ok(User {
                name: name.to_owned(),
                role,
            }),
        }
    }

    /// Removes a user with all sign-ins and keys.
    ///
    /// # Errors
    /// No such user, or the first admin; a full or broken disk.
    pub async fn remove_user(&self, name: &str, now: Timestamp) -> Result<(), UserError> {
        self.remove_expected(name, &Expected::Any, now).await
    }

    /// The same of a user who is as expected.
    ///
    /// # Errors
    /// No such user, another version, or the first admin; a full or broken disk.
    pub(crate) async fn remove_expected(
        &self,
        name: &str,
        expected: &Expected,
        now: Timestamp,
    ) -> Result<(), UserError> {
        if name == ADMIN {
            return Err(UserError::FirstAdmin);
        }
        let seen = self.expect_user(name, expected).await?;
        let removed = sqlx::query("DELETE FROM users WHERE name = $1 AND role = $2")
            .bind(name)
            .bind(seen.name())
            .execute(&self.pool)
            .await?;
        self.revoke(Ended::User(name), now).await?;
        match removed.rows_affected() {
            0 => Err(UserError::Changed),
            _ => Ok(()),
        }
    }

    /// The role of a user who is as expected.
    async fn expect_user(&self, name: &str, expected: &Expected) -> Result<Role, UserError> {
        let user = self.user(name).await?.ok_or(UserError::Unknown)?;
        match expected.holds(Some(user.role.name())) {
            true => Ok(user.role),
            false => Err(UserError::Changed),
        }
    }
}

pub(super) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= MAX_NAME_BYTES
        && name.bytes().next().is_some_and(plain)
        && name
            .bytes()
            .all(|byte| plain(byte) || b"._-".contains(&byte))
}

/// What is nearest to this text and could be a name, with some room for more at its end; nothing where there
/// is no such thing.
pub(super) fn plain_name(text: &str) -> String {
    const ROOM: usize = 4;
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|letter| match letter {
            'a'..='z' | '0'..='9' | '.' | '_' => letter,
            _ => '-',
        })
        .take(MAX_NAME_BYTES - ROOM)
        .collect();
    let is_rim = |letter: char| !letter.is_ascii_alphanumeric();
    plain.trim_matches(is_rim).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn users_come_change_and_go() {
        let accounts = crate::accounts::tests::accounts().await;
        let now = jiff::Timestamp::UNIX_EPOCH;
        let ada = accounts.add_user("ada", Role::User).await.expect("a user");
        let again = accounts.add_user("ada", Role::Admin).await;
        assert!(matches!(again, Err(UserError::Taken)), "{again:?}");
        let key = accounts
            .create_api_key("ada", "cli", now)
            .await
            .expect("a key");
        let owner = accounts.key_owner(&key, now).await.expect("readable");
        assert_eq!(owner, Some((ada, crate::Scope::Admin)));

        accounts
            .set_role("ada", Role::Viewer, now)
            .await
            .expect("a role");
        let names = accounts.users().await.expect("readable");
        let names: Vec<_> = names
            .iter()
            .map(|user| (user.name.as_str(), user.role))
            .collect();
        assert_eq!(names, [("ada", Role::Viewer), (ADMIN, Role::Admin)]);

        accounts.remove_user("ada", now).await.expect("removed");
        assert_eq!(accounts.key_owner(&key, now).await.expect("readable"), None);
        let gone = accounts.remove_user("ada", now).await;
        assert!(matches!(gone, Err(UserError::Unknown)), "{gone:?}");
        let gone = accounts.set_role("ada", Role::User, now).await;
        assert!(matches!(gone, Err(UserError::Unknown)), "{gone:?}");
    }

    #[tokio::test]
    async fn a_user_who_is_not_as_expected_is_not_changed() {
        let accounts = crate::accounts::tests::accounts().await;
        let now = Timestamp::UNIX_EPOCH;
        accounts.add_user("ada", Role::User).await.expect("a user");
        let as_viewer = Expected::Versions(vec!["viewer".into()]);
        let stale = [
            accounts
                .change_role("ada", Role::Admin, &as_viewer, now)
                .await
                .err(),
            accounts.remove_expected("ada", &as_viewer, now).await.err(),
        ];
        for outcome in stale {
            assert!(matches!(outcome, Some(UserError::Changed)), "{outcome:?}");
        }
        let as_user = Expected::Versions(vec!["user".into()]);
        let changed = accounts
            .change_role("ada", Role::Viewer, &as_user, now)
            .await;
        assert_eq!(changed.expect("as expected").role, Role::Viewer);
        let removed = accounts.remove_expected("ada", &as_viewer, now).await;
        assert!(removed.is_ok(), "{removed:?}");
    }

    #[tokio::test]
    async fn the_first_admin_stays_one() {
        let accounts = crate::accounts::tests::accounts().await;
        let now = Timestamp::UNIX_EPOCH;
        let outcomes = [
            accounts.remove_user(ADMIN, now).await.err(),
            accounts.set_role(ADMIN, Role::User, now).await.err(),
        ];
        for outcome in outcomes {
            assert!(
                matches!(outcome, Some(UserError::FirstAdmin)),
                "{outcome:?}"
            );
        }
        assert!(accounts.set_role(ADMIN, Role::Admin, now).await.is_ok());
    }

    #[test]
    fn names_are_plain() {
        let long = "a".repeat(MAX_NAME_BYTES);
        for name in ["a", "0", "ada.lovelace", "a-b_c", &long] {
            assert!(is_name(name), "{name}");
        }
        let longer = "a".repeat(MAX_NAME_BYTES + 1);
        for name in ["", ".a", "-a", "A", "a b", "a/b", "\u{e4}", "a\n", &longer] {
            assert!(!is_name(name), "{name}");
        }
    }
}
