//! The API, as the client commands use it.

use std::{path::Path, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use streamspace_api::{
    ApiKeyList, ApiKeyMade, LogDirectives, NewApiKey, NewUser, SignInLink, User, UserChange,
    UserList,
};
use streamspace_protocol::{Code, NewShare, Problem, Secret, ShareMade};
use streamspace_resources::{DesiredState, NewSession, Session, SessionChange, SessionList};
use ureq::{
    Agent, Body,
    http::{Response, header::AUTHORIZATION},
    unversioned::{
        resolver::DefaultResolver,
        transport::{Connector, TcpConnector},
    },
};

use crate::{
    args::DataArgs, failure::Failure, paths, pinned::PinnedConnector, server_file::ServerFile,
};

/// Longer than the server takes to end a session.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client of one server. Its calls block.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: Agent,
    origin: String,
    authorization: Secret,
}

impl Client {
    /// The client of the server that the command line means.
    pub(crate) fn of(data: &DataArgs) -> Result<Self, Failure> {
        Self::find(&paths::data_folder(data)?)
    }

    /// The client of the server that uses this data folder.
    pub(crate) fn find(data: &Path) -> Result<Self, Failure> {
        let missing = || {
            let data = data.display();
            let message = format!("no server runs on {data}; start one with `streamspace up`");
            Failure::new(Code::NotFound, message)
        };
        let client = Self::new(ServerFile::read(data)?.ok_or_else(missing)?)?;
        // A server that was killed leaves its file behind.
        client.answers().then_some(client).ok_or_else(missing)
    }

    fn new(server: ServerFile) -> Result<Self, Failure> {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        let agent = match &server.certificate {
            None => config.into(),
            Some(file) => {
                let connector = TcpConnector::default().chain(PinnedConnector::to(file)?);
                Agent::with_parts(config, connector, DefaultResolver::default())
            }
        };
        let authorization = Secret::new(format!("Bearer {}", server.api_key.expose()));
        Ok(Self {
            agent,
            origin: server.origin,
            authorization,
        })
    }

    /// Whether the server is there and knows this user.
    fn answers(&self) -> bool {
        self.get::<serde_json::Value>("/auth/me").is_ok()
    }

    pub(crate) fn create(&self, request: &NewSession) -> Result<Session, Failure> {
        self.post("/sessions", request)
    }

    pub(crate) fn sessions(&self) -> Result<SessionList, Failure> {
        self.get("/sessions")
    }

    pub(crate) fn session(&self, name: &str) -> Result<Session, Failure> {
        self.get(&format!("/sessions/{}", checked(name)?))
    }

    pub(crate) fn end(&self, name: &str) -> Result<(), Failure> {
        self.delete(&format!("/sessions/{}", checked(name)?))
    }

    /// Returns when it is so: of one that hibernates, when its programs have ended.
    pub(crate) fn set_state(&self, name: &str, state: DesiredState) -> Result<(), Failure> {
        let change = SessionChange {
            state: Some(state),
            ..SessionChange::default()
        };
        let request = self
            .agent
            .patch(self.address(&format!("/sessions/{}", checked(name)?)))
            .header(AUTHORIZATION, self.authorization.expose());
        accepted(request.send_json(change)).map(|_| ())
    }

    /// A new address that signs in, once, and opens the page at `path`.
    pub(crate) fn link(&self, path: &str) -> Result<Secret, Failure> {
        let link: SignInLink = self.post("/auth/link", &serde_json::json!({}))?;
        Ok(Secret::new(format!(
            "{}{path}#signin={}",
            self.origin,
            link.token.expose()
        )))
    }

    pub(crate) fn users(&self) -> Result<UserList, Failure> {
        self.get("/users")
    }

    pub(crate) fn add_user(&self, new: &NewUser) -> Result<User, Failure> {
        self.post("/users", new)
    }

