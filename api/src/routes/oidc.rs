//! Signing in by the identity provider, and signing out with it.
//!
//! People come here with their browser, not with the app: whatever happens, they end on a page of the app, which
//! says what went wrong.

use axum::{
    Json as Answer,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use crate::{
    Api, ApiError, NewUsers, OidcError, User, UserError,
    accounts::{AtProvider, Identity, random_secret},
    audit::Actor,
    identity,
    oidc::{FLOW_LIFETIME, Flow, IdentityProvider, LoggedOut, Proven, Refusal},
};

/// No user's name has a space in it.
const SEALED_FOR: &str = "sign-in flow";
/// Our own ones are shorter.
const MAX_FLOW_BYTES: usize = 2048;

/// Answer of `GET auth/methods`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignInMethods {
    /// The identity provider, if there is one to sign in by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderMethod>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProviderMethod {
    /// What people call it.
    pub label: String,
    /// Where a browser goes to sign in by it.
    pub path: String,
}

/// What a browser brings that wants to sign in.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Start {
    /// The page to go on with.
    #[serde(default)]
    page: String,
}

/// What the provider sends back with a browser.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Callback {
    #[serde(default)]
    state: String,
    code: Option<Secret>,
    /// Why there is no code.
    error: Option<String>,
    /// Who sends it (RFC 9207).
    iss: Option<String>,
}

pub(crate) async fn methods(State(api): State<Api>) -> Answer<SignInMethods> {
    let provider = api.config().provider.as_ref();
    let provider = provider.map(|provider| ProviderMethod {
        label: provider.config().label.clone(),
        path: "/api/v1/auth/oidc/start".to_owned(),
    });
    Answer(SignInMethods { provider })
}

/// Sends a browser to the provider.
pub(crate) async fn start(
    State(api): State<Api>,
    Query(Start { page }): Query<Start>,
) -> Result<Response, ApiError> {
    let provider = provider(&api)?;
    let flow = Flow::new(&page, Timestamp::now(), random_secret)?;
    match provider.address(&flow).await {
        Ok(address) => {
            let flow = serde_json::to_vec(&flow).expect("a flow is JSON");
            let sealed = api.accounts().seal(SEALED_FOR, &flow)?;
            let cookie = flow_cookie(&api, sealed.expose(), FLOW_LIFETIME.as_secs());
            Ok(see_other(&address, [cookie]))
        }
        Err(error) => Ok(failed(&api, error.into())),
    }
}

/// Takes a browser back from the provider, and signs it in.
pub(crate) async fn callback(
    State(api): State<Api>,
    Query(callback): Query<Callback>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let provider = provider(&api)?;
    match signed_in(&api, provider, callback, &headers).await {
        Ok((user, cookie, page)) => {
            tracing::info!(user = %user.name, "signed in by the identity provider");
            let cookie = identity::set_cookie(api.config(), &cookie);
            let mut response = see_other(&page, [cookie, flow_cookie(&api, "", 0)]);
            response.extensions_mut().insert(Actor(user.name));
            Ok(response)
        }
        Err(error) => Ok(failed(&api, error)),
    }
}

/// Who it is, their new cookie, and the page to go on with.
async fn signed_in(
    api: &Api,
    provider: &IdentityProvider,
    callback: Callback,
    headers: &HeaderMap,
) -> Result<(User, Secret, String), ApiError> {
    let now = Timestamp::now();
    let sealed = identity::cookie(headers, &flow_cookie_name(api), MAX_FLOW_BYTES);
    let flow = sealed.and_then(|sealed| api.accounts().unseal(SEALED_FOR, &sealed));
    let flow: Option<Flow> = flow.and_then(|flow| serde_json::from_slice(&flow).ok());
    let flow = flow.ok_or(OidcError::Stale)?;
    flow.check(&callback.state, now)?;
    if let Some(error) = &callback.error {
        return Err(OidcError::Refused(Refusal::new(error)).into());
    }
    let code = callback.code.ok_or(OidcError::Stale)?;
    let issuer = callback.iss.as_deref();
    let proven = provider.finish(&flow, code.expose(), issuer, now).await?;
    let (user, cookie) = begin(api, provider, proven, headers, now).await?;
    Ok((user, cookie, flow.page))
}

