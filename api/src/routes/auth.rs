use axum::{
    Extension, Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::{
    credentials::judged,
    passkeys::{self, Assertion},
    settings,
};
use crate::{
    AccountRole, Api, ApiError, PasswordSignIn, User,
    audit::Actor,
    guesses::{Attempt, PeerAddress},
    identity::{self, Credential},
    json::Json,
};

/// Body of `POST auth/login`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SignIn {
    Token(TokenSignIn),
    Passkey(PasskeySignIn),
    Password(PasswordSignIn),
    Both(PasswordAndPasskey),
}

/// What somebody signs in with who has a passkey: nothing else.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeySignIn {
    pub passkey: Assertion,
}

/// A password, with a passkey as the second factor.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAndPasskey {
    pub name: String,
    pub password: Secret,
    pub passkey: Assertion,
}

/// What somebody signs in with who has a link.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSignIn {
    /// A one-time sign-in token.
    pub token: Secret,
}

/// Answer of `GET auth/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    pub user: String,
    pub role: AccountRole,
    pub has_password: bool,
    pub has_second_factor: bool,
    pub recovery_codes_left: u32,
    /// A line that an admin has for everybody; often empty.
    pub announcement: String,
}

/// Answer of `POST auth/logout`, for who has signed in by the identity provider.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SignedOut {
    /// Where a browser signs out of the identity provider as well.
    pub address: Secret,
}

/// Answer of `POST auth/link`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SignInLink {
    /// Good once, for ten minutes.
    pub token: Secret,
    /// Path of a page that signs in with the token. It is in the fragment, which browsers keep to
    /// themselves: no server, proxy or log sees it.
    pub path: Secret,
}

impl SignInLink {
    /// The link that `token` makes.
    pub fn new(token: Secret) -> Self {
        let path = Secret::new(format!("/#signin={}", token.expose()));
        Self { token, path }
    }
}

/// Links and passkeys are not locked out: nobody guesses them.
pub(crate) async fn login(
    State(api): State<Api>,
    from: Option<Extension<PeerAddress>>,
    headers: HeaderMap,
    Json(sign_in): Json<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let (now, browser) = (Timestamp::now(), identity::browser(&headers));
    let from = from.map_or(PeerAddress::NONE, |Extension(from)| from);
    let cookie = match sign_in {
        SignIn::Token(TokenSignIn { token }) => {
            api.accounts().sign_in(&token, &browser, now).await?
        }
        SignIn::Passkey(PasskeySignIn { passkey }) => {
            let (shown, site) = (passkey.signature()?, passkeys::site(&api, &headers)?);
            let accounts = api.accounts();
            accounts
                .sign_in_by_passkey(&shown, &site, &browser, now)
                .await?
        }
        SignIn::Both(both) => {
            settings::let_passwords(&api).await?;
            let (shown, site) = (both.passkey.signature()?, passkeys::site(&api, &headers)?);
            let (name, password) = (&both.name, &both.password);
            let passkey = (&shown, &site);
            let signing_in = api
                .accounts()
                .sign_in_by_both(name, password, passkey, &browser, now);
            judged(&api, Attempt::SignIn { name, from }, signing_in).await?
        }
        SignIn::Password(shown) => {
            settings::let_passwords(&api).await?;
            let name = &shown.name;
            let signing_in = api.accounts().sign_in_by_password(&shown, &browser, now);
            judged(&api, Attempt::SignIn { name, from }, signing_in).await?
        }
    };
    let user = api.accounts().signed_in(&cookie, now).await?;
    let actor = user.map(|user| Extension(Actor(user.name)));
    let set_cookie = identity::set_cookie(api.config(), &cookie);
    Ok((StatusCode::NO_CONTENT, actor, [(SET_COOKIE, set_cookie)]))
}

pub(crate) async fn logout(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut at_provider = None;
    if let Some(cookie) = Credential::cookie_of(&headers, api.config().listen) {
        at_provider = sign_out_address(&api, &cookie).await?;
        api.accounts().sign_out(&cookie, Timestamp::now()).await?;
    }
    let cleared = identity::clear_cookies(api.config());
    Ok(match at_provider {
        Some(address) => (cleared, Answer(SignedOut { address })).into_response(),
        None => (StatusCode::NO_CONTENT, cleared).into_response(),
    })
}

/// Where somebody signs out of the identity provider who has signed in by it.
async fn sign_out_address(api: &Api, cookie: &Secret) -> Result<Option<Secret>, ApiError> {
    let Some(provider) = &api.config().provider else {
        return Ok(None);
    };
    let id_token = api.accounts().id_token_of(cookie, Timestamp::now()).await?;
    match id_token {
        Some(id_token) => Ok(provider.sign_out_address(&id_token).await.map(Secret::new)),
        None => Ok(None),
    }
}

pub(crate) async fn me(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<Answer<Me>, ApiError> {
    let (accounts, name) = (api.accounts(), &user.name);
    Ok(Answer(Me {
        has_password: accounts.has_password(name).await?,
        has_second_factor: accounts.has_second_factor(name).await?,
        recovery_codes_left: accounts.recovery_codes_left(name).await?,
        announcement: accounts.settings().await?.settings.announcement,
        user: user.name,
        role: user.role,
    }))
}

pub(crate) async fn link(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<Answer<SignInLink>, ApiError> {
    let accounts = api.accounts();
    let token = accounts
        .create_sign_in_token(&user.name, Timestamp::now())
        .await?;
    Ok(Answer(SignInLink::new(token)))
}
