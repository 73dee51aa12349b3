//! Signing in and out, and one's own account.

use super::{CREATED, OK};
use crate::{
    NewApiKey, Passkey, RemovalProof,
    openapi::operation::Operation,
    routes::{
        ApiKeyList, ApiKeyMade, CodeGiven, Me, NewPasskey, OwnerProof, PasskeyChallenge,
        PasskeyList, PasskeyStarted, PasswordChange, PasswordGiven, RecoveryCodes,
        SecondFactorStarted, SignIn, SignInLink, SignInList, SignInMethods, SignedOut, oidc,
    },
};

pub(super) fn all() -> Vec<Operation> {
    vec![
        Operation::post(
            "/auth/login",
            "signIn",
            "Signs a browser in: sets its cookie.",
        )
        .takes::<SignIn>()
        .gives_nothing(),
        Operation::post(
            "/auth/logout",
            "signOut",
            "Ends a browser's sign-in, and says where to end the identity provider's.",
        )
        .gives_nothing()
        .gives::<SignedOut>(OK),
        Operation::get(
            "/auth/methods",
            "listSignInMethods",
            "How people may sign in, beside links and passwords.",
        )
        .gives::<SignInMethods>(OK),
        Operation::get(
            "/auth/oidc/start",
            "startProviderSignIn",
            "Sends a browser to the identity provider.",
        )
        .query::<oidc::Start>()
        .redirects(),
        Operation::get(
            "/auth/oidc/callback",
            "finishProviderSignIn",
            "Takes a browser back from the identity provider, and signs it in.",
        )
        .query::<oidc::Callback>()
        .redirects(),
        Operation::post(
            "/auth/oidc/logged-out",
            "endProviderSignIns",
            "The identity provider says that somebody has signed out: a form with a `logout_token`.",
        )
        .takes_form()
        .gives_empty(),
        Operation::get("/auth/me", "getMe", "Who the caller is.").gives::<Me>(OK),
        Operation::put(
            "/auth/password",
            "setPassword",
            "Sets the caller's password, and signs their other browsers out.",
        )
        .takes::<PasswordChange>()
        .gives_nothing(),
        Operation::post(
            "/auth/second-factor",
            "startSecondFactor",
            "A secret for an authenticator app, which counts once it is confirmed.",
        )
        .takes::<PasswordGiven>()
        .gives::<SecondFactorStarted>(OK),
        Operation::post(
            "/auth/second-factor/confirm",
            "confirmSecondFactor",
            "From now on a code is asked for; gives the recovery codes.",
        )
        .takes::<CodeGiven>()
        .gives::<RecoveryCodes>(OK),
        Operation::post(
            "/auth/second-factor/remove",
            "removeSecondFactor",
            "No code is asked for any more.",
        )
        .takes::<RemovalProof>()
        .gives_nothing(),
        Operation::post(
            "/auth/passkeys/challenge",
            "createPasskeyChallenge",
            "What a browser asks a passkey for that signs in.",
        )
        .gives::<PasskeyChallenge>(OK),
        Operation::get("/auth/passkeys", "listPasskeys", "The caller's passkeys.")
            .gives::<PasskeyList>(OK),
        Operation::post(
            "/auth/passkeys/start",
            "startPasskey",
            "What a browser makes a new passkey for. Who has a password shows it.",
        )
        .takes::<OwnerProof>()
        .gives::<PasskeyStarted>(OK),
        Operation::post(
            "/auth/passkeys",
            "createPasskey",
            "Adds the passkey that the browser has made.",
        )
        .takes::<NewPasskey>()
        .gives::<Passkey>(CREATED),
        Operation::post(
            "/auth/passkeys/{passkey}/remove",
            "removePasskey",
            "It signs nobody in any more. Who has a password shows it.",
        )
        .takes::<OwnerProof>()
        .gives_nothing(),
        Operation::get("/auth/keys", "listKeys", "The caller's API keys.").gives::<ApiKeyList>(OK),
        Operation::post(
            "/auth/keys",
            "createKey",
            "A new API key, which is shown this once.",
        )
        .takes::<NewApiKey>()
        .gives::<ApiKeyMade>(CREATED),
        Operation::delete("/auth/keys/{key}", "deleteKey", "Withdraws an API key.").gives_nothing(),
        Operation::get(
            "/auth/sign-ins",
            "listSignIns",
            "The browsers in which the caller is signed in.",
        )
        .gives::<SignInList>(OK),
        Operation::delete(
            "/auth/sign-ins",
            "endOtherSignIns",
            "Signs all other browsers of the caller out.",
        )
        .gives_nothing(),
        Operation::delete(
            "/auth/sign-ins/{sign_in}",
            "endSignIn",
            "Signs one browser of the caller out.",
        )
        .gives_nothing(),
        Operation::post(
            "/auth/link",
            "createSignInLink",
            "A one-time address that signs the caller in.",
        )
        .gives::<SignInLink>(OK),
    ]
}
