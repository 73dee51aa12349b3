use std::fmt;

use form_urlencoded::Serializer;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use streamspace_protocol::Secret;

use super::{
    Flow, LoggedOut, OidcConfig, OidcError,
    claims::{self, IdToken, LogoutToken},
    discovery::{Discovery, Metadata},
    flow::with_query,
    tokens::{Grant, Tokens, tokens, user_info},
};
use crate::{AccountRole, Outbound, jose::Unverified};

/// The identity provider, as the settings name it.
pub struct IdentityProvider {
    config: OidcConfig,
    discovery: Discovery,
}

/// Somebody whom the provider vouches for.
#[derive(Debug)]
pub(crate) struct Proven {
    pub(crate) subject: String,
    pub(crate) role: AccountRole,
    /// What to call somebody new, the best first.
    pub(crate) names: Vec<String>,
    pub(crate) provider_session: Option<String>,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) id_token: Secret,
}

/// Somebody whom the provider goes on vouching for.
#[derive(Debug)]
pub(crate) struct Renewed {
    /// `None` where the provider says nothing of groups any more, so that what was said holds.
    pub(crate) role: Option<AccountRole>,
    /// The next one, where each is good once.
    pub(crate) refresh_token: Option<Secret>,
}

impl fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityProvider({})", self.config.issuer)
    }
}

impl IdentityProvider {
    pub fn new(config: OidcConfig, outbound: Outbound) -> Self {
        Self {
            config,
            discovery: Discovery::new(outbound),
        }
    }

    pub(crate) fn config(&self) -> &OidcConfig {
        &self.config
    }

    /// Where a browser goes to sign in, for this flow.
    pub(crate) async fn address(&self, flow: &Flow) -> Result<String, OidcError> {
        let metadata = self.discovery.metadata_now(&self.config).await?;
        Ok(flow.address(&self.config, &metadata))
    }

    /// Who has come back with this code. `issuer` is who sent them, as far as they say (RFC 9207).
    pub(crate) async fn finish(
        &self,
        flow: &Flow,
        code: &str,
        issuer: Option<&str>,
        now: Timestamp,
    ) -> Result<Proven, OidcError> {
        if issuer.is_some_and(|issuer| issuer != self.config.issuer) {
            return Err(claims::ClaimFault::Issuer.into());
        }
        let metadata = self.discovery.metadata(&self.config).await?;
        let verifier = &flow.verifier;
        let given = self
            .tokens(&metadata, Grant::Code { code, verifier })
            .await?;
        let id_token = given.id_token.clone().ok_or(OidcError::Answer)?;
        let id: IdToken = self.read(&id_token).await?;
        id.check(&self.config, flow.nonce.expose(), now.as_second())?;
        let provider_session = id.provider_session();
        let claims = self.claims(&metadata, &given, &id.sub, id.rest).await?;
        Ok(Proven {
            role: self.role(&claims)?,
            names: claims::names(&claims),
            subject: id.sub,
            provider_session,
            refresh_token: given.refresh_token,
            id_token,
        })
    }

    /// Asks whether somebody is still to be signed in, and in which groups they are now.
    pub(crate) async fn renew(
        &self,
        refresh_token: &Secret,
        subject: &str,
        now: Timestamp,
    ) -> Result<Renewed, OidcError> {
        let metadata = self.discovery.metadata(&self.config).await?;
        let given = self
            .tokens(&metadata, Grant::Refresh(refresh_token))
            .await?;
        let mut said = Map::new();
        if let Some(id_token) = &given.id_token {
            let id: IdToken = self.read(id_token).await?;
            id.check_renewed(&self.config, now.as_second())?;
            if id.sub != subject {
                return Err(claims::ClaimFault::Subject.into());
            }
            said = id.rest;
        }
        let says_nothing = given.id_token.is_none() && metadata.userinfo_endpoint.is_none();
        let role = match says_nothing {
            true => None,
            false => {
                let claims = self.claims(&metadata, &given, subject, said).await?;
                Some(self.role(&claims)?)
            }
        };
        Ok(Renewed {
            role,
            refresh_token: given.refresh_token,
        })
    }

    /// Whom the provider has signed out.
    pub(crate) async fn logged_out(
        &self,
        token: &Secret,
        now: Timestamp,
    ) -> Result<LoggedOut, OidcError> {
        let kind = Unverified::read(token.expose())?.kind().map(str::to_owned);
        let read: LogoutToken = self.read(token).await?;
        Ok(read.read(&self.config, kind.as_deref(), now.as_second())?)
    }

    /// Where a browser signs out of the provider, too (OpenID Connect RP-Initiated Logout).
    pub(crate) async fn sign_out_address(&self, id_token: &Secret) -> Option<String> {
        let metadata = self.discovery.metadata(&self.config).await.ok()?;
        let endpoint = metadata.end_session_endpoint.as_ref()?;
        let query = Serializer::new(String::new())
            .append_pair("id_token_hint", id_token.expose())
            .append_pair("client_id", &self.config.client_id)
            .append_pair(
                "post_logout_redirect_uri",
                &format!("{}/", self.config.public()),
            )
            .finish();
        Some(with_query(endpoint, &query))
    }

    async fn tokens(&self, metadata: &Metadata, grant: Grant<'_>) -> Result<Tokens, OidcError> {
        tokens(self.discovery.outbound(), &self.config, metadata, grant).await
    }

    /// What a token says that one of the provider's keys has signed.
    async fn read<T: DeserializeOwned>(&self, token: &Secret) -> Result<T, OidcError> {
        let token = Unverified::read(token.expose())?;
        let name = token.key_name().map(str::to_owned);
        let keys = self.discovery.keys(&self.config, name.as_deref()).await?;
        Ok(token.verified_by_any(keys.named(name.as_deref()))?)
    }

    /// What the ID token says, and what it leaves out that has to be asked for.
    async fn claims(
        &self,
        metadata: &Metadata,
        given: &Tokens,
        subject: &str,
        mut said: Map<String, Value>,
    ) -> Result<Map<String, Value>, OidcError> {
        if said.contains_key(&self.config.groups_claim) {
            return Ok(said);
        }
        if let Some(address) = &metadata.userinfo_endpoint {
            let outbound = self.discovery.outbound();
            said.extend(user_info(outbound, address, &given.access_token, subject).await?);
        }
        Ok(said)
    }

    fn role(&self, claims: &Map<String, Value>) -> Result<AccountRole, OidcError> {
        let groups = claims::groups(claims, &self.config.groups_claim);
        self.config.role_of(&groups).ok_or(OidcError::NoRole)
    }
}
