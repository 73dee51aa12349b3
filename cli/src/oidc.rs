//! The identity provider that people may sign in by.

use std::{path::PathBuf, sync::Arc};

use clap::Args as ClapArgs;
use streamspace_api::{AccountRole, GroupRole, IdentityProvider, NewUsers, OidcConfig, Outbound};
use streamspace_protocol::{Code, Secret};

use crate::failure::Failure;

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct OidcArgs {
    /// Sign people in by the OpenID Connect provider of this address, too.
    #[arg(
        long,
        env = "STREAMSPACE_OIDC_ISSUER",
        value_name = "URL",
        requires = "oidc_client_id"
    )]
    oidc_issuer: Option<String>,
    /// What the provider calls this server.
    #[arg(
        long,
        env = "STREAMSPACE_OIDC_CLIENT_ID",
        value_name = "ID",
        requires = "oidc_issuer"
    )]
    oidc_client_id: Option<String>,
    /// File with the secret that the provider shares with this server, if it does.
    #[arg(
        long,
        env = "STREAMSPACE_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE",
        requires = "oidc_issuer"
    )]
    oidc_client_secret_file: Option<PathBuf>,
    /// Give who is in this group of the provider's this role: staff=user. The highest one counts.
    #[arg(
        long,
        env = "STREAMSPACE_OIDC_ROLE",
        value_name = "GROUP=ROLE",
        value_delimiter = ';',
        requires = "oidc_issuer"
    )]
    oidc_role: Vec<GroupRole>,
    /// Role of who is in none of those groups; by default they cannot sign in.
    #[arg(
        long,
        env = "STREAMSPACE_OIDC_DEFAULT_ROLE",
        value_name = "ROLE",
        requires = "oidc_issuer"
    )]
    oidc_default_role: Option<AccountRole>,
    /// Only let those sign in by the provider who have done so before.
    #[arg(long, env = "STREAMSPACE_OIDC_NO_NEW_USERS", requires = "oidc_issuer")]
    oidc_no_new_users: bool,
    /// Claim in which the provider lists somebody's groups.
    #[arg(
        long,
        env = "STREAMSPACE_OIDC_GROUPS_CLAIM",
        value_name = "NAME",
        default_value = "groups"
    )]
    oidc_groups_claim: String,
    /// What to ask the provider for beside `openid`. With `offline_access` most let roles follow the groups.
    #[arg(
        long,
        env = "STREAMSPACE_OIDC_SCOPE",
        value_name = "SCOPE",
        value_delimiter = ',',
        default_value = "profile,email"
    )]
    oidc_scope: Vec<String>,
    /// What people call the provider, for the button that signs in by it.
    #[arg(
        long,
        env = "STREAMSPACE_OIDC_LABEL",
        value_name = "TEXT",
        default_value = "OpenID Connect"
    )]
    oidc_label: String,
    /// Address by which browsers call this server, which the provider has to know; by default the first --name with
    /// --behind-tls, or the one that this program prints.
    #[arg(long, env = "STREAMSPACE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
}

impl OidcArgs {
    /// The provider, if there is to be one. `origin` is how browsers call this server if nothing else is said.
    pub(crate) fn provider(
        &self,
        origin: &str,
        outbound: Outbound,
    ) -> Result<Option<Arc<IdentityProvider>>, Failure> {
        let (Some(issuer), Some(client_id)) = (&self.oidc_issuer, &self.oidc_client_id) else {
            return Ok(None);
        };
        if self.oidc_role.is_empty() && self.oidc_default_role.is_none() {
            let message = "nobody has a role who signs in by the identity provider; say who with --oidc-role \
                           GROUP=ROLE or --oidc-default-role ROLE";
            return Err(Failure::new(Code::RequestInvalid, message.to_owned()));
        }
        let config = OidcConfig {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: self.secret()?,
            public_url: self.public_url.clone().unwrap_or_else(|| origin.to_owned()),
            scopes: self.oidc_scope.clone(),
            groups_claim: self.oidc_groups_claim.clone(),
            roles: self.oidc_role.clone(),
            default_role: self.oidc_default_role,
            new_users: match self.oidc_no_new_users {
                true => NewUsers::Refused,
                false => NewUsers::Made,
            },
            label: self.oidc_label.clone(),
        };
        tracing::info!(%issuer, public_url = config.public_url, "people may sign in by OpenID Connect");
        Ok(Some(Arc::new(IdentityProvider::new(config, outbound))))
    }

    fn secret(&self) -> Result<Option<Secret>, Failure> {
        let Some(file) = &self.oidc_client_secret_file else {
            return Ok(None);
        };
        let refused = |why: String| {
            let message = format!("{} holds no secret of a client: {why}", file.display());
            Failure::new(Code::RequestInvalid, message)
        };
        let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
        match text.trim() {
            "" => Err(refused("it is empty".to_owned())),
            secret => Ok(Some(Secret::new(secret))),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        oidc: OidcArgs,
    }

    fn args(more: &[&str]) -> OidcArgs {
        let issuer = [
            "x",
            "--oidc-issuer",
            "https://id.example.org",
            "--oidc-client-id",
            "desk",
        ];
        let all = issuer.iter().chain(more);
        Command::try_parse_from(all).expect("valid").oidc
    }

    fn provider(args: &OidcArgs) -> Result<Option<Arc<IdentityProvider>>, Failure> {
        let outbound = Outbound::new(vec![], b"").expect("no certificates of ours");
        args.provider("http://localhost", outbound)
    }

    #[test]
    fn there_is_no_provider_unless_it_is_asked_for() {
        let args = Command::try_parse_from(["x"]).expect("valid").oidc;
        assert!(matches!(provider(&args), Ok(None)));
        let alone = Command::try_parse_from(["x", "--oidc-issuer", "https://id.example.org"]);
        assert!(alone.is_err(), "a provider without a client");
    }

    #[test]
    fn somebody_has_to_have_a_role() {
        assert!(provider(&args(&[])).is_err());
        let by_group = args(&["--oidc-role", "staff=user", "--oidc-role", "cn=a,o=b=admin"]);
        assert!(matches!(provider(&by_group), Ok(Some(_))));
        assert!(matches!(
            provider(&args(&["--oidc-default-role", "viewer"])),
            Ok(Some(_))
        ));
    }

    #[test]
    fn a_secret_that_is_not_there_is_told() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let path = file.path().to_str().expect("text");
        let more = [
            "--oidc-default-role",
            "user",
            "--oidc-client-secret-file",
            path,
        ];
        assert!(provider(&args(&more)).is_err(), "an empty one");
        std::fs::write(path, "s3cret\n").expect("written");
        assert!(matches!(provider(&args(&more)), Ok(Some(_))));
    }
}
