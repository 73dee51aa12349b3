//! Looking at passwords and codes, without letting anybody try too many.

use std::time::Instant;

use crate::{
    Api, ApiError, CredentialError,
    guesses::{Attempt, Verdict},
};

/// What `looking` finds, if there is a try left; what it finds says whether it costs one.
pub(super) async fn judged<T>(
    api: &Api,
    attempt: Attempt<'_>,
    looking: impl Future<Output = Result<T, CredentialError>>,
) -> Result<T, ApiError> {
    let begun = api.lockout().begin(attempt, Instant::now());
    begun.map_err(|wait| ApiError::TooManyTries { wait })?;
    let outcome = looking.await;
    api.lockout().settle(attempt, verdict(&outcome));
    if verdict(&outcome) == Verdict::Wrong {
        note(attempt);
    }
    Ok(outcome?)
}

/// The name stays out of the log: some type their password there.
fn note(attempt: Attempt<'_>) {
    match attempt {
        Attempt::SignIn { from, .. } => tracing::info!(?from, "a wrong password or code"),
        Attempt::Owner { name } => tracing::info!(user = name, "a wrong password or code"),
    }
}

fn verdict<T>(outcome: &Result<T, CredentialError>) -> Verdict {
    match outcome {
        Ok(_) => Verdict::Right,
        Err(CredentialError::Wrong | CredentialError::CodeWrong) => Verdict::Wrong,
        Err(
            CredentialError::CodeNeeded
            | CredentialError::PasskeyNeeded
            // Nobody guesses a signature.
            | CredentialError::Passkey(_)
            | CredentialError::Label
            | CredentialError::TooManyPasskeys
            | CredentialError::Length
            | CredentialError::SecondFactorExists
            | CredentialError::NothingToConfirm
            | CredentialError::Busy
            | CredentialError::Accounts(_),
        ) => Verdict::Open,
    }
}
