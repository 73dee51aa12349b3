//! Every route there is.

mod sign_in;

use axum::http::StatusCode;
use serde_json::{Map, Value};
use streamspace_protocol::{Join, JoinRequest, NewShare, ShareList, ShareMade};
use streamspace_resources::{
    Batch, BatchAnswer, Catalog, ConnectRequest, NewSession, Quota, Session, SessionChange,
    SessionList, SessionStats, Template, TemplateSpec,
};

use super::operation::Operation;
use crate::{
    Group, Settings, User,
    audit::AuditFilter,
    routes::{
        AuditList, GroupChange, GroupList, LogDirectives, NewGroup, NewTemplate, NewUser,
        SessionFilter, SignInLink, TemplateFilter, TemplateHistory, Usage, UserChange, UserList,
        UserQuota, Version, files,
    },
};

const OK: StatusCode = StatusCode::OK;
const CREATED: StatusCode = StatusCode::CREATED;

pub(super) fn all() -> Vec<Operation> {
    [
        server(),
        sign_in::all(),
        own(),
        templates(),
        groups(),
        system(),
        sessions(),
        shares(),
        files(),
        users(),
    ]
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
        Operation::get(
            "/health/live",
            "getLiveness",
            "Whether the server answers at all.",
        )
        .gives_nothing(),
        Operation::get(
            "/health/ready",
            "getReadiness",
            "Whether new work is welcome: not once the server is about to end.",
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
        Operation::get(
            "/system/log-filter",
            "getLogFilter",
            "What the server logs.",
        )
        .gives::<LogDirectives>(OK),
        Operation::put(
            "/system/log-filter",
            "setLogFilter",
            "Makes the server log something else.",
        )
        .takes::<LogDirectives>()
        .gives::<LogDirectives>(OK),
        Operation::get("/docs", "getDocumentation", "This description, to read.")
            .gives_plain(OK, "text/html"),
    ]
}

fn sessions() -> Vec<Operation> {
    vec![
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
        Operation::post(
            "/sessions/{id}/heartbeat",
            "keepSession",
            "Says that somebody is there, which counts as activity: a session that runs does not hibernate for \
             `idleTimeout`. What viewers do counts by itself.",
        )
        .gives_nothing(),
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
        Operation::post(
            "/sessions/{id}/whep",
            "playSession",
            "Lets a standard player watch (draft-ietf-wish-whep): an offer of WebRTC with all candidates for an answer. \
             `Location` is where `DELETE` ends it.",
        )
        .takes_plain("application/sdp")
        .gives_plain(CREATED, "application/sdp")
        .with_etag(),
        Operation::post(
            "/sessions/{id}/whep/join",
            "playSessionByToken",
            "The same for whoever shows the token of a `Join` as a bearer token.",
        )
        .takes_plain("application/sdp")
        .gives_plain(CREATED, "application/sdp")
        .with_etag(),
        Operation::delete(
            "/sessions/{id}/whep/{player}",
            "stopPlaying",
            "Ends what a player watches.",
        )
        .gives_nothing(),
    ]
}

fn own() -> Vec<Operation> {
    vec![
        Operation::get("/auth/usage", "getUsage", "What the caller has and uses.")
            .gives::<Usage>(OK),
        Operation::get(
            "/auth/preferences",
            "getPreferences",
            "What the caller's pages keep for them.",
        )
        .gives::<Map<String, Value>>(OK)
        .with_etag(),
        Operation::put(
            "/auth/preferences",
            "setPreferences",
            "Keeps this for the caller, 16 KiB at most.",
        )
        .with_if_match()
        .takes::<Map<String, Value>>()
        .gives::<Map<String, Value>>(OK),
    ]
}

fn groups() -> Vec<Operation> {
    let member = "/groups/{name}/members/{user}";
    vec![
        Operation::get("/groups", "listGroups", "All groups.").gives::<GroupList>(OK),
        Operation::post("/groups", "createGroup", "Adds a group.")
            .takes::<NewGroup>()
            .gives::<Group>(CREATED),
        Operation::get("/groups/{name}", "getGroup", "One group.").gives::<Group>(OK),
        Operation::patch(
            "/groups/{name}",
            "changeGroup",
            "Gives its members another quota.",
        )
        .takes::<GroupChange>()
        .gives::<Group>(OK),
        Operation::delete("/groups/{name}", "deleteGroup", "Its members stay users.")
            .gives_nothing(),
        Operation::put(member, "addMember", "Puts somebody into a group.").gives_nothing(),
        Operation::delete(member, "removeMember", "Takes somebody out of a group.").gives_nothing(),
        Operation::get(
            "/users/{name}/quota",
            "getQuota",
            "How much somebody may have.",
        )
        .gives::<UserQuota>(OK),
        Operation::put(
            "/users/{name}/quota",
            "setQuota",
            "Gives somebody a quota of their own.",
        )
        .takes::<Quota>()
        .gives::<UserQuota>(OK),
        Operation::get(
            "/users/{name}/usage",
            "getUserUsage",
            "What somebody has and uses.",
        )
        .gives::<Usage>(OK),
    ]
}

fn system() -> Vec<Operation> {
    vec![
        Operation::get(
            "/system/settings",
            "getSettings",
            "What holds for everybody.",
        )
        .gives::<Settings>(OK)
        .with_etag(),
        Operation::put(
            "/system/settings",
            "setSettings",
            "Settles what holds for everybody.",
        )
        .with_if_match()
        .takes::<Settings>()
        .gives::<Settings>(OK),
    ]
}

fn templates() -> Vec<Operation> {
    vec![
        Operation::get("/templates", "listTemplates", "What can be started.")
            .query::<TemplateFilter>()
            .gives::<Catalog>(OK),
        Operation::post("/templates", "createTemplate", "Adds a template.")
            .takes::<NewTemplate>()
            .gives::<Template>(CREATED)
            .with_etag(),
        Operation::get("/templates/{id}", "getTemplate", "One template.")
            .gives::<Template>(OK)
            .with_etag(),
        Operation::put(
            "/templates/{id}",
            "changeTemplate",
            "Saves a template's next version. Sessions that run keep what they began with.",
        )
        .with_if_match()
        .takes::<TemplateSpec>()
        .gives::<Template>(OK),
        Operation::delete(
            "/templates/{id}",
            "deleteTemplate",
            "Takes a template out of the catalog; its versions stay.",
        )
        .with_if_match()
        .gives_nothing(),
        Operation::get(
            "/templates/{id}/versions",
            "listTemplateVersions",
            "When it was saved and by whom, the newest first.",
        )
        .gives::<TemplateHistory>(OK),
        Operation::get(
            "/templates/{id}/versions/{version}",
            "getTemplateVersion",
            "What it was then; saved again, it is so again.",
        )
        .gives::<Template>(OK),
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
            .gives::<User>(CREATED)
            .with_etag(),
        Operation::get("/users/{name}", "getUser", "One user.")
            .gives::<User>(OK)
            .with_etag(),
        Operation::patch(
            "/users/{name}",
            "changeUser",
            "Gives somebody another role.",
        )
        .with_if_match()
        .takes::<UserChange>()
        .gives::<User>(OK),
        Operation::delete(
            "/users/{name}",
            "deleteUser",
            "Removes somebody who has no sessions.",
        )
        .with_if_match()
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