/// Begins a sign-in here for somebody whom the provider vouches for.
async fn begin(
    api: &Api,
    provider: &IdentityProvider,
    proven: Proven,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(User, Secret), ApiError> {
    let (accounts, config) = (api.accounts(), provider.config());
    let identity = Identity {
        issuer: &config.issuer,
        subject: &proven.subject,
    };
    let user = match (accounts.identified(identity).await?, config.new_users) {
        (Some(user), _) if user.role == proven.role => user,
        (Some(user), _) => accounts.set_role(&user.name, proven.role, now).await?,
        (None, NewUsers::Made) => {
            let names = &proven.names;
            accounts
                .add_identified(identity, names, proven.role, now)
                .await?
        }
        (None, NewUsers::Refused) => return Err(OidcError::NoAccount.into()),
    };
    let browser = identity::browser(headers);
    let cookie = accounts.sign_in_identified(&user, &browser, now).await?;
    let cookie = cookie.ok_or(UserError::Unknown)?;
    let given = AtProvider {
        session: proven.provider_session,
        id_token: proven.id_token,
        refresh_token: proven.refresh_token,
    };
    accounts
        .note_provider(&cookie, &user, identity, &given, now)
        .await?;
    Ok((user, cookie))
}

/// The provider says that somebody has signed out (OpenID Connect Back-Channel Logout).
pub(crate) async fn logged_out(
    State(api): State<Api>,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let provider = provider(&api)?;
    let token = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "logout_token")
        .map(|(_, value)| Secret::new(value));
    let token = token.ok_or(ApiError::LogoutToken)?;
    let now = Timestamp::now();
    let told = provider.logged_out(&token, now).await.map_err(|error| {
        tracing::warn!(%error, "a logout token is refused");
        ApiError::LogoutToken
    })?;
    let LoggedOut {
        subject,
        provider_session,
        until_unix_ms,
    } = told;
    let issuer = &provider.config().issuer;
    let (subject, session) = (subject.as_deref(), provider_session.as_deref());
    let accounts = api.accounts();
    let ended = accounts
        .end_at_provider(issuer, subject, session, until_unix_ms, now)
        .await?;
    for user in ended {
        tracing::info!(user, "signed out by the identity provider");
    }
    Ok(StatusCode::OK)
}

fn provider(api: &Api) -> Result<&IdentityProvider, ApiError> {
    let provider = api.config().provider.as_deref();
    Ok(provider.ok_or(OidcError::NotConfigured)?)
}

fn failed(api: &Api, error: ApiError) -> Response {
    let code = error.code();
    tracing::warn!(
        error = &error as &dyn std::error::Error,
        "nobody is signed in by the identity provider"
    );
    let page = format!("/#signin-problem={code}");
    let mut response = see_other(&page, [flow_cookie(api, "", 0)]);
    response.extensions_mut().insert(code);
    response
}

fn see_other<const N: usize>(address: &str, cookies: [String; N]) -> Response {
    let cookies = cookies.map(|cookie| (header::SET_COOKIE, cookie));
    let location = [(header::LOCATION, address.to_owned())];
    (StatusCode::SEE_OTHER, location, AppendHeaders(cookies)).into_response()
}

fn flow_cookie_name(api: &Api) -> String {
    format!("streamspace_flow_{}", api.config().listen.port())
}

/// `Lax`: the browser comes back by a link of another site.
fn flow_cookie(api: &Api, value: &str, max_age_s: u64) -> String {
    let (name, secure) = (flow_cookie_name(api), identity::secure(api.config()));
    format!(
        "{name}={value}; Path=/api/v1/auth/oidc; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}"
    )
}
