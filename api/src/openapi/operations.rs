//! Every route there is.

use axum::http::StatusCode;
use streamspace_protocol::{Join, JoinRequest, NewShare, ShareList, ShareMade};
use streamspace_resources::{
    Batch, BatchAnswer, Catalog, ConnectRequest, NewSession, Session, SessionChange, SessionList,
    SessionStats,
};

use super::operation::Operation;
use crate::{
    NewApiKey, RemovalProof, User,
    audit::AuditFilter,
    routes::{
        ApiKeyList, ApiKeyMade, AuditList, CodeGiven, Me, NewUser, PasswordChange, PasswordGiven,
        RecoveryCodes, SecondFactorStarted, SessionFilter, SignIn, SignInLink, SignInList,
        UserChange, UserList, Version, files,
    },
};

const OK: StatusCode = StatusCode::OK;
const CREATED: StatusCode = StatusCode::CREATED;

pub(super) fn all() -> Vec<Operation> {
    [server(), sign_in(), sessions(), shares(), files(), users()]
        .into_iter()
        .flatten()
        .collect()
}

fn server() -> Vec<Operation> {
    vec![
        Operation::get(
            "/health",
            "getHealth",
            "Whether the server can do its work.",
        )
        .gives_nothing(),
        Operation::get("/version", "getVersion", "Which version answers.").gives::<Version>(OK),
        Operation::get(
            "/openapi.json",
            "getDescription",
            "This description, for programs.",
        )
        .gives_plain(OK, "application/json"),
        Operation::get("/metrics", "getMetrics", "Numbers for Prometheus.")
            .gives_plain(OK, "application/openmetrics-text"),
        Operation::get(
            "/audit",
            "listEvents",
            "Every change, access and refusal, oldest first.",
        )
        .query::<AuditFilter>()
        .gives::<AuditList>(OK),
        Operation::get("/docs", "getDocumentation", "This description, to read.")
            .gives_plain(OK, "text/html"),
    ]
}

fn sign_in() -> Vec<Operation> {
    vec![
        Operation::post(
            "/auth/login",
            "signIn",
            "Signs a browser in: sets its cookie.",
        )
        .takes::<SignIn>()
        .gives_nothing(),
        Operation::post("/auth/logout", "signOut", "Ends a browser's sign-in.").gives_nothing(),
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

fn sessions() -> Vec<Operation> {
    vec![
        Operation::get("/templates", "listTemplates", "What can be started.").gives::<Catalog>(OK),
        Operation::get(
            "/sessions",
            "listSessions",
            "Those that the caller may see and that have not ended, and those that failed, oldest first.",
        )
        .query::<SessionFilter>()
        .gives::<SessionList>(OK),
        Operation::post("/sessions", "createSession", "Starts a session; it is `Pending` at first.")
            .once()
            .takes::<NewSession>()
            .gives::<Session>(CREATED)
            .with_etag(),
        Operation::post("/sessions/batch", "changeSessions", "Does one thing to many sessions.")
            .takes::<Batch>()
            .gives::<BatchAnswer>(OK),
        Operation::get(
            "/sessions/events",
            "watchSessions",
            "Server-sent events: `session` for each session there is and each change (its data a `Session`), \
             `listed` once all have come, `gone` with a session's name when it is to be seen no longer.",
        )
        .gives_plain(OK, "text/event-stream"),
        Operation::get("/sessions/{id}", "getSession", "One session.")
            .gives::<Session>(OK)
            .with_etag(),
        Operation::patch(
            "/sessions/{id}",
            "changeSession",
            "Changes its tags, whose it is, or whether it runs.",
        )
        .with_if_match()
        .takes::<SessionChange>()
        .gives::<Session>(OK),
        Operation::delete("/sessions/{id}", "endSession", "Ends a session; nothing of it is left.")
            .gives_nothing(),
        Operation::put(
            "/sessions/{id}/hibernate",
            "hibernateSession",
            "Ends its programs and keeps its home.",
        )
        .with_if_match()
        .gives::<Session>(OK),
        Operation::put("/sessions/{id}/wake", "wakeSession", "Starts a hibernated session again.")
            .with_if_match()
            .gives::<Session>(OK),
        Operation::get(
            "/sessions/{id}/stats",
            "getSessionStats",
            "Where the time of the viewers' frames goes.",
        )
        .gives::<SessionStats>(OK),
        Operation::post(
            "/sessions/{id}/connect",
            "connectSession",
            "A token for one WebSocket to the session. One that hibernates has to be woken first: a browser that \
             connects again by itself must not keep it awake.",
        )
        .may_take::<ConnectRequest>()
        .gives::<Join>(OK),
    ]
}

fn shares() -> Vec<Operation> {
    vec![
        Operation::post(
            "/sessions/{id}/join",
            "joinSession",
            "The same for a guest, who has a share link.",
        )
        .takes::<JoinRequest>()
        .gives::<Join>(OK),
        Operation::get(
            "/sessions/{id}/shares",
            "listShares",
            "The session's share links.",
        )
        .gives::<ShareList>(OK),
        Operation::post(
            "/sessions/{id}/shares",
            "createShare",
            "A link for people without an account.",
        )
        .takes::<NewShare>()
        .gives::<ShareMade>(CREATED),
        Operation::delete(
            "/sessions/{id}/shares/{share}",
            "deleteShare",
            "Withdraws a link; its guests have to leave.",
        )
        .gives_nothing(),
    ]
}

fn files() -> Vec<Operation> {
    const OCTETS: &str = "application/octet-stream";
    let folder = |path, id| {
        Operation::get(path, id, "What is in the session's home.")
            .query::<files::About>()
            .gives_plain(OK, "application/json")
            .gives_plain(StatusCode::PARTIAL_CONTENT, OCTETS)
    };
    let file = "/sessions/{id}/files/{*path}";
    vec![
        folder("/sessions/{id}/files", "listHome"),
        folder("/sessions/{id}/files/", "listHomeFolder"),
        Operation::get(
            file,
            "readFile",
            "A file's bytes (with ranges), what is in a folder, a folder as an archive, or how much of an \
             upload has arrived.",
        )
        .query::<files::About>()
        .gives_plain(OK, OCTETS)
        .gives_plain(StatusCode::PARTIAL_CONTENT, OCTETS),
        Operation::put(file, "writeFile", "Takes in a file, or the next part of one.")
            .query::<files::About>()
            .takes_bytes()
            .gives_plain(OK, "application/json")
            .gives_plain(CREATED, "application/json")
            .gives_nothing(),
        Operation::delete(file, "discardUpload", "Gives an upload up.")
            .query::<files::Upload>()
            .gives_nothing(),
    ]
}

fn users() -> Vec<Operation> {
    vec![
        Operation::get("/users", "listUsers", "Everyone who has an account.").gives::<UserList>(OK),
        Operation::post("/users", "createUser", "Adds somebody.")
            .takes::<NewUser>()
            .gives::<User>(CREATED),
        Operation::patch(
            "/users/{name}",
            "changeUser",
            "Gives somebody another role.",
        )
        .takes::<UserChange>()
        .gives::<User>(OK),
        Operation::delete(
            "/users/{name}",
            "deleteUser",
            "Removes somebody who has no sessions.",
        )
        .gives_nothing(),
        Operation::delete(
            "/users/{name}/password",
            "deletePassword",
            "Takes somebody's password and second factor away, and signs them out.",
        )
        .gives_nothing(),
        Operation::post(
            "/users/{name}/link",
            "createUserLink",
            "A one-time address that signs this user in.",
        )
        .gives::<SignInLink>(OK),
    ]
}
