//! The caller's passkeys, and challenges for whoever wants to sign in by one.

use axum::{
    Extension, Json as Answer,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use streamspace_protocol::Secret;

use super::credentials::judged;
use crate::{
    Api, ApiError, CredentialError, Passkey, User,
    accounts::Purpose,
    guesses::Attempt,
    json::Json,
    passkey::{MAX_BYTES, PasskeyFault, Registration, Signature, Site},
};

/// Answer of `POST auth/passkeys/challenge`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyChallenge {
    /// In base64url, like all bytes here. Good once, for five minutes.
    pub challenge: String,
    /// The host that the passkey is for.
    pub site: String,
}

/// Answer of `POST auth/passkeys/start`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyStarted {
    pub challenge: String,
    pub site: String,
    pub user: PasskeyUser,
    /// The caller's passkeys, so that no device makes a second one.
    pub known: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyUser {
    pub id: String,
    pub name: String,
}

/// Body of `POST auth/passkeys/start` and of removing one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerProof {
    /// For who has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// Body of `POST auth/passkeys`: what the browser has made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPasskey {
    /// What the caller calls it.
    #[schemars(length(min = 1, max = 80))]
    pub label: String,
    pub credential: String,
    pub client_data: String,
    pub authenticator_data: String,
    /// A SubjectPublicKeyInfo, as `getPublicKey()` gives it.
    pub public_key: String,
}

/// What signs in: the browser's answer to a challenge.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assertion {
    pub credential: String,
    pub client_data: String,
    pub authenticator_data: String,
    pub signature: String,
}

/// Answer of `GET auth/passkeys`, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyList {
    pub items: Vec<Passkey>,
}

impl Assertion {
    pub(super) fn signature(&self) -> Result<Signature, CredentialError> {
        Ok(Signature {
            credential: bytes(&self.credential)?,
            client_data: bytes(&self.client_data)?,
            authenticator_data: bytes(&self.authenticator_data)?,
            signature: bytes(&self.signature)?,
        })
    }
}

impl NewPasskey {
    fn registration(&self) -> Result<Registration, CredentialError> {
        Ok(Registration {
            credential: bytes(&self.credential)?,
            client_data: bytes(&self.client_data)?,
            authenticator_data: bytes(&self.authenticator_data)?,
            public_key: bytes(&self.public_key)?,
        })
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, CredentialError> {
    let bytes = BASE64.decode(text).ok();
    let short = bytes.filter(|bytes| bytes.len() <= MAX_BYTES);
    short.ok_or(PasskeyFault::Malformed.into())
}

/// This server, as the browser has called it.
pub(super) fn site(api: &Api, headers: &HeaderMap) -> Result<Site, ApiError> {
    Site::of(headers, api.config().scheme).ok_or(ApiError::NoPasskeysHere)
}

pub(crate) async fn challenge(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Answer<PasskeyChallenge>, ApiError> {
    let site = site(&api, &headers)?;
    let challenge = api
        .accounts()
        .challenge(Purpose::SignIn, Timestamp::now())?;
    Ok(Answer(PasskeyChallenge {
        challenge,
        site: site.host().to_owned(),
    }))
}

pub(crate) async fn start(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    headers: HeaderMap,
    Json(proof): Json<OwnerProof>,
) -> Result<Answer<PasskeyStarted>, ApiError> {
    let site = site(&api, &headers)?;
    prove(&api, &user, &proof).await?;
    let (accounts, name) = (api.accounts(), &user.name);
    let known = accounts.credentials(name).await?;
    Ok(Answer(PasskeyStarted {
        challenge: accounts.challenge(Purpose::Add(name), Timestamp::now())?,
        site: site.host().to_owned(),
        known: known.iter().map(|id| BASE64.encode(id)).collect(),
        user: PasskeyUser {
            id: BASE64.encode(accounts.passkey_user(name)),
            name: name.clone(),
        },
    }))
}

/// The challenge was given to who has shown that they are the owner.
pub(crate) async fn add(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    headers: HeaderMap,
    Json(new): Json<NewPasskey>,
) -> Result<(StatusCode, Answer<Passkey>), ApiError> {
    let site = site(&api, &headers)?;
    let (name, registration) = (&user.name, new.registration()?);
    let accounts = api.accounts();
    let added = accounts
        .add_passkey(name, &new.label, &registration, &site, Timestamp::now())
        .await?;
    tracing::info!(user = %name, "a user has a new passkey");
    Ok((StatusCode::CREATED, Answer(added)))
}

pub(crate) async fn list(
    State(api): State<Api>,
    Extension(user): Extension<User>,
) -> Result<Answer<PasskeyList>, ApiError> {
    let items = api.accounts().passkeys(&user.name).await?;
    Ok(Answer(PasskeyList { items }))
}

pub(crate) async fn remove(
    State(api): State<Api>,
    Extension(user): Extension<User>,
    passkey: Result<Path<String>, PathRejection>,
    Json(proof): Json<OwnerProof>,
) -> Result<StatusCode, ApiError> {
    let Path(passkey) = passkey.map_err(|_| ApiError::NoSuchPasskey)?;
    prove(&api, &user, &proof).await?;
    match api.accounts().remove_passkey(&user.name, &passkey).await? {
        true => {
            tracing::info!(user = %user.name, "a user's passkey is removed");
            Ok(StatusCode::NO_CONTENT)
        }
        false => Err(ApiError::NoSuchPasskey),
    }
}

async fn prove(api: &Api, user: &User, proof: &OwnerProof) -> Result<(), ApiError> {
    let name = &user.name;
    let proving = api.accounts().prove_owner(name, proof.password.as_ref());
    judged(api, Attempt::Owner { name }, proving).await
}
