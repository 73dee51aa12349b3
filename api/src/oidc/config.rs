use std::str::FromStr;

use streamspace_protocol::Secret;

use crate::AccountRole;

/// The one identity provider that people may sign in by.
#[derive(Debug, Clone)]
pub struct OidcConfig {
    /// As its tokens name it. Where it is found, too.
    pub issuer: String,
    pub client_id: String,
    /// What only we and the provider know; none for a public client.
    pub client_secret: Option<Secret>,
    /// How browsers call this server: `https://desk.example.org`.
    pub public_url: String,
    /// Asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists somebody's groups.
    pub groups_claim: String,
    /// Who is in several of these groups has the highest of their roles.
    pub roles: Vec<GroupRole>,
    /// Of who is in none of them; without one, they do not come in.
    pub default_role: Option<AccountRole>,
    pub new_users: NewUsers,
    /// What the button to sign in by it says.
    pub label: String,
}

/// Whoever is in this group has this role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRole {
    pub group: String,
    pub role: AccountRole,
}

/// What becomes of who signs in for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewUsers {
    /// They get an account.
    Made,
    /// Only those come in who have come before.
    Refused,
}

impl OidcConfig {
    /// Where the provider sends browsers back to.
    pub(super) fn redirect_uri(&self) -> String {
        format!("{}/api/v1/auth/oidc/callback", self.public())
    }

    /// Without the slash at its end.
    pub(super) fn public(&self) -> &str {
        self.public_url.trim_end_matches('/')
    }

    /// The highest role that these groups give; `None` for who may not come in.
    pub(super) fn role_of(&self, groups: &[String]) -> Option<AccountRole> {
        let given = self.roles.iter().filter(|row| groups.contains(&row.group));
        given.map(|row| row.role).max().or(self.default_role)
    }
}

impl FromStr for GroupRole {
    type Err = String;

    /// `GROUP=ROLE`; the group may hold a `=` itself.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (group, role) = text
            .rsplit_once('=')
            .filter(|(group, _)| !group.is_empty())
            .ok_or("a group and its role are written GROUP=ROLE")?;
        Ok(Self {
            group: group.to_owned(),
            role: role.parse()?,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::oidc) fn config() -> OidcConfig {
        OidcConfig {
            issuer: "https://id.example.org".into(),
            client_id: "streamspace".into(),
            client_secret: Some(Secret::new("s3cret/+")),
            public_url: "https://desk.example.org/".into(),
            scopes: vec!["profile".into(), "email".into()],
            groups_claim: "groups".into(),
            roles: ["staff=user", "cn=ops,o=x=operator", "root=admin"]
                .map(|text| text.parse().expect("a group and its role"))
                .into(),
            default_role: None,
            new_users: NewUsers::Made,
            label: "Example".into(),
        }
    }

    #[test]
    fn the_highest_role_of_the_groups_counts() {
        let mut config = config();
        let role = |config: &OidcConfig, groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|&group| group.into()).collect();
            config.role_of(&groups)
        };
        assert_eq!(role(&config, &["staff"]), Some(AccountRole::User));
        let both = role(&config, &["cn=ops,o=x", "staff", "other"]);
        assert_eq!(both, Some(AccountRole::Operator));
        assert_eq!(role(&config, &["Staff", "staff2", ""]), None);
        config.default_role = Some(AccountRole::Viewer);
        assert_eq!(role(&config, &[]), Some(AccountRole::Viewer));
        assert_eq!(role(&config, &["staff"]), Some(AccountRole::User));
    }

    #[test]
    fn a_group_without_a_role_is_none() {
        for text in ["", "staff", "=user", "staff=", "staff=root"] {
            assert!(text.parse::<GroupRole>().is_err(), "{text}");
        }
    }
}