    pub(crate) fn change_user(&self, name: &str, change: &UserChange) -> Result<(), Failure> {
        let request = self
            .agent
            .patch(self.address(&user_path(name)?))
            .header(AUTHORIZATION, self.authorization.expose());
        accepted(request.send_json(change)).map(|_| ())
    }

    pub(crate) fn remove_user(&self, name: &str) -> Result<(), Failure> {
        self.delete(&user_path(name)?)
    }

    pub(crate) fn remove_password(&self, name: &str) -> Result<(), Failure> {
        self.delete(&format!("{}/password", user_path(name)?))
    }

    pub(crate) fn keys(&self) -> Result<ApiKeyList, Failure> {
        self.get("/auth/keys")
    }

    pub(crate) fn add_key(&self, new: &NewApiKey) -> Result<ApiKeyMade, Failure> {
        self.post("/auth/keys", new)
    }

    /// `id` is as the server has told it.
    pub(crate) fn remove_key(&self, id: &str) -> Result<(), Failure> {
        self.delete(&format!("/auth/keys/{id}"))
    }

    pub(crate) fn log_filter(&self) -> Result<LogDirectives, Failure> {
        self.get("/system/log-filter")
    }

    pub(crate) fn set_log_filter(&self, new: &LogDirectives) -> Result<LogDirectives, Failure> {
        let request = self
            .agent
            .put(self.address("/system/log-filter"))
            .header(AUTHORIZATION, self.authorization.expose());
        read(accepted(request.send_json(new))?)
    }

    /// A new address that signs this user in, once.
    pub(crate) fn link_of(&self, name: &str) -> Result<Secret, Failure> {
        let path = format!("{}/link", user_path(name)?);
        let link: SignInLink = self.post(&path, &serde_json::json!({}))?;
        Ok(self.page(&link.path))
    }

    /// A new link into a session for people without an account.
    pub(crate) fn share(&self, name: &str, new: &NewShare) -> Result<ShareMade, Failure> {
        self.post(&format!("/sessions/{}/shares", checked(name)?), new)
    }

    /// The address of a page of the server.
    pub(crate) fn page(&self, path: &Secret) -> Secret {
        Secret::new(format!("{}{}", self.origin, path.expose()))
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.origin)
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let request = self
            .agent
            .get(self.address(path))
            .header(AUTHORIZATION, self.authorization.expose());
        read(accepted(request.call())?)
    }

    fn delete(&self, path: &str) -> Result<(), Failure> {
        let request = self
            .agent
            .delete(self.address(path))
            .header(AUTHORIZATION, self.authorization.expose());
        accepted(request.call()).map(|_| ())
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let request = self
            .agent
            .post(self.address(path))
            .header(AUTHORIZATION, self.authorization.expose());
        read(accepted(request.send_json(body))?)
    }
}

/// The address of a user, whose name has nothing in it that an address would have to encode.
fn user_path(name: &str) -> Result<String, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) || name.starts_with('.') {
        let message = format!("{name:?} is not a user's name; see `streamspace user list`");
        return Err(Failure::new(Code::RequestInvalid, message));
    }
    Ok(format!("/users/{name}"))
}

/// A name that can stand in an address as it is.
fn checked(name: &str) -> Result<&str, Failure> {
    let valid = name.parse::<streamspace_protocol::SessionId>().is_ok();
    let message = || format!("{name:?} is not a session's name; see `streamspace session list`");
    valid
        .then_some(name)
        .ok_or_else(|| Failure::new(Code::RequestInvalid, message()))
}

fn accepted(result: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, Failure> {
    let response = result
        .map_err(|error| Failure::internal(format!("the server does not answer: {error}")))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    match read::<Problem>(response) {
        Ok(problem) => Err(problem.into()),
        Err(_) => Err(Failure::internal(format!("the server answered {status}"))),
    }
}

fn read<T: DeserializeOwned>(mut response: Response<Body>) -> Result<T, Failure> {
    response
        .body_mut()
        .read_json()
        .map_err(|error| Failure::internal(format!("the server's answer cannot be read: {error}")))
}
