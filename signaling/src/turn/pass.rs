//! What one viewer gets: credentials in its welcome, and a way to its streamer.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use streamspace_protocol::{IceServer, Secret, ServerSignal, SessionId, ViewerId};

use super::{Credentials, Grant, Grants, MediaAddresses, SharedSecret};

/// How long credentials are good for new allocations. Those that are there go on; whoever comes back
/// gets new credentials.
const CREDENTIALS_TIME: Duration = Duration::from_secs(12 * 3600);

/// The TURN server that viewers are told of. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Turn {
    urls: Vec<String>,
    secret: SharedSecret,
    /// Of our own server; another one knows nothing of sessions.
    grants: Option<Arc<Grants>>,
}

/// One viewer's; it may relay as long as this lives.
#[derive(Debug)]
pub struct Pass {
    server: IceServer,
    grant: Option<Grant>,
}

impl Turn {
    /// Another TURN server that shares this secret, such as coturn with `use-auth-secret`. What it
    /// relays to is for its own configuration to say.
    pub fn external(urls: Vec<String>, secret: SharedSecret) -> Self {
        Self {
            urls,
            secret,
            grants: None,
        }
    }

    /// The server in this process that relays for these grants.
    pub fn built_in(urls: Vec<String>, secret: SharedSecret, grants: Arc<Grants>) -> Self {
        Self {
            urls,
            secret,
            grants: Some(grants),
        }
    }

    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Lets a viewer relay to its streamer, until `until` if that is said.
    pub fn admit(
        &self,
        session: &SessionId,
        viewer: ViewerId,
        media: MediaAddresses,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Pass {
        let holder = format!("{}.{}", session.as_str(), viewer.0);
        let longest = now
            .saturating_add(CREDENTIALS_TIME)
            .expect("a std Duration is an absolute length of time");
        let end = until.map_or(longest, |until| until.min(longest));
        let Credentials { username, password } = self.secret.issue(&holder, end);
        let grant = self.grants.as_ref();
        Pass {
            server: IceServer {
                urls: self.urls.clone(),
                username: Some(username),
                credential: Some(password),
            },
            grant: grant.map(|grants| grants.grant(holder, media)),
        }
    }
}

impl Pass {
    /// Looks at what a streamer says to its viewer: the server is told with the welcome, and where the
    /// streamer takes media is learnt before the browser can ask to go there.
    pub fn accompany(&self, signal: &mut ServerSignal) {
        match signal {
            ServerSignal::Welcome { ice_servers, .. } => ice_servers.push(self.server.clone()),
            ServerSignal::Answer { sdp } => self.learn(sdp, Grant::learn_sdp),
            ServerSignal::Candidate(candidate) => {
                self.learn(&candidate.candidate, Grant::learn_candidate);
            }
            ServerSignal::Copied { .. } | ServerSignal::Active | ServerSignal::Error { .. } => (),
        }
    }

    fn learn(&self, text: &Secret, learn: fn(&Grant, &str)) {
        if let Some(grant) = &self.grant {
            learn(grant, text.expose());
        }
    }
}

#[cfg(test)]
mod tests {
    use streamspace_protocol::{DisplaySize, Role};

    use super::*;
    use crate::turn::TurnLimits;

    fn welcomed(pass: &Pass) -> IceServer {
        let mut welcome = ServerSignal::Welcome {
            session: "desk".parse().expect("a name"),
            viewer: ViewerId(7),
            role: Role::View,
            display: DisplaySize {
                width: 640,
                height: 480,
            },
            ice_servers: Vec::new(),
            resume: None,
        };
        pass.accompany(&mut welcome);
        let ServerSignal::Welcome {
            mut ice_servers, ..
        } = welcome
        else {
            panic!("not a welcome any more");
        };
        ice_servers.pop().expect("the server")
    }

    #[test]
    fn each_viewer_is_told_credentials_of_its_own_that_end() {
        let secret = SharedSecret::random().expect("randomness");
        let turn = Turn::external(vec!["turn:a.example".into()], secret);
        let session = "desk".parse().expect("a name");
        let now = Timestamp::from_second(1000).expect("a time");
        let admit = |viewer, until| {
            let media = MediaAddresses::default();
            welcomed(&turn.admit(&session, ViewerId(viewer), media, until, now))
        };
        let server = admit(7, None);
        assert_eq!(server.urls, ["turn:a.example"]);
        assert_eq!(server.username.as_deref(), Some("44200:desk.7"));
        assert_ne!(server.credential, admit(8, None).credential);
        let guest = admit(9, Some(Timestamp::from_second(1060).expect("a time")));
        assert_eq!(guest.username.as_deref(), Some("1060:desk.9"));
    }

    #[test]
    fn a_viewer_may_relay_as_long_as_its_pass_lives() {
        let grants = Arc::new(Grants::new(TurnLimits::default()));
        let secret = SharedSecret::random().expect("randomness");
        let turn = Turn::built_in(Vec::new(), secret, grants.clone());
        let session = "desk".parse().expect("a name");
        let media = MediaAddresses::default();
        let pass = turn.admit(&session, ViewerId(7), media, None, Timestamp::now());
        assert!(grants.place("desk.7").is_ok());
        drop(pass);
        assert!(grants.place("desk.7").is_err());
    }
}
