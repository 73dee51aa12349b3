//! Whether the identity provider still wants somebody signed in.

use jiff::Timestamp;

use crate::{
    Api, ApiError, User,
    accounts::{Due, Renewed},
    oidc::{self, IdentityProvider},
};

/// The user with the role that they have now; `None` for who has to sign in again. Asks the provider if it is
/// time; one that does not answer signs nobody out.
pub(super) async fn still_admitted(
    api: &Api,
    Renewed { user, sign_in, .. }: &Renewed,
    now: Timestamp,
) -> Result<Option<User>, ApiError> {
    let Some(provider) = api.config().provider.as_deref() else {
        return Ok(Some(user.clone()));
    };
    let due = api.accounts().due_at_provider(user, sign_in, now).await;
    match due {
        Ok(Some(due)) if due.issuer == provider.config().issuer => {
            asked(api, provider, user, sign_in, &due, now).await
        }
        Ok(_) => Ok(Some(user.clone())),
        Err(error) => {
            tracing::warn!(%error, "the identity provider is not asked about a sign-in");
            Ok(Some(user.clone()))
        }
    }
}

async fn asked(
    api: &Api,
    provider: &IdentityProvider,
    user: &User,
    sign_in: &str,
    due: &Due,
    now: Timestamp,
) -> Result<Option<User>, ApiError> {
    let accounts = api.accounts();
    let told = provider.renew(&due.refresh_token, &due.subject, now).await;
    match told {
        Ok(oidc::Renewed {
            role,
            refresh_token,
        }) => {
            if let Some(next) = refresh_token {
                accounts.keep_refresh_token(user, sign_in, &next).await?;
            }
            let role = role.unwrap_or(user.role);
            if role == user.role {
                return Ok(Some(user.clone()));
            }
            tracing::info!(user = %user.name, ?role, "the identity provider has changed a role");
            Ok(Some(accounts.set_role(&user.name, role, now).await?))
        }
        Err(error) if error.ends_sign_in() => {
            tracing::info!(user = %user.name, %error, "the identity provider has ended a sign-in");
            accounts.end_sign_in(&user.name, sign_in, now).await?;
            Ok(None)
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(user = %user.name, error, "the identity provider says nothing of a sign-in");
            Ok(Some(user.clone()))
        }
    }
}
